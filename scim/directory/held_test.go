package directory

import (
	"fmt"
	"testing"
)

// Who is held waits in a list of its own, and leaves it released, discarded or
// changed; only those that were asked for, and only here.
func TestHeld(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		hold := func(n int) Ref {
			ref := create(t, s, acme, user(t, newID(), fmt.Sprintf("u%d@example.com", n), ""), 0)
			commit(t, s, claim(t, s, ref, intent("c", Creating, now), now), delivered("r"))
			update(t, s, acme, ref, set("active", "false"), 0)
			failure := Failure{Class: "guard", Reason: "many", At: now}
			commit(t, s, claim(t, s, ref, intent("d", Updating, now), now),
				Outcome{Retry: &Retry{At: now, Spare: true, Failure: failure, Departure: Withheld}})
			return ref
		}
		var refs []Ref
		for n := range walkAtOnce + 4 {
			refs = append(refs, hold(n))
		}
		list := func() []Item {
			items, err := s.Deliveries(t.Context(), acme, 0, Held, 2*walkAtOnce)
			if err != nil {
				t.Fatal(err)
			}
			return items
		}
		if items := list(); len(items) != len(refs) || items[0].Delivery.Departure != Withheld || items[0].Delivery.Failure.Class != "guard" {
			t.Fatalf("held: %+v", items)
		}
		if owing, err := s.Owing(t.Context(), "", now, 9); err != nil || len(owing) != 0 || len(due(t, s, now)) != 0 {
			t.Errorf("held is not due: %v, %v", owing, err)
		}
		if n, err := s.Release(t.Context(), "acme2", 0, nil, now); err != nil || n != 0 {
			t.Errorf("released %d of another tenant, %v", n, err)
		}
		if n, err := s.Release(t.Context(), acme, 0, []string{refs[0].ID, "nobody", refs[0].ID}, now); err != nil || n != 1 {
			t.Errorf("released %d, %v", n, err)
		}
		if d := item(t, s, refs[0]); d.State != Due || d.Departure != Granted || d.Failure != nil {
			t.Errorf("released: %+v", d)
		}
		if n, err := s.Discard(t.Context(), acme, 0, []string{refs[0].ID, refs[1].ID}); err != nil || n != 1 {
			t.Errorf("discarded %d, %v", n, err)
		}
		if d := item(t, s, refs[1]); d.State != Clean || d.Departure != Refused || d.Delivered != 2 || d.SentHash != "h" {
			t.Errorf("discarded: %+v", d)
		}
		update(t, s, acme, refs[1], set("title", "x"), 0)
		update(t, s, acme, refs[2], set("title", "x"), 0)
		if left, held := item(t, s, refs[1]), item(t, s, refs[2]); left.Departure != "" || held.Departure != Withheld || held.State != Due {
			t.Errorf("changed: %+v and %+v", left, held)
		}
		if n, err := s.Release(t.Context(), acme, 0, nil, now); err != nil || n != len(refs)-3 || len(list()) != 0 {
			t.Errorf("released %d, %v; left %v", n, err, list())
		}
	})
}
