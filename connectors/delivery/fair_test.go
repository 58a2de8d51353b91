package delivery

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// long says that tests of time and number run in full, as .ci/long has them.
func long() bool { return os.Getenv("SCIMGATE_LONG") != "" }

func size(short, full int) int {
	if long() {
		return full
	}
	return short
}

// slow lets each call of an account take a while.
func slow(d time.Duration) func(context.Context, call) *answer {
	return func(context.Context, call) *answer {
		<-time.After(d)
		return nil
	}
}

// A giant that has everything due leaves the others their turns, though together
// they may have two pushes under way.
func TestGiantTakesItsTurn(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.worker.Tune.Flying = 2
	h.worker.Tune.Linger = 20 * time.Millisecond
	var flying, peak atomic.Int64
	h.account.told(func(context.Context, call) *answer {
		if n := flying.Add(1); n > 2 {
			peak.Store(n)
		}
		<-time.After(5 * time.Millisecond)
		flying.Add(-1)
		return nil
	})
	for i := range 400 {
		h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
	}
	h.start()
	h.until("the giant is served", func() bool { return len(h.account.heard(nil)) > 10 })
	for i := range 10 {
		id := tenant.ID(fmt.Sprint("small", i))
		h.add(id, newFakeAccount())
		h.create(id, user("u", email(1), "0"))
		h.untilState(id, "u", directory.Clean)
	}
	if n := len(h.account.heard(nil)); n > 300 {
		t.Errorf("the giant had %d turns before ten others had one each", n)
	}
	h.until("the giant is done", func() bool { return h.account.actives() == 400 })
	if peak.Load() > 2 {
		t.Errorf("%d pushes at a time", peak.Load())
	}
	h.until("all turns came back", func() bool {
		h.worker.mu.Lock()
		p := h.worker.life.pace
		h.worker.mu.Unlock()
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.free == 2 && len(p.waiting) == 0
	})
}

// traffic is one run of changes over tenants of which the last ones are bad. It
// returns the 99th part of the times from accepted to delivered of the good ones.
func traffic(t *testing.T, tenants, bad, changes int, every time.Duration) time.Duration {
	t.Helper()
	h := newHarness(t, openSQLite(t))
	h.worker.Tune = Tuning{Sweep: time.Second, Drain: time.Millisecond}
	for i := range tenants {
		account, id := newFakeAccount(), tenant.ID(fmt.Sprintf("t%03d", i))
		account.told(func(ctx context.Context, _ call) *answer {
			switch {
			case i < tenants-bad:
				<-time.After(10 * time.Millisecond)
				return nil
			case i%2 == 0:
				<-ctx.Done()
				return lost(nil)
			default:
				return fails(connectors.Transient, 500)
			}
		})
		h.add(id, account)
	}
	h.start()
	all := h.drive(tenants, tenants-bad, changes, every)
	h.stop()
	slices.Sort(all)
	return all[len(all)*99/100]
}

// drive makes creations, one after each pause, over as many tenants as there are,
// and returns how long each of the good ones, the first, took from accepted to
// delivered.
func (h *harness) drive(tenants, good, changes int, every time.Duration) []time.Duration {
	h.Helper()
	times, owed := make(chan time.Duration, changes), 0
	tick := time.NewTicker(every)
	defer tick.Stop()
	for n := range changes {
		id, resource := tenant.ID(fmt.Sprintf("t%03d", n%tenants)), fmt.Sprint("u", n)
		began := time.Now()
		h.create(id, user(resource, email(n), "0"))
		if n%tenants < good {
			owed++
			go func() { times <- h.delivered(id, resource).Sub(began) }()
		}
		<-tick.C
	}
	all := make([]time.Duration, owed)
	for i := range all {
		all[i] = <-times
	}
	return all
}

// delivered waits until a resource is, and returns when that was seen.
func (h *harness) delivered(id tenant.ID, resource string) time.Time {
	for {
		item, err := h.store.Delivery(context.WithoutCancel(h.Context()), id, 0, refOf(resource))
		if err != nil || item.Delivery.State == directory.Clean {
			return time.Now()
		}
		<-time.After(3 * time.Millisecond)
	}
}

// The bad cost the good nothing: 200 tenants, 20 of them hanging or failing.
func TestBadTenantsCostTheGoodNothing(t *testing.T) {
	runs, changes := size(3, 5), size(400, 2000)
	var without, with []time.Duration
	for range runs {
		without = append(without, traffic(t, 200, 0, changes, 5*time.Millisecond))
		with = append(with, traffic(t, 200, 20, changes, 5*time.Millisecond))
	}
	slices.Sort(without)
	slices.Sort(with)
	a, b := without[runs/2], with[runs/2]
	t.Logf("p99 of the good, median of %d: %v without the bad, %v with them", runs, a, b)
	if b > max(a*3/2, a+25*time.Millisecond) {
		t.Errorf("p99 rises from %v to %v", a, b)
	}
}

// Who leaves goes before any number of those who come.
func TestDisableBeforeAllCreations(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.account.told(slow(2 * time.Millisecond))
	h.start()
	tries := size(5, 20)
	for i := range tries {
		h.create(acme, user(fmt.Sprint("leaver", i), email(1_000_000+i), "0"))
	}
	h.until("who will leave is there", func() bool { return h.account.actives() == tries })
	paused := func(yes bool) { h.edit(acme, func(t *tenant.Tenant) { t.Connections[0].Paused = yes }) }
	paused(true) // nothing begins before all are queued, however slow the machine
	queued := size(5_000, 50_000)
	for i := range queued {
		if err := h.store.Create(h.Context(), acme, user(fmt.Sprint("u", i), email(i), "0"), owed); err != nil {
			t.Fatal(err)
		}
	}
	paused(false)
	h.worker.Wake(acme)
	var worst time.Duration
	for i := range tries {
		began, name := time.Now(), email(1_000_000+i)
		h.disable(fmt.Sprint("leaver", i))
		h.until("it has left", func() bool { return !activeIn(h.account.user(h.TB, name).attributes) })
		worst = max(worst, time.Since(began))
	}
	left, err := h.store.Deliveries(h.Context(), acme, 0, directory.Due, 1)
	if err != nil || len(left) == 0 {
		t.Error("all creations were delivered meanwhile: nothing was shown")
	}
	t.Logf("%d creations queued; the slowest of %d disables was at the account after %v", queued, tries, worst)
	if worst > 2*time.Second {
		t.Errorf("a disable took %v", worst)
	}
}
