package directory

import (
	"context"
	"fmt"
	"testing"
	"time"

	"scimgate/tenant"
)

// A survey walks everything of one tenant, whatever its state, and nobody else's.
func TestSurvey(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		want := map[Ref]State{}
		for i := range 7 {
			ref := create(t, s, acme, user(t, newID(), fmt.Sprintf("u%d@example.com", i), ""), 0)
			want[ref] = Due
			if i%2 == 0 {
				commit(t, s, claim(t, s, ref, intent("i", Creating, now), now), delivered(fmt.Sprint("r", i)))
				want[ref] = Clean
			}
			if i == 4 {
				remove(t, s, ref, now, "r4")
			}
			create(t, s, other, user(t, newID(), fmt.Sprintf("u%d@example.com", i), ""), 0)
		}
		create(t, s, acme, group(newID(), "Cooks"), 0)
		after := ""
		for page := 0; ; page++ {
			found, err := s.Survey(t.Context(), acme, 0, "User", after, 3)
			if err != nil || page > 2 {
				t.Fatal(page, err)
			}
			for _, f := range found {
				if state, ok := want[f.Ref]; !ok || f.Delivery.State != state || f.Resource.ID != f.Ref.ID || f.Ref.ID <= after {
					t.Errorf("surveyed %+v", f)
				}
				if f.Deleted != (f.Delivery.RemoteID == "r4") {
					t.Errorf("deleted is %v: %+v", f.Deleted, f.Delivery)
				}
				after = f.Ref.ID
				delete(want, f.Ref)
			}
			if len(found) < 3 {
				break
			}
		}
		if len(want) > 0 {
			t.Errorf("not seen: %v", want)
		}
	})
}

// Suspect has what is clean compared, page by page, and leaves the rest alone.
func TestSuspect(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		var clean []Ref
		for i := range 5 {
			ref := create(t, s, acme, user(t, newID(), fmt.Sprintf("u%d@example.com", i), ""), 0)
			if i != 2 {
				commit(t, s, claim(t, s, ref, intent("i", Creating, now), now), delivered(fmt.Sprint("r", i)))
				clean = append(clean, ref)
			}
		}
		next, n, err := s.Suspect(t.Context(), acme, 0, "", 3, now)
		if err != nil || n != 2 || next == "" {
			t.Fatal(next, n, err)
		}
		if next, n, err = s.Suspect(t.Context(), acme, 0, next, 3, now); err != nil || n != 2 || next != "" {
			t.Fatal(next, n, err)
		}
		if _, n, err = s.Suspect(t.Context(), acme, 0, "", 9, now); err != nil || n != 0 {
			t.Errorf("what is compared already: %d, %v", n, err)
		}
		for i, ref := range clean {
			d := item(t, s, ref)
			if d.State != Due || d.Verify == nil || d.Delivered != 1 || d.Verify.After.After(now) {
				t.Errorf("suspected: %+v", d)
			}
			if err := s.Verified(t.Context(), acme, 0, ref, d.Verify.Nonce, i > 0, now); err != nil {
				t.Error(err)
			}
		}
		if d := item(t, s, clean[0]); d.State != Due || d.Delivered != 0 {
			t.Errorf("what differs: %+v", d)
		}
		if d := item(t, s, clean[1]); d.State != Clean {
			t.Errorf("what does not: %+v", d)
		}
	})
}

// A race that is lost on the way does not count a user twice.
func TestSuspectCountsOnce(t *testing.T) {
	s := openSQLite(t, inMemory)
	now := soon()
	ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
	commit(t, s, claim(t, s, ref, intent("i", Creating, now), now), delivered("r"))
	var losing stepper = func(ctx context.Context, id tenant.ID, slot tenant.Slot, key string,
		f func(stored, record) (record, bool, error),
	) error {
		return s.step(ctx, id, slot, key, func(row stored, was record) (record, bool, error) {
			_, _, _ = f(row, was) // as where somebody else was quicker
			return f(row, was)
		})
	}
	if _, n, err := suspectUsers(t.Context(), s, losing, acme, 0, "", 9, now); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
}

// Only what is parked and has nothing at the account is adopted, once; what parks
// it again makes it a stranger again.
func TestAdopt(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		adopt := func(want bool) {
			t.Helper()
			if ok, err := s.Adopt(t.Context(), acme, 0, ref, "", "r7", now); ok != want || err != nil {
				t.Fatal(ok, err)
			}
		}
		push := func(op Op, o Outcome) Delivery {
			t.Helper()
			commit(t, s, claim(t, s, ref, intent("i", op, now), now), o)
			return item(t, s, ref)
		}
		parked := Outcome{Park: &Failure{Class: "conflict", At: now}}
		late := create(t, s, acme, user(t, newID(), "bob@example.com", ""), 0)
		if ok, err := s.Adopt(t.Context(), acme, 0, late, "", "r9", now); !ok || err != nil {
			t.Fatal("one who was never delivered", ok, err)
		}
		claim(t, s, ref, intent("lost", Updating, now), now)
		adopt(false) // under way
		push(Creating, parked)
		if ok, err := s.Adopt(t.Context(), other, 0, ref, "", "r7", now); ok || err != nil {
			t.Fatal("another tenant's is adopted", err)
		}
		adopt(true)
		adopt(false) // adopted already
		if d := item(t, s, ref); d.State != Due || d.RemoteID != "r7" || !d.Adopting || d.Failure != nil {
			t.Errorf("adopting: %+v", d)
		}
		if d := push(Updating, parked); d.State != Parked || d.RemoteID != "" || d.Adopting {
			t.Errorf("refused: %+v", d)
		}
		adopt(true)
		if d := push(Updating, Outcome{Retry: &Retry{At: now.Add(-time.Second), Unknown: true}}); !d.Adopting || d.RemoteID != "r7" {
			t.Errorf("in doubt: %+v", d)
		}
		if d := push(Updating, delivered("r7")); d.Adopting || d.RemoteID != "r7" || d.Delivered != 1 {
			t.Errorf("adopted: %+v", d)
		}
		adopt(false) // ours
		set := set("title", "x")
		if _, err := s.Update(t.Context(), acme, ref, slot0, set); err != nil {
			t.Fatal(err)
		}
		push(Updating, parked)
		adopt(false) // its account user is another one than is believed
		if ok, err := s.Adopt(t.Context(), acme, 0, ref, "r7", "r8", now); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if d := push(Updating, parked); d.RemoteID != "r7" || d.Former != "" {
			t.Errorf("refused: %+v", d)
		}
	})
}
