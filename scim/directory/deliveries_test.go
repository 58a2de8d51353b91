package directory

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// soon is when these tests take place: a while after whatever they wrote.
func soon() time.Time { return time.Now().Add(time.Minute).Truncate(time.Millisecond).UTC() }

func intent(id string, op Op, quiet time.Time) Intent {
	return Intent{ID: id, Op: op, QuietUntil: quiet}
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

// What is replayed is sent whatever the account is believed to hold; what is not
// picked stays as it is.
func TestReplay(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		refs := map[string]Ref{}
		for _, name := range []string{"clean", "parked", "due", "other", "left", "vanished"} {
			r := user(t, newID(), name, "")
			refs[name] = Ref{"User", r.ID}
			create(t, s, acme, r, 0)
		}
		one := func(name string) *Claim { return claim(t, s, refs[name], intent(name, Updating, now), now) }
		for _, name := range []string{"clean", "other"} {
			commit(t, s, one(name), delivered("r"))
		}
		commit(t, s, one("parked"), Outcome{Park: &Failure{Class: "rejected", At: now}})
		remove(t, s, refs["left"], now, "r")
		remove(t, s, refs["vanished"], now, "")
		seen := map[string]Item{}
		pick := func(i Item, r *scim.Resource) (bool, error) {
			seen[i.Ref.ID] = i
			name := scim.NameKey(r)
			return i.Deleted || name != "other", nil
		}
		if n, err := s.Replay(t.Context(), acme, 0, users, pick, now); err != nil || n != 3 {
			t.Errorf("%d replayed, %v", n, err) // clean, parked, left; due is due already
		}
		if i := seen[refs["parked"].ID]; i.Delivery.State != Parked || i.Delivery.Failure.Class != "rejected" {
			t.Errorf("the pick saw %+v", i)
		}
		if d := item(t, s, refs["clean"]); d.State != Due || d.Delivered != 0 || d.RemoteID != "r" {
			t.Errorf("clean: %+v", d)
		}
		if d := item(t, s, refs["other"]); d.State != Clean || d.Delivered != 1 {
			t.Errorf("not picked: %+v", d)
		}
		if d := item(t, s, refs["left"]); d.State != Due || d.RemoteID != "r" {
			t.Errorf("left: %+v", d)
		}
		fault := errors.New("cannot tell")
		_, err := s.Replay(t.Context(), acme, 0, users, func(Item, *scim.Resource) (bool, error) { return false, fault }, now)
		if !errors.Is(err, fault) {
			t.Errorf("the pick's error became %v", err)
		}
		if n, err := s.Replay(t.Context(), "globex", 0, users, pick, now); n != 0 || err != nil {
			t.Errorf("another tenant: %d, %v", n, err)
		}
	})
}

func TestResync(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		states := map[string]Ref{}
		for _, name := range []string{"clean", "parked", "later", "due", "flying", "left", "vanished", "unsent"} {
			r := user(t, newID(), name, "")
			if states[name] = (Ref{"User", r.ID}); name == "unsent" {
				create(t, s, acme, r)
			} else {
				create(t, s, acme, r, 0)
			}
		}
		one := func(name string) *Claim {
			return claim(t, s, states[name], intent(name, Updating, now), now)
		}
		commit(t, s, one("clean"), delivered("r"))
		commit(t, s, one("parked"), Outcome{Park: &Failure{At: now}})
		commit(t, s, one("later"), Outcome{Retry: &Retry{At: now.Add(time.Hour)}})
		flying := one("flying")
		remove(t, s, states["left"], now, "r")
		remove(t, s, states["vanished"], now, "")
		if n, err := s.Resync(t.Context(), acme, 0, users, now); err != nil || n != 6 {
			t.Errorf("resync touched %d, %v", n, err) // clean, parked, later, flying, left, unsent
		}
		if got := due(t, s, now); len(got) != 7 {
			t.Errorf("%d due after resync", len(got))
		}
		if d := item(t, s, states["parked"]); d.Attempts != 0 || d.Failure != nil {
			t.Errorf("freed: %+v", d)
		}
		commit(t, s, flying, delivered("r")) // by the old rules
		if d := item(t, s, states["flying"]); d.State != Due || d.Delivered != 1 {
			t.Errorf("an attempt hid the resync: %+v", d)
		}
		commit(t, s, one("flying"), delivered("r"))
		if d := item(t, s, states["flying"]); d.State != Clean {
			t.Errorf("by the new rules: %+v", d)
		}
		if err := s.Forget(t.Context(), acme, 0); err != nil {
			t.Fatal(err)
		}
		if got := due(t, s, now); len(got) != 0 {
			t.Errorf("forgotten, but due: %v", got)
		}
		if d := item(t, s, states["clean"]); d.State != Clean || d.RemoteID != "" || d.Delivered != 0 {
			t.Errorf("forgotten: %+v", d)
		}
	})
}

