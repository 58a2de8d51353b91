package tenant

import (
	"errors"
	"strconv"
	"sync"
	"testing"
)

func eachNotes(t *testing.T, test func(*testing.T, Store, Notes)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s Store) { test(t, s, s.(Notes)) })
}

func putNote(t *testing.T, n Notes, id ID, name, body string) {
	t.Helper()
	must(t, n.EditNote(t.Context(), id, name, func([]byte) ([]byte, bool, error) { return []byte(body), true, nil }))
}

func wantNote(t *testing.T, n Notes, id ID, name, want string) {
	t.Helper()
	got, err := n.Note(t.Context(), id, name)
	if err != nil || string(got) != want || want == "" && got != nil {
		t.Errorf("%s of %s: %q, %v; want %q", name, id, got, err, want)
	}
}

// Two tenants, the second's id a prefix of the first's, never meet.
func TestNotesIsolation(t *testing.T) {
	eachNotes(t, func(t *testing.T, s Store, n Notes) {
		mustCreate(t, s, "acme", "acme-eu")
		wantNote(t, n, "acme", "audit/1", "")
		putNote(t, n, "acme", "audit/1", "a")
		putNote(t, n, "acme", "audit/1/0", "b")
		putNote(t, n, "acme", "audits", "c")
		putNote(t, n, "acme-eu", "audit/1", "d")
		must(t, n.DropNotes(t.Context(), "acme", "audit/"))
		wantNote(t, n, "acme", "audit/1", "")
		wantNote(t, n, "acme", "audit/1/0", "")
		wantNote(t, n, "acme", "audits", "c")
		wantNote(t, n, "acme-eu", "audit/1", "d")
		must(t, s.DeleteTenant(t.Context(), "acme"))
		wantErr(t, "gone", n.EditNote(t.Context(), "acme", "audits", func([]byte) ([]byte, bool, error) { return nil, true, nil }), ErrNotFound)
		mustCreate(t, s, "acme")
		wantNote(t, n, "acme", "audits", "")
		wantNote(t, n, "acme-eu", "audit/1", "d")
	})
}

func TestNotesLoseNoEdit(t *testing.T) {
	eachNotes(t, func(t *testing.T, s Store, n Notes) {
		mustCreate(t, s, "acme")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					err := n.EditNote(t.Context(), "acme", "count", func(was []byte) ([]byte, bool, error) {
						count, _ := strconv.Atoi(string(was))
						return []byte(strconv.Itoa(count + 1)), true, nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wantNote(t, n, "acme", "count", "20")
		must(t, n.EditNote(t.Context(), "acme", "count", func([]byte) ([]byte, bool, error) { return []byte("x"), false, nil }))
		own := errors.New("no")
		wantErr(t, "its own error", n.EditNote(t.Context(), "acme", "count", func([]byte) ([]byte, bool, error) { return nil, true, own }), own)
		wantNote(t, n, "acme", "count", "20")
	})
}
