package delivery

import (
	"context"
	"fmt"
	"testing"
	"time"

	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// guarded gives the worker the counter that a mass change is held by, and hears
// its alerts.
func (h *harness) guarded() (alerts chan Alert) {
	h.Helper()
	counter, err := tenant.OpenSQLite(h.Context(), ":memory:")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = counter.Close() })
	if err := counter.CreateTenant(h.Context(), &tenant.Tenant{ID: acme}); err != nil {
		h.Fatal(err)
	}
	alerts = make(chan Alert, 100)
	h.worker.Departures = counter
	h.worker.Alert = func(_ context.Context, a Alert) { alerts <- a }
	return alerts
}

// staff is a tenant with n users, all delivered.
func (h *harness) staff(n int) {
	h.Helper()
	for i := range n {
		h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
	}
	h.until("all are at the account", func() bool { return h.account.actives() == n })
	h.until("nothing is due", func() bool { return h.count(directory.Due) == 0 })
}

// actives is how many users the account holds as active.
func (f *fakeAccount) actives() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range f.users {
		if activeIn(u.attributes) {
			n++
		}
	}
	return n
}

// count is how many resources are in a state, up to 1,000.
func (h *harness) count(s directory.State) int {
	h.Helper()
	items, err := h.store.Deliveries(h.Context(), acme, 0, s, 1000)
	if err != nil {
		h.Fatal(err)
	}
	return len(items)
}

// settled waits until nothing is due, and the number of the held is as wanted.
func (h *harness) decided(held int) {
	h.Helper()
	h.until(fmt.Sprint(held, " are held"), func() bool { return h.count(directory.Due) == 0 && h.count(directory.Held) == held })
}

func (h *harness) release(ids ...string) {
	h.Helper()
	if n, err := h.store.Release(h.Context(), acme, 0, ids, time.Now()); err != nil || ids != nil && n != len(ids) {
		h.Fatalf("released %d of %v: %v", n, ids, err)
	}
	h.worker.Wake(acme)
}

func (h *harness) disable(id string) {
	h.Helper()
	h.change(acme, id, "active", value.Truth(false))
}

// A third of the company is deleted, a mistake: no more than the threshold reach
// the account before somebody approves, and then all do. Others flow on.
func TestMassDeletionIsHeld(t *testing.T) {
	onEach(t, func(h *harness) {
		alerts := h.guarded()
		h.start()
		h.staff(200)
		for i := range 60 {
			h.remove(acme, fmt.Sprint("u", i))
		}
		h.create(acme, user("new", "new@example.com", "0"))
		h.retitle(acme, "u100", "1")
		h.decided(40)
		if n := h.account.actives(); n != 181 {
			h.Errorf("the account has %d active users, want 181", n)
		}
		h.holds("new@example.com", "0")
		h.holds(email(100), "1")
		if a := <-alerts; a.Kind != AlertMassChange || a.Tenant != acme || len(alerts) != 0 {
			h.Errorf("alerted with %+v, and %d more", a, len(alerts))
		}
		items, err := h.store.Deliveries(h.Context(), acme, 0, directory.Held, 1)
		if err != nil || items[0].Delivery.Name == "" || items[0].Delivery.Failure.Class != heldClass || !items[0].Deleted {
			h.Errorf("the list says %+v, %v", items, err)
		}
		h.release()
		h.decided(0)
		if n := h.account.actives(); n != 141 {
			h.Errorf("released, the account has %d active users, want 141", n)
		}
		h.remove(acme, "u150")
		h.decided(1) // an approval is of those that were held, and opens nothing
	})
}

// What is counted is an active user who leaves, once.
func TestWhatTheGuardCounts(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard = tenant.Guard{Least: 2, Percent: 1} })
		h.start()
		h.staff(5)
		for i := range 5 { // created disabled: none
			inactive := user(fmt.Sprint("i", i), email(100+i), "0")
			attributes, _ := inactive.Attributes()
			attributes.Set("active", value.Truth(false))
			inactive.SetAttributes(attributes)
			h.create(acme, inactive)
		}
		h.disable("u0") // one
		h.decided(0)
		h.retitle(acme, "u0", "1") // still disabled: none
		h.decided(0)
		h.remove(acme, "u0") // suspended already: none
		h.decided(0)
		h.disable("u1") // two
		h.decided(0)
		h.disable("u2") // one too many
		h.decided(1)
		h.change(acme, "u2", "active", value.Truth(true)) // a newer version frees it
		h.decided(0)
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard.Off = true })
		h.disable("u2")
		h.disable("u3")
		h.decided(0)
		if n := h.account.actives(); n != 1 {
			h.Errorf("%d are active", n)
		}
	})
}

