package directory

import (
	"testing"
	"time"
)

// soon is when these tests take place: a while after whatever they wrote.
func soon() time.Time { return time.Now().Add(time.Minute).Truncate(time.Millisecond).UTC() }

func intent(id string, op Op, quiet time.Time) Intent {
	return Intent{ID: id, Op: op, QuietUntil: quiet, Name: "ana@example.com"}
}

func claim(tb testing.TB, s Deliveries, ref Ref, i Intent, now time.Time) *Claim {
	tb.Helper()
	c, err := s.Claim(tb.Context(), acme, 0, ref, i, now)
	if err != nil {
		tb.Fatalf("claim %s: %v", i.ID, err)
	}
	return c
}

func commit(tb testing.TB, s Deliveries, c *Claim, o Outcome) {
	tb.Helper()
	if err := s.Commit(tb.Context(), c, o); err != nil {
		tb.Fatalf("commit %s: %v", c.Delivery.Intent.ID, err)
	}
}

func delivered(remoteID string) Outcome {
	return Outcome{Done: &Done{RemoteID: remoteID, Sent: []string{"userName"}, SentHash: "h", RulesRev: 3}}
}

func item(tb testing.TB, s Deliveries, ref Ref) Delivery {
	tb.Helper()
	i, err := s.Delivery(tb.Context(), acme, 0, ref)
	if err != nil {
		tb.Fatal(err)
	}
	return i.Delivery
}

func due(tb testing.TB, s Deliveries, now time.Time) []Ref {
	tb.Helper()
	refs, err := s.DueNow(tb.Context(), acme, 0, now, 100)
	if err != nil {
		tb.Fatal(err)
	}
	return refs
}

// remove deletes and delivers the deletion, keeping remoteID.
func remove(tb testing.TB, s subject, ref Ref, now time.Time, remoteID string) {
	tb.Helper()
	if err := s.Delete(tb.Context(), acme, ref, slot0, nil); err != nil {
		tb.Fatal(err)
	}
	commit(tb, s, claim(tb, s, ref, intent("r", Removing, now), now), delivered(remoteID))
}

func TestLeaver(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		again := user(t, newID(), "ANA@example.com", "")
		leaver := func() *Item {
			i, err := s.Leaver(t.Context(), acme, 0, again)
			if err != nil {
				t.Fatal(err)
			}
			return i
		}
		if leaver() != nil {
			t.Error("a leaver before anybody left")
		}
		first := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		commit(t, s, claim(t, s, first, intent("a", Creating, now), now), delivered("r1"))
		if leaver() != nil {
			t.Error("who is there has not left")
		}
		if err := s.Delete(t.Context(), acme, first, slot0, nil); err != nil {
			t.Fatal(err)
		}
		if i := leaver(); i == nil || i.Ref != first || i.Delivery.State != Due || i.Delivery.Priority != Leaving {
			t.Errorf("undelivered: %+v", i)
		}
		c := claim(t, s, first, intent("b", Removing, now), now)
		if !c.Deleted || c.Resource.ID != first.ID || text(t, c.Resource, "userName") != "" || text(t, c.Resource, "id") != first.ID {
			t.Errorf("the tombstone: %s", c.Resource.Body())
		}
		commit(t, s, c, delivered("r1"))
		if i := leaver(); i == nil || i.Delivery.State != Clean || i.Delivery.RemoteID != "r1" {
			t.Errorf("delivered, with an account user: %+v", i)
		}
		for _, step := range []struct {
			remote string
			want   bool
		}{{"r2", false}, {"", false}, {"r1", true}, {"r1", false}} {
			if got, err := s.TakeOver(t.Context(), acme, 0, first, step.remote); err != nil || got != step.want {
				t.Errorf("taking over %q: %v, %v", step.remote, got, err)
			}
		}
		if i := leaver(); i != nil {
			t.Errorf("taken over: %+v", i)
		}
		second := create(t, s, acme, user(t, newID(), "Ana@example.com", ""), 0)
		remove(t, s, second, soon(), "r3")
		if i := leaver(); i == nil || i.Ref != second {
			t.Errorf("the second: %+v", i)
		}
		if i, _ := s.Leaver(t.Context(), other, 0, again); i != nil {
			t.Error("another tenant's leaver")
		}
	})
}
