package delivery

import (
	"context"
	"fmt"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// patrolling makes the slow audit a fast one.
func (h *harness) patrolling() {
	h.worker.Tune.Patrol = Patrol{Share: 1e6, Every: 10 * time.Millisecond}
}

func questions(c call) bool { return c.method == "matches" }

// Whatever was changed in the account behind our back is found in time, and
// repaired; nothing else is sent.
func TestPatrolRepairs(t *testing.T) {
	onEach(t, func(h *harness) {
		h.patrolling()
		h.start()
		h.settledUsers(9)
		before := len(h.account.heard(puts))
		h.account.retitle(h, email(3), "changed")
		h.account.drop(h, email(5))
		titled := func(name string) bool {
			u := h.account.user(h, name)
			if u == nil {
				return false
			}
			title, _ := u.attributes.Get("title")
			return title.Text() == "same"
		}
		h.until("both are as they were", func() bool { return titled(email(3)) && titled(email(5)) })
		if n := len(h.account.heard(puts)) - before; n != 2 {
			h.Errorf("%d puts for two repairs", n)
		}
		seen := map[string]bool{}
		h.until("everybody was compared", func() bool {
			for _, c := range h.account.heard(questions) {
				seen[c.ID] = true
			}
			return len(seen) == 9
		})
	})
}

// A request that outlives every time that is waited for (M6, M7): the account is
// stale for a while, and not for good.
func TestPatrolBoundsWhatLandsTooLate(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.patrolling()
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		var late captured
		h.account.told(once(puts, lost(late.keep)))
		h.retitle(acme, "u", "old")
		h.until("the update timed out", late.taken)
		h.retitle(acme, "u", "new")
		asked := len(h.account.heard(questions))
		h.until("all doubts are settled", func() bool {
			d := h.delivery(acme, "u")
			return d.Delivery.Delivered == d.Version && len(h.account.heard(questions)) > asked+3
		})
		late.apply() // over what is clean, or will be
		h.until("the newest is there", func() bool {
			title, _ := h.account.user(h, email(1)).attributes.Get("title")
			return title.Text() == "new"
		})
	})
}

// A part is compared, in rotation, and no more; a kind that cannot be asked, a
// paused connection and one that is stuck are left alone.
func TestPatrolKeepsItsPace(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	for i := range 50 {
		h.create(acme, user(fmt.Sprintf("%02d", i), email(i), "same"))
	}
	h.start()
	for i := range 50 {
		h.untilState(acme, fmt.Sprintf("%02d", i), directory.Clean)
	}
	h.stop()
	now := time.Now()
	l := &life{Tuning: h.worker.Tune.filled(), ctx: t.Context(), now: func() time.Time { return now }}
	l.Patrol = Patrol{Share: 0.1, Every: time.Minute}
	p := &patrol{life: l, worker: h.worker, routes: map[beat]*route{}, able: map[string]bool{}}
	hour := func(kind string, paused bool) (suspected int) {
		t.Helper()
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = []tenant.Connection{{ID: "appspace", Kind: kind, Paused: paused}}
		})
		for range 60 {
			now = now.Add(time.Minute)
			if err := p.round(); err != nil {
				t.Fatal(err)
			}
			for i := range 50 {
				d := h.delivery(acme, fmt.Sprintf("%02d", i)).Delivery
				if d.Verify != nil && (kind != "stuck" || i != 7) {
					suspected++
					if err := h.store.Verified(t.Context(), acme, 0, refOf(fmt.Sprintf("%02d", i)), d.Verify.Nonce, true, now); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		return suspected
	}
	if n := hour("appspace", false); n < 4 || n > 5 {
		t.Errorf("%d of 50 were compared in an hour, at a tenth", n)
	}
	if n := hour("appspace", true); n != 0 {
		t.Errorf("%d of a paused connection", n)
	}
	h.worker.Open = func(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
		return alone{h.account}, nil
	}
	if n := hour("webhook", false); n != 0 {
		t.Errorf("%d of an account that cannot be asked", n)
	}
	h.worker.Open = h.open
	if _, n, err := h.store.Suspect(t.Context(), acme, 0, "06", 1, now); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	now = now.Add(2 * time.Minute)
	if n := hour("stuck", false); n != 0 {
		t.Errorf("%d while another one is stuck", n)
	}
}

// Nothing is compared where it is turned off.
func TestPatrolTurnedOff(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.worker.Tune.Patrol = Patrol{Share: -1, Every: time.Millisecond}
	h.start()
	h.settledUsers(3)
	h.quietly("nobody is asked", func() bool { return len(h.account.heard(questions)) == 0 })
}

// Of several workers one patrols.
func TestOneWorkerPatrols(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.start()
	h.settledUsers(4)
	h.stop()
	tenants, err := tenant.OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tenants.Close() }()
	h.worker.Leases = tenants
	later := time.Now().Add(time.Hour)
	walk := func(owner string) int {
		l := &life{Tuning: h.worker.Tune.filled(), ctx: t.Context(), owner: owner, now: func() time.Time { return later }}
		p := &patrol{life: l, worker: h.worker, routes: map[beat]*route{{acme, 0}: {counted: later, users: 4, credit: 4}}, able: map[string]bool{}}
		if err := p.round(); err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range 4 {
			if h.delivery(acme, fmt.Sprint(i)).Delivery.Verify != nil {
				n++
			}
		}
		return n
	}
	if _, err := tenants.AcquireLease(t.Context(), patrolLease, "another", time.Minute); err != nil {
		t.Fatal(err)
	}
	if n := walk("this"); n != 0 {
		t.Errorf("%d were chosen by who does not walk", n)
	}
	if n := walk("another"); n != 4 {
		t.Errorf("%d of 4 were chosen", n)
	}
}
