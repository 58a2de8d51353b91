package delivery

import (
	"context"
	"errors"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// notes is a tenant store beside the harness's, which knows its tenants.
func (h *harness) notes(ids ...tenant.ID) *tenant.SQLite {
	h.Helper()
	s, err := tenant.OpenSQLite(h.Context(), ":memory:")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.Error(err)
		}
	})
	for _, id := range ids {
		if err := s.CreateTenant(h.Context(), &tenant.Tenant{ID: id}); err != nil {
			h.Fatal(err)
		}
	}
	return s
}

// another is a worker of another process on the same stores.
func (h *harness) another() *Worker {
	w := h.worker
	return &Worker{Tenants: w.Tenants, Work: w.Work, Open: w.Open, Rules: w.Rules, Notes: w.Notes, Leases: w.Leases, Tune: w.Tune}
}

// told is what any process says of acme's connection.
func (h *harness) told() ConnectionState {
	h.Helper()
	states, err := h.another().Breakers(h.Context(), acme)
	if err != nil {
		h.Fatal(err)
	}
	if len(states) == 0 {
		return ConnectionState{State: BreakerClosed}
	}
	return states[0]
}

// A breaker that one process opened is known to all, and obeyed by whoever takes the
// tenant over, until its time has come or the tenant has changed.
func TestABreakerIsKnownToAll(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Notes = h.notes(acme)
		h.worker.Tune.Backoff = Backoff{Least: 4 * time.Second, Most: time.Hour} // 4 s × 15 after a 401
		h.account.check = &connectors.Error{Fault: connectors.Unauthorized, Status: 401}
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Unauthorized, 401) })
		h.start()
		h.create(acme, user("u0", email(0), "x"))
		h.until("all know that it is open", func() bool { return h.told().State == BreakerOpen })
		first := h.told()
		if first.Connection != "appspace" || first.Cause != CauseAuth || first.Strikes != 1 || first.Until.Before(time.Now().Add(30*time.Second)) {
			h.Errorf("%+v", first)
		}
		h.stop()

		h.account.told(nil)
		h.account.mu.Lock()
		h.account.check = nil
		h.account.mu.Unlock()
		before := len(h.account.heard(nil))
		h.worker = h.another()
		h.start()
		h.until("the next one shows it", func() bool { return len(h.worker.States(acme)) == 1 })
		h.quietly("nothing is sent", func() bool { return len(h.account.heard(nil)) == before })
		if now := h.told(); now != first {
			h.Errorf("%+v, not %+v", now, first)
		}

		h.edit(acme, func(*tenant.Tenant) {}) // somebody corrected something
		h.until("it is delivered", func() bool { return h.account.user(h.TB, email(0)) != nil })
		h.until("all know that it is closed", func() bool { return h.told().State == BreakerClosed })
		h.stop()
		h.worker = h.another()
		h.start()
		h.create(acme, user("u1", email(1), "x"))
		h.untilState(acme, "u1", directory.Clean)
	})
}

// flaky are Notes that fail a while.
type flaky struct {
	tenant.Notes
	fails chan struct{} // each token is a failure
}

func (f flaky) EditNote(ctx context.Context, id tenant.ID, name string, edit func([]byte) ([]byte, bool, error)) error {
	select {
	case <-f.fails:
		return errors.New("told to fail")
	default:
		return f.Notes.EditNote(ctx, id, name, edit)
	}
}

// What could not be told is told later; a note of another connection in the slot says
// nothing of this one.
func TestABreakerIsToldLater(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	notes := flaky{h.notes(acme), make(chan struct{}, 2)}
	notes.fails <- struct{}{}
	notes.fails <- struct{}{}
	h.worker.Notes = notes
	h.worker.Tune.Backoff = Backoff{Least: 20 * time.Millisecond, Most: time.Hour}
	err := notes.Notes.EditNote(t.Context(), acme, breakerName(0), func([]byte) ([]byte, bool, error) {
		return []byte(`{"connection":"former","cause":"auth","until":"2999-01-01T00:00:00Z","at":"2024-01-01T00:00:00Z"}`), true, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h.account.told(func(context.Context, call) *answer { return fails(connectors.Throttled, 429) })
	h.start()
	h.create(acme, user("u0", email(0), "x"))
	h.until("it is told in the end", func() bool { return h.told().Connection == "appspace" && h.told().Cause == CauseThrottled })
	h.account.told(nil)
	h.untilState(acme, "u0", directory.Clean)
	h.until("and that it closed", func() bool { return h.told().State == BreakerClosed })
}

// Whatever another process's clock says, no breaker stays open for good.
func TestALearntBreakerEnds(t *testing.T) {
	now := time.Now()
	g := gate{most: 8}
	g.learn(breakerNote{Cause: CauseAuth, Until: now.Add(1000 * time.Hour), Strikes: 3, Width: 8, Tenant: 7}, now.Add(time.Hour))
	if g.allows(now) != 0 || g.allows(now.Add(time.Hour)) != 1 || g.strikes != 3 || g.width != 0 {
		t.Errorf("%+v", g)
	}
	g.changed(7)
	if g.allows(now) != 0 {
		t.Error("the same version is no reason to try")
	}
	g.changed(8)
	if g.allows(now) != 1 {
		t.Error("a newer version may be tried")
	}
}