func TestPurge(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		var refs []Ref
		for i := range 4 {
			refs = append(refs, create(t, s, acme, user(t, newID(), fmt.Sprint(i), ""), 0, 1))
		}
		for _, ref := range refs[:3] {
			if err := s.Delete(t.Context(), acme, ref, []tenant.Slot{0, 1}, nil); err != nil {
				t.Fatal(err)
			}
		}
		for i, slots := range [][]tenant.Slot{{0, 1}, {0}, {0, 1}} {
			for _, slot := range slots {
				c, err := s.Claim(t.Context(), acme, slot, refs[i], intent("x", Removing, now), now)
				if err != nil {
					t.Fatal(err)
				}
				commit(t, s, c, delivered(""))
			}
		}
		purge := func(before time.Time, limit int) int {
			n, err := s.Purge(t.Context(), before, limit)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := purge(now.Add(-time.Hour), 10); n != 0 {
			t.Errorf("purged %d before their time", n)
		}
		if n := purge(now.Add(time.Hour), 1); n != 1 {
			t.Errorf("purged %d, not 1", n)
		}
		if n := purge(now.Add(time.Hour), 10); n != 1 {
			t.Errorf("purged %d, not the one that is left", n)
		}
		for i, want := range []error{ErrNotFound, nil, ErrNotFound, nil} {
			if _, err := s.Delivery(t.Context(), acme, 0, refs[i]); !errors.Is(err, want) {
				t.Errorf("%d: %v, not %v", i, err, want)
			}
		}
	})
}

// 100,000 parked (10,000 in MongoDB) and one due: the one is found at once (that
// an index finds it is shown by TestStatementsAreIndexed).
func TestOwingBesideParked(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now, many := soon(), 100_000
		if _, ok := s.(*Mongo); ok {
			many = 10_000
		}
		parkMany(t, s, many, now)
		if parked, err := s.Deliveries(t.Context(), acme, 0, Parked, 2*many); err != nil || len(parked) != many {
			t.Fatalf("%d parked, %v", len(parked), err)
		}
		if owing, err := s.Owing(t.Context(), "", now, 10); err != nil || len(owing) != 0 {
			t.Errorf("only parked, but owing: %v, %v", owing, err)
		}
		ref := create(t, s, acme, user(t, "due", "due", ""), 0)
		began := time.Now()
		owing, err := s.Owing(t.Context(), "", now, 10)
		got := due(t, s, now)
		t.Logf("found beside %d in %v", many, time.Since(began))
		if err != nil || len(owing) != 1 || owing[0] != acme {
			t.Errorf("owing: %v, %v", owing, err)
		}
		if len(got) != 1 || got[0] != ref {
			t.Errorf("due: %v", got)
		}
	})
}

func TestWorkListOrder(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		a := create(t, s, acme, user(t, newID(), "a", ""), 0)
		time2 := create(t, s, acme, user(t, newID(), "b", `,"active":false`), 0)
		if err := s.Delete(t.Context(), acme, create(t, s, acme, user(t, newID(), "c", ""), 0), slot0, nil); err != nil {
			t.Fatal(err)
		}
		got := due(t, s, now)
		if len(got) != 3 || got[0] != time2 || got[2] != a {
			t.Errorf("leaving does not go first: %v", got)
		}
		if one, err := s.DueNow(t.Context(), acme, 0, now, 1); err != nil || len(one) != 1 || one[0] != time2 {
			t.Errorf("limited to one: %v, %v", one, err)
		}
		for _, who := range []tenant.ID{"b-corp", "b", "zeta", "acme-2"} {
			create(t, s, who, user(t, newID(), "x", ""), 3)
		}
		create(t, s, "b", user(t, newID(), "y", ""), 0)
		for i, who := range []tenant.ID{"zeta-2", "zeta-2", "zeta-3"} {
			create(t, s, who, user(t, newID(), fmt.Sprint(i), ""), 3)
		}
		for _, q := range []struct {
			after tenant.ID
			limit int
			want  string
		}{
			{"", 10, "[acme acme-2 b b-corp zeta zeta-2 zeta-3]"},
			{"", 2, "[acme acme-2]"},
			{"acme", 2, "[acme-2 b]"},
			{"acme-2", 3, "[b b-corp zeta]"},
			{"b", 2, "[b-corp zeta]"},
			{"zeta", 2, "[zeta-2 zeta-3]"},
			{"zeta-3", 10, "[]"},
		} {
			got, err := s.Owing(t.Context(), q.after, now, q.limit)
			if err != nil || fmt.Sprint(got) != q.want {
				t.Errorf("after %q: %v, %v; not %s", q.after, got, err, q.want)
			}
		}
	})
}

// parkMany puts parked users into a store without its help, which would take long.
func parkMany(t *testing.T, s subject, count int, now time.Time) {
	t.Helper()
	work := workKey(acme, Delivery{State: Parked, Due: now})
	switch s := s.(type) {
	case *SQLite:
		err := s.apply(t.Context(), func(n *session) error {
			err := n.run(`
				WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ?1)
				INSERT INTO resources (rid, key, part, v, created, modified, body)
				SELECT i, 'acme/User/p' || i, 'acme/User', 1, 0, 0, X'7B7D' FROM i`, count)
			if err == nil {
				err = n.run(`INSERT INTO deliveries (rid, slot, work) SELECT rid, 0, ?1 FROM resources`, work)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	case *Mongo:
		parkManyInMongo(t, s, count, work)
	}
}
