package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

const hook = "hook"

// connect gives acme a second connection to an account of its own, as the
// operator's API does: it is owed what the tenant has, and what comes.
func (h *harness) connect(slot tenant.Slot) *fakeAccount {
	h.Helper()
	account := newFakeAccount()
	h.mu.Lock()
	h.seconds = map[string]*fakeAccount{hook: account}
	h.mu.Unlock()
	h.edit(acme, func(t *tenant.Tenant) {
		t.Connections = append(slices.Clone(t.Connections), tenant.Connection{
			ID: hook, Slot: slot, Kind: "webhook", Resync: []time.Time{time.Now()},
		})
	})
	h.owed = []tenant.Slot{0, slot}
	return account
}

// disconnect forgets the second connection.
func (h *harness) disconnect(slot tenant.Slot) {
	h.Helper()
	h.edit(acme, func(t *tenant.Tenant) {
		t.Connections = slices.DeleteFunc(slices.Clone(t.Connections), func(c tenant.Connection) bool { return c.ID == hook })
	})
	h.owed = owed
	if err := h.store.Forget(h.Context(), acme, slot); err != nil {
		h.Fatal(err)
	}
}

// settled waits until a slot owes nothing of the resources 0 to n-1.
func (h *harness) settled(slot tenant.Slot, n int) {
	h.Helper()
	for i := range n {
		h.until(fmt.Sprintf("%d is clean at slot %d", i, slot), func() bool {
			item := h.deliveryAt(acme, slot, fmt.Sprint(i))
			return item.Delivery.State == directory.Clean && item.Delivery.Delivered == item.Version
		})
	}
}

// populate creates the users from one on, up to n, changes all n, and removes the
// last.
func (h *harness) populate(from, n int) {
	h.Helper()
	for i := from; i < n; i++ {
		h.create(acme, user(fmt.Sprint(i), email(i), "old"))
	}
	for i := range n {
		h.retitle(acme, fmt.Sprint(i), "new")
	}
	h.remove(acme, fmt.Sprint(n-1))
}

// has asserts that an account holds what populate leaves.
func (f *fakeAccount) has(h *harness, n int) {
	h.Helper()
	for i := range n - 1 {
		u := f.user(h.TB, email(i))
		if u == nil {
			h.Fatalf("the account does not have %s", email(i))
		}
		if title, _ := u.attributes.Get("title"); title.Text() != "new" || !activeIn(u.attributes) {
			h.Errorf("%s is %q there", email(i), title.Text())
		}
	}
	if u := f.user(h.TB, email(n-1)); u != nil && activeIn(u.attributes) {
		h.Error("who left is active there")
	}
}

// Every change goes to both, each with its own dv.
func TestTwoConnectionsGetEveryChange(t *testing.T) {
	onEach(t, func(h *harness) {
		second := h.connect(1)
		h.start()
		h.populate(0, 9)
		for slot := range tenant.Slot(2) {
			h.settled(slot, 9)
		}
		h.account.has(h, 9)
		second.has(h, 9)
	})
}

// Whatever one connection does, the other gets everything, and the sick one does
// too when it is well again.
func TestSickConnectionCostsTheOtherNothing(t *testing.T) {
	tests := []struct {
		name   string
		answer func(ctx context.Context, release <-chan struct{}) *answer
	}{
		{"hangs", hold},
		{"refuses each user", func(context.Context, <-chan struct{}) *answer { return fails(connectors.Rejected, 400) }},
		{"refuses us", func(context.Context, <-chan struct{}) *answer { return fails(connectors.Unauthorized, 401) }},
		{"asks for patience", func(context.Context, <-chan struct{}) *answer { return fails(connectors.Throttled, 429) }},
		{"fails", func(context.Context, <-chan struct{}) *answer { return fails(connectors.Transient, 500) }},
		{"panics", func(context.Context, <-chan struct{}) *answer { panic("told to") }}, // a connector's own mistake: push.guarded catches it
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			onEach(t, func(h *harness) {
				second, well := h.connect(1), make(chan struct{})
				second.check = errors.New("refused")
				second.told(func(ctx context.Context, _ call) *answer { return test.answer(ctx, well) })
				h.quick()
				h.start()
				h.create(acme, user("0", email(0), "old"))
				h.until("the second is at it", func() bool { return len(second.heard(nil)) > 0 })
				h.populate(1, 9)
				h.settled(0, 9)
				h.account.has(h, 9)
				close(well)
				second.told(nil)
				h.edit(acme, func(t *tenant.Tenant) {
					t.Connections = slices.Clone(t.Connections)
					t.Connections[1].Resync = []time.Time{time.Now()}
				})
				h.settled(1, 9)
				second.has(h, 9)
			})
		})
	}
}

// A connection that is added later is owed everything that there is, and again
// after it was forgotten and made anew, in the same place or another.
func TestConnectionMadeAnewIsOwedEverything(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.populate(0, 9)
		h.settled(0, 9)
		puts := len(h.account.heard(nil))
		for _, slot := range []tenant.Slot{1, 1, 2} {
			second := h.connect(slot)
			h.settled(slot, 8)
			second.has(h, 9)
			h.retitle(acme, "0", "newer")
			h.retitle(acme, "0", "new")
			h.settled(slot, 8)
			second.has(h, 9)
			h.disconnect(slot)
		}
		if n := len(h.account.heard(nil)); n > puts+6 {
			t.Errorf("the first account heard %d calls for 6 changes", n-puts)
		}
	})
}

// looks counts the questions after what is due.
type looks struct {
	store
	n atomic.Int64
}

func (l *looks) DueNow(ctx context.Context, t tenant.ID, s tenant.Slot, now time.Time, limit int) ([]directory.Ref, error) {
	l.n.Add(1)
	return l.store.DueNow(ctx, t, s, now, limit)
}

// A second connection that has nothing to do, or that hangs, does not make the
// first one look more often for what is due.
func TestSecondConnectionCostsNoLooks(t *testing.T) {
	alone := countLooks(t, func(*harness) {})
	idle := countLooks(t, func(h *harness) {
		h.connect(1)
		h.edit(acme, func(t *tenant.Tenant) { t.Connections[1].Resync = nil })
	})
	hanging := countLooks(t, func(h *harness) {
		h.connect(1).told(func(ctx context.Context, _ call) *answer { return hold(ctx, nil) })
	})
	if most := 3*alone + 9; idle > most || hanging > most {
		t.Errorf("%d looks alone, %d beside an idle connection, %d beside one that hangs", alone, idle, hanging)
	}
}

// countLooks returns how often acme looks until its first connection has got
// everything, beside what join adds.
func countLooks(t *testing.T, join func(*harness)) int64 {
	t.Helper()
	const users = 160
	h := newHarness(t, openSQLite(t))
	l := &looks{store: h.store}
	h.worker.Work, h.worker.Tune.Sweep = l, time.Hour
	h.worker.Tune.Drain = time.Millisecond
	for i := range users {
		h.create(acme, user(fmt.Sprint(i), email(i), "new"))
	}
	join(h)
	h.start()
	h.worker.Wake(acme)
	h.settled(0, users)
	h.stop()
	return l.n.Load()
}
