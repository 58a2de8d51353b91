package directory

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestDeliver(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", `,"title":"x"`), 0)
		if got := due(t, s, now); len(got) != 1 || got[0] != ref {
			t.Fatalf("due: %v", got)
		}
		c := claim(t, s, ref, intent("one", Creating, now.Add(time.Minute)), now)
		if c.Resource.Version != 1 || text(t, c.Resource, "title") != "x" || c.Deleted || c.Doubt || c.Tenant != acme {
			t.Errorf("claimed %+v", c)
		}
		if i := c.Delivery.Intent; i == nil || i.ID != "one" || i.Version != 1 || i.Op != Creating {
			t.Errorf("intent %+v", c.Delivery.Intent)
		}
		commit(t, s, c, delivered("r1"))
		d := item(t, s, ref)
		if d.State != Clean || d.Delivered != 1 || d.RemoteID != "r1" || d.SentHash != "h" || d.RulesRev != 3 || len(d.Sent) != 1 || d.Intent != nil {
			t.Errorf("delivered: %+v", d)
		}
		if got := due(t, s, now.Add(time.Hour)); len(got) != 0 {
			t.Errorf("still due: %v", got)
		}
		if _, err := s.Claim(t.Context(), acme, 0, ref, intent("two", Updating, now), now); !errors.Is(err, ErrNotDue) {
			t.Errorf("claimed what is clean: %v", err)
		}
		if err := s.Commit(t.Context(), c, delivered("r2")); !errors.Is(err, ErrSuperseded) {
			t.Errorf("committed twice: %v", err)
		}
		gone := &Claim{Tenant: acme, Resource: user(t, "never", "never", ""), Delivery: c.Delivery}
		if err := s.Commit(t.Context(), gone, delivered("r2")); !errors.Is(err, ErrSuperseded) {
			t.Errorf("committed what is not there: %v", err)
		}
	})
}

// A change during the push keeps the resource due; a commit that another claim
// has superseded changes nothing.
func TestSuperseded(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		one := claim(t, s, ref, intent("one", Updating, now.Add(time.Minute)), now)
		update(t, s, acme, ref, set("title", "newer"), 0)
		two := claim(t, s, ref, intent("two", Updating, now.Add(2*time.Minute)), now)
		if !two.Doubt || two.Delivery.Crashes != 1 || two.Resource.Version != 2 {
			t.Errorf("over an open intent: %+v", two)
		}
		if v := two.Delivery.Verify; v == nil || v.Nonce == "" || v.After.Before(now.Add(2*time.Minute)) {
			t.Errorf("doubt brought %+v", v)
		}
		if err := s.Commit(t.Context(), one, delivered("stale")); !errors.Is(err, ErrSuperseded) {
			t.Errorf("a stale commit: %v", err)
		}
		if d := item(t, s, ref); d.RemoteID != "" || d.Delivered != 0 || d.Intent.ID != "two" {
			t.Errorf("a stale commit wrote: %+v", d)
		}
		if d := item(t, s, ref); d.Crashes != 0 {
			t.Errorf("who committed too late is counted as dead: %+v", d)
		}
		update(t, s, acme, ref, set("title", "newest"), 0)
		commit(t, s, two, delivered("r"))
		d := item(t, s, ref)
		if d.State != Due || d.Delivered != 2 || d.Due.After(now) || d.Verify == nil {
			t.Errorf("a newer version is owed: %+v", d)
		}
		commit(t, s, claim(t, s, ref, intent("three", Updating, now), now), delivered("r"))
		if d = item(t, s, ref); d.State != Due || !d.Due.Equal(d.Verify.After) || d.Crashes != 0 {
			t.Errorf("a verification is owed: %+v", d)
		}
	})
}

func TestVerified(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		doubt := func(id string) string {
			claim(t, s, ref, intent(id+"1", Updating, now.Add(time.Minute)), now)
			c := claim(t, s, ref, intent(id+"2", Updating, now.Add(time.Minute)), now)
			if err := s.Verified(t.Context(), acme, 0, ref, c.Delivery.Verify.Nonce, true, now); !errors.Is(err, ErrSuperseded) {
				t.Errorf("verified during an attempt: %v", err)
			}
			commit(t, s, c, delivered("r"))
			return c.Delivery.Verify.Nonce
		}
		nonce := doubt("a")
		if err := s.Verified(t.Context(), acme, 0, ref, "other", true, now); !errors.Is(err, ErrSuperseded) {
			t.Errorf("a wrong nonce: %v", err)
		}
		if err := s.Verified(t.Context(), acme, 0, ref, nonce, true, now); err != nil {
			t.Error(err)
		}
		if d := item(t, s, ref); d.State != Clean || d.Verify != nil || d.Delivered != 1 {
			t.Errorf("verified: %+v", d)
		}
		update(t, s, acme, ref, set("title", "x"), 0)
		nonce = doubt("b")
		if err := s.Verified(t.Context(), acme, 0, ref, nonce, false, now); err != nil {
			t.Error(err)
		}
		if d := item(t, s, ref); d.State != Due || d.Delivered != 0 || d.Due.After(now) || d.RemoteID != "r" {
			t.Errorf("found different: %+v", d)
		}
	})
}

