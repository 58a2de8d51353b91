package directory

import (
	"errors"
	"testing"
)

// Where the journal cannot be written, neither can what it tells of: they are one
// transaction.
func TestSQLiteJournalAndChangeAreOneWrite(t *testing.T) {
	s := openSQLite(t, inMemory)
	now := soon()
	ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
	c := claim(t, s, ref, intent("one", Creating, now), now)
	broken := func(text string) {
		err := s.apply(t.Context(), func(n *session) error {
			return n.run(text)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	broken(`CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(FAIL, 'broken'); END`)
	bob := noted(user(t, newID(), "bob", ""), "r-2")
	if err := s.Create(t.Context(), acme, bob, slot0); err == nil {
		t.Error("created without an entry")
	}
	if _, err := s.Update(t.Context(), acme, ref, slot0, notedEdit(set("title", "x"), "r-3")); err == nil {
		t.Error("changed without an entry")
	}
	o := delivered("r1")
	o.Attempt = &Attempt{Op: ToCreate, Outcome: WasDone}
	if err := s.Commit(t.Context(), c, o); err == nil {
		t.Error("delivered without an entry")
	}
	broken(`DROP TRIGGER broken`)
	if _, err := s.Get(t.Context(), acme, Ref{"User", bob.ID}); !errors.Is(err, ErrNotFound) {
		t.Errorf("bob: %v", err)
	}
	if r, err := s.Get(t.Context(), acme, ref); err != nil || r.Version != 1 {
		t.Errorf("ana: %+v, %v", r, err)
	}
	if d := item(t, s, ref); d.Delivered != 0 || d.Intent == nil {
		t.Errorf("ana's delivery: %+v", d)
	}
	told(t, s, JournalQuery{}, "1 r-1 POST")
	commit(t, s, c, o)
	told(t, s, JournalQuery{}, "1 r-1 POST", "1 r-1 create done")
}