// Neither a newer version that leaves too nor a resync nor a replay gets around
// the operator, not even when the hour is over.
func TestHeldWaitsForTheOperator(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard = tenant.Guard{Least: 1, Percent: 1} })
		h.start()
		h.staff(3)
		h.disable("u0")
		h.decided(0)
		h.disable("u1")
		h.decided(1)
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard.Least = 3 }) // as an hour later
		h.retitle(acme, "u1", "1")
		h.decided(1)
		if _, err := h.store.Resync(h.Context(), acme, 0, []string{"User"}, time.Now()); err != nil {
			h.Fatal(err)
		}
		h.worker.Wake(acme)
		h.decided(1)
		h.disable("u2")
		h.decided(1)
		if n := h.account.actives(); n != 1 {
			h.Errorf("%d are active, want the held one alone", n)
		}
		h.release("u1")
		h.decided(0)
		if n := h.account.actives(); n != 0 {
			h.Errorf("%d are active", n)
		}
	})
}

// An attempt that fails has been counted, and is not counted again.
func TestFailedDepartureIsCountedOnce(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard = tenant.Guard{Least: 2, Percent: 1} })
		h.start()
		h.staff(3)
		failures := 0
		h.account.told(func(context.Context, call) *answer {
			if failures++; failures <= 4 {
				return fails("transient", 500)
			}
			return nil
		})
		h.disable("u0")
		h.decided(0)
		h.disable("u1")
		h.decided(0)
		h.disable("u2")
		h.decided(1)
	})
}

// Who is discarded stays at the account until the next change.
func TestDiscardedStays(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard = tenant.Guard{Least: 1, Percent: 1} })
		h.start()
		h.staff(4)
		h.disable("u0")
		h.decided(0)
		h.disable("u1")
		h.remove(acme, "u2")
		h.decided(2)
		if n, err := h.store.Discard(h.Context(), acme, 0, nil); err != nil || n != 2 {
			h.Fatalf("discarded %d, %v", n, err)
		}
		if _, err := h.store.Resync(h.Context(), acme, 0, []string{"User"}, time.Now()); err != nil {
			h.Fatal(err)
		}
		h.worker.Wake(acme)
		h.decided(0)
		if n := h.account.actives(); n != 3 {
			h.Errorf("%d are active, want 3", n)
		}
		if d := h.delivery(acme, "u2").Delivery; d.Departure != directory.Refused || d.RemoteID == "" || d.Name != "" {
			h.Errorf("the deleted one is %+v", d)
		}
		h.retitle(acme, "u1", "1") // the next change: it leaves, and is held
		h.decided(1)
		h.create(acme, user("again", email(2), "2")) // and the re-hire takes over
		h.decided(1)
		h.holds(email(2), "2")
	})
}

// A deletion that is held and undone at the identity provider is nobody's
// decision any more: who is created anew takes the account user over.
func TestReHireFreesTheHeld(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.edit(acme, func(t *tenant.Tenant) { t.Settings.Guard = tenant.Guard{Least: 1, Percent: 1} })
		h.start()
		h.staff(3)
		h.remove(acme, "u0")
		h.decided(0)
		h.remove(acme, "u1")
		h.decided(1)
		h.create(acme, user("again", email(1), "2"))
		h.decided(0)
		h.holds(email(1), "2")
		if born := h.account.born; born != 3 {
			h.Errorf("%d account users were made", born)
		}
		h.disable("again")
		h.decided(1)
	})
}

// A restart forgets no count, and a second worker counts with the first.
func TestGuardOutlivesTheWorker(t *testing.T) {
	onEach(t, func(h *harness) {
		h.guarded()
		h.start()
		h.staff(60)
		for i := range 15 {
			h.disable(fmt.Sprint("u", i))
		}
		h.decided(0)
		h.stop()
		second := &Worker{
			Tenants: h, Work: h.store, Open: h.open, Rules: h.worker.Rules,
			Departures: h.worker.Departures, Tune: h.worker.Tune,
		}
		h.start()
		ctx, cancel := context.WithCancel(h.Context())
		ended := make(chan error, 1)
		go func() { ended <- second.Run(ctx) }()
		for i := range 15 {
			h.disable(fmt.Sprint("u", 20+i))
			second.Wake(acme)
		}
		h.until("nothing is due", func() bool { return h.count(directory.Due) == 0 })
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
		// Where two claimed the same user, both counted, or it left by the one's push
		// while the other held it.
		held := map[string]bool{}
		items, err := h.store.Deliveries(h.Context(), acme, 0, directory.Held, 100)
		if err != nil {
			h.Fatal(err)
		}
		for _, item := range items {
			held[item.Ref.ID] = true
		}
		if n := h.account.actives(); n < 40 || n > 44 {
			h.Errorf("%d are active", n)
		}
		for i := range 60 {
			id, leaves := fmt.Sprint("u", i), i < 15 || i >= 20 && i < 35
			is := activeIn(h.account.user(h.TB, email(i)).attributes)
			if is && leaves && !held[id] || !is && !leaves {
				h.Errorf("%s: active %v, held %v", id, is, held[id])
			}
		}
	})
}