func TestRetryAndPark(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		later := now.Add(time.Hour)
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		failure := Failure{Class: "transient", Status: 503, Reason: "away", At: now}
		commit(t, s, claim(t, s, ref, intent("a", Updating, now), now), Outcome{Retry: &Retry{At: later, Failure: failure}})
		d := item(t, s, ref)
		if d.State != Due || !d.Due.Equal(later) || d.Attempts != 1 || d.Intent != nil || d.Failure == nil || d.Failure.Status != 503 {
			t.Errorf("retry: %+v", d)
		}
		if len(due(t, s, now)) != 0 || len(due(t, s, later)) != 1 {
			t.Error("due at the wrong time")
		}
		if next, err := s.NextDue(t.Context(), acme, 0); err != nil || !next.Equal(later) {
			t.Errorf("next due %v, %v", next, err)
		}
		if owing, _ := s.Owing(t.Context(), "", now, 9); len(owing) != 0 {
			t.Errorf("owing before its time: %v", owing)
		}
		commit(t, s, claim(t, s, ref, intent("b", Updating, later), later), Outcome{Retry: &Retry{At: later, Failure: failure, Spare: true}})
		if d = item(t, s, ref); d.Attempts != 1 {
			t.Errorf("a spared attempt counted: %+v", d)
		}
		commit(t, s, claim(t, s, ref, intent("c", Updating, later), later), Outcome{Park: &failure})
		if d = item(t, s, ref); d.State != Parked || d.Failure == nil || d.Attempts != 1 {
			t.Errorf("parked: %+v", d)
		}
		if parked, err := s.Deliveries(t.Context(), acme, 0, Parked, 9); err != nil || len(parked) != 1 || parked[0].Ref != ref {
			t.Errorf("parked list: %v, %v", parked, err)
		}
		if _, err := s.Claim(t.Context(), acme, 0, ref, intent("d", Updating, later), later); !errors.Is(err, ErrNotDue) {
			t.Errorf("claimed what is parked: %v", err)
		}
		update(t, s, acme, ref, set("title", "fixed"), 0)
		if d = item(t, s, ref); d.State != Due || d.Attempts != 0 || d.Failure != nil {
			t.Errorf("freed by a new version: %+v", d)
		}
		c := claim(t, s, ref, intent("e", Updating, now), now)
		update(t, s, acme, ref, set("title", "fixed again"), 0)
		commit(t, s, c, Outcome{Park: &failure})
		if d = item(t, s, ref); d.State != Due || d.Due.After(now) || d.Attempts != 0 {
			t.Errorf("parking left a newer version as %+v", d)
		}
	})
}

// What was created and not answered is left in peace until it must have landed.
func TestQuietTime(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		quiet := now.Add(time.Minute)
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		c := claim(t, s, ref, intent("a", Creating, quiet), now)
		unknown := Retry{At: now, Unknown: true, Op: Creating, Failure: Failure{Class: "transient", At: now}}
		commit(t, s, c, Outcome{Retry: &unknown})
		if d := item(t, s, ref); d.Intent == nil || !d.Intent.Ended || d.Attempts != 1 || !d.Due.Equal(quiet) {
			t.Errorf("unknown: %+v", d)
		}
		update(t, s, acme, ref, set("title", "newer"), 0)
		if _, err := s.Claim(t.Context(), acme, 0, ref, intent("b", Creating, quiet), now); !errors.Is(err, ErrNotDue) {
			t.Errorf("claimed in the quiet time: %v", err)
		}
		if got := due(t, s, now); len(got) != 0 {
			t.Errorf("asked in vain, and still due: %v", got)
		}
		if next, _ := s.NextDue(t.Context(), acme, 0); !next.Equal(quiet) {
			t.Errorf("next due %v", next)
		}
		c = claim(t, s, ref, intent("c", Creating, quiet.Add(time.Minute)), quiet)
		if !c.Doubt || c.Delivery.Verify != nil || c.Delivery.Crashes != 0 || c.Resource.Version != 2 {
			t.Errorf("after the quiet time: %+v", c)
		}
		commit(t, s, c, delivered("r"))
		if d := item(t, s, ref); d.State != Clean || d.Delivered != 2 {
			t.Errorf("delivered: %+v", d)
		}
	})
}

// Of 32 workers that claim one creation at the same time, one has it: reading and
// the intent are one step.
func TestOneClaimWins(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for round := range 5 {
			now := soon()
			ref := create(t, s, acme, user(t, newID(), fmt.Sprint(round), ""), 0)
			var won atomic.Int32
			var workers sync.WaitGroup
			for i := range 32 {
				workers.Go(func() {
					_, err := s.Claim(t.Context(), acme, 0, ref, intent(fmt.Sprint(i), Creating, now.Add(time.Minute)), now)
					if err == nil {
						won.Add(1)
					} else if !errors.Is(err, ErrNotDue) {
						t.Error(err)
					}
				})
			}
			workers.Wait()
			if won.Load() != 1 {
				t.Errorf("%d workers have it", won.Load())
			}
		}
	})
}

// A worker that dies is counted, not as an attempt, and forgotten once one lives.
func TestCrashes(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		for i := range 3 {
			c := claim(t, s, ref, intent(fmt.Sprint(i), Updating, now), now)
			if c.Delivery.Crashes != i || c.Delivery.Attempts != 0 || c.Doubt != (i > 0) {
				t.Errorf("after %d crashes: %+v", i, c)
			}
		}
		c := claim(t, s, ref, intent("last", Updating, now), now)
		commit(t, s, c, Outcome{Retry: &Retry{At: now, Unknown: true}})
		if c = claim(t, s, ref, intent("alive", Updating, now), now); !c.Doubt || c.Delivery.Crashes != 0 || c.Delivery.Attempts != 1 {
			t.Errorf("after one that lived: %+v", c)
		}
	})
}
