package delivery

import (
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// A tenant that waits for a resync gets it though nobody wakes the worker and
// nothing of the tenant is due: the process that asked for it may have died.
func TestResyncThatNobodyWakesFor(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Linger = 20 * time.Millisecond
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.until("the account rests", h.worker.resting)
		h.ask(acme, time.Now(), time.Now().Add(200*time.Millisecond))
		h.until("the rules of version 2 were used", func() bool {
			d := h.delivery(acme, "u").Delivery
			return d.State == directory.Clean && d.RulesRev == 2
		})
		h.until("no resync is left", func() bool { return len(h.asked(acme)) == 0 })
	})
}

// A new connection is owed what its tenant had before.
func TestResyncOfANewConnection(t *testing.T) {
	onEach(t, func(h *harness) {
		if err := h.store.Create(t.Context(), acme, user("u", email(1), "0"), nil); err != nil {
			t.Fatal(err)
		}
		h.ask(acme, time.Now())
		h.start()
		h.until("it was delivered", func() bool { return h.delivery(acme, "u").Delivery.Delivered == 1 })
		h.holds(email(1), "0")
	})
}

// A resync that is asked for while another one runs is not taken for done.
func TestResyncAskedForMeanwhile(t *testing.T) {
	now := time.Now()
	c := tenant.Connection{ID: "appspace", Resync: []time.Time{now, now.Add(time.Nanosecond)}}
	c.Resynced(now)
	if len(c.Resync) != 1 || c.ResyncDue(now) || !c.ResyncDue(now.Add(time.Nanosecond)) {
		t.Errorf("left: %v", c.Resync)
	}
	was := &tenant.Tenant{Connections: []tenant.Connection{{ID: "appspace", Slot: 0, Resync: []time.Time{now}}}}
	for _, other := range []tenant.Connection{{ID: "webhook", Slot: 0}, {ID: "appspace", Slot: 1}} {
		if done(was, other, now) {
			t.Errorf("%+v was made meanwhile and is not done", other)
		}
	}
}

// ask has a new version of the rules and asks for resyncs, as the operator's API
// does, but tells the worker nothing.
func (h *harness) ask(id tenant.ID, at ...time.Time) {
	h.Helper()
	_, err := h.UpdateTenant(h.Context(), id, func(t *tenant.Tenant) error {
		t.RulesRev++
		t.Connections[0].Resync = at
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
}

func (h *harness) asked(id tenant.ID) []time.Time {
	t, err := h.Tenant(h.Context(), id)
	if err != nil {
		h.Fatal(err)
	}
	return t.Connections[0].Resync
}

// resting reports whether no account has anything to do.
func (w *Worker) resting() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.accounts) == 0
}

// What is replayed is sent again, though the account holds it as far as we know.
func TestReplaySendsAgain(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.create(acme, user("v", email(2), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.untilState(acme, "v", directory.Clean)
		before := len(h.account.heard(nil))
		only := func(i directory.Item, _ *scim.Resource) (bool, error) { return i.Ref.ID == "u", nil }
		if n, err := h.store.Replay(t.Context(), acme, 0, []string{"User"}, only, time.Now()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		h.worker.Wake(acme)
		h.untilState(acme, "u", directory.Clean)
		if n := len(h.account.heard(nil)) - before; n != 1 {
			t.Errorf("%d calls", n)
		}
	})
}
