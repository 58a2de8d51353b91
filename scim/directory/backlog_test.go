package directory

import (
	"slices"
	"testing"
	"time"

	"scimgate/tenant"
)

// counted is what a tenant has due, parked and held at a slot.
func counted(tb testing.TB, s Deliveries, t tenant.ID, slot tenant.Slot, limit int) (n [3]int) {
	tb.Helper()
	for i, state := range []State{Due, Parked, Held} {
		var err error
		if n[i], err = s.Count(tb.Context(), t, slot, state, limit); err != nil {
			tb.Fatal(err)
		}
	}
	return n
}

func havingOf(tb testing.TB, s Deliveries, state State, after tenant.ID) []tenant.ID {
	tb.Helper()
	all, err := s.Having(tb.Context(), state, after, 2)
	if err != nil {
		tb.Fatal(err)
	}
	return slices.DeleteFunc(all, func(t tenant.ID) bool { return t != acme && t != other })
}

func TestBacklog(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		failure := Failure{Class: "rejected", Reason: "x", At: now}
		for i := range 5 {
			ref := create(t, s, acme, user(t, newID(), "u"+string(rune('a'+i)), ""), 0)
			switch i {
			case 0:
				commit(t, s, claim(t, s, ref, intent("a", Updating, now), now), Outcome{Park: &failure})
			case 1: // due, but not yet
				commit(t, s, claim(t, s, ref, intent("b", Updating, now), now), Outcome{Retry: &Retry{At: now.Add(time.Hour), Failure: failure}})
			}
		}
		create(t, s, other, user(t, newID(), "elsewhere", ""), 0)
		if n := counted(t, s, acme, 0, 100); n != [3]int{4, 1, 0} {
			t.Errorf("counted %v", n)
		}
		if n := counted(t, s, acme, 0, 2); n != [3]int{2, 1, 0} {
			t.Errorf("counted to two %v", n)
		}
		if n := counted(t, s, acme, 1, 100); n != [3]int{} {
			t.Errorf("another slot has %v", n)
		}
		if n := counted(t, s, other, 0, 100); n != [3]int{1, 0, 0} {
			t.Errorf("another tenant has %v", n)
		}
		if n := counted(t, s, acme, 0, 0); n != [3]int{} {
			t.Errorf("counted to none %v", n)
		}
		if got := havingOf(t, s, Parked, ""); !slices.Equal(got, []tenant.ID{acme}) {
			t.Errorf("parked: %v", got)
		}
		if got := havingOf(t, s, Due, acme); !slices.Equal(got, []tenant.ID{other}) {
			t.Errorf("behind the first one: %v", got)
		}
	})
}

// Since when something is owed outlives attempts that fail, and begins anew with a
// change, with a success, and when it is made due anew.
func TestSince(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana", ""), 0)
		first := item(t, s, ref).Due
		fail := func(id string, at time.Time) {
			t.Helper()
			c := claim(t, s, ref, intent(id, Creating, at.Add(time.Second)), at)
			if !c.Delivery.Since.Equal(first) {
				t.Errorf("%s: owed since %v, want %v", id, c.Delivery.Since, first)
			}
			commit(t, s, c, Outcome{Retry: &Retry{At: at.Add(time.Minute), Failure: Failure{Class: "transient", At: at}}})
		}
		fail("one", now)
		fail("two", now.Add(2*time.Minute))
		update(t, s, acme, ref, set("title", "x"), 0)
		first = item(t, s, ref).Due
		fail("three", now.Add(4*time.Minute))
		commit(t, s, claim(t, s, ref, intent("four", Updating, now), now.Add(6*time.Minute)), delivered("r"))
		if since := item(t, s, ref).Since; !since.IsZero() {
			t.Errorf("delivered, and owed since %v", since)
		}
		first = now.Add(8 * time.Minute)
		if _, err := s.Resync(t.Context(), acme, 0, []string{"User"}, first); err != nil {
			t.Fatal(err)
		}
		fail("five", first)
	})
}

// What made a version is known with its trace, where it has one, to whoever claims.
func TestTraceOfAClaim(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		made := func(request, trace string) {
			t.Helper()
			r := noted(user(t, newID(), "u"+request, ""), request)
			r.Note.Trace = trace
			ref := create(t, s, acme, r, 0)
			c := claim(t, s, ref, intent(request, Updating, now), now)
			if c.Request != request || c.Trace != trace {
				t.Errorf("made by %q of trace %q, want %q of %q", c.Request, c.Trace, request, trace)
			}
			o := delivered("r")
			o.Attempt = &Attempt{Op: ToCreate, Outcome: WasDone}
			commit(t, s, c, o)
			told(t, s, JournalQuery{Request: request}, "1 "+request+" POST", "1 "+request+" create done")
		}
		made("r1", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
		made("r2", "")
	})
}
