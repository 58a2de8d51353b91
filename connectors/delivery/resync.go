package delivery

import (
	"time"

	"scimgate/tenant"
)

// round wakes the tenants that wait for a resync: nothing of theirs may be due,
// so that the sweep does not find them.
func (w *Worker) round(l *life) {
	const page = 256
	for after := tenant.ID(""); l.ctx.Err() == nil; {
		tenants, err := w.Tenants.Tenants(l.ctx, after, page)
		if err != nil {
			l.log.ErrorContext(l.ctx, "the round cannot read the tenants", "error", err)
			return
		}
		for _, t := range tenants {
			if resyncDue(t, l.now()) {
				w.Wake(t.ID)
			}
			after = t.ID
		}
		if len(tenants) < page {
			return
		}
	}
}

// purgeAtOnce is how many tombstones a round removes.
const purgeAtOnce = 500

// purge removes what left every account long ago, some each round. Until then a
// user who comes back takes over the account user of before (design 6.14); after
// that, the account decides by name and externalId whose it is.
func (w *Worker) purge(l *life) {
	n, err := w.Work.Purge(l.ctx, l.now().Add(-l.Keep), purgeAtOnce)
	if err != nil && l.ctx.Err() == nil {
		l.log.ErrorContext(l.ctx, "tombstones cannot be removed", "error", err)
	}
	if n > 0 {
		l.log.InfoContext(l.ctx, "tombstones removed", "count", n)
	}
}

func resyncDue(t *tenant.Tenant, now time.Time) bool {
	for _, c := range t.Connections {
		if c.ResyncDue(now) {
			return true
		}
	}
	return false
}

// resync begins what the tenant's connections wait for, beside the pushes, and
// calls the account when it has ended. A paused connection is resynced too: what
// it is owed then waits for it.
func (a *account) resync(t *tenant.Tenant) {
	if !resyncDue(t, a.now()) || !a.resyncs.CompareAndSwap(false, true) {
		return
	}
	a.worker.working.Go(func() {
		err := a.resyncAll(t)
		a.resyncs.Store(false)
		if err == nil {
			a.worker.Wake(a.id)
		} else if a.ctx.Err() == nil {
			a.log.WarnContext(a.ctx, "the resync waits for the next round", "tenant", a.id, "error", err)
		}
	})
}

// resyncAll makes everything due, and only then takes the note of it away: who is
// interrupted begins again.
func (a *account) resyncAll(t *tenant.Tenant) error {
	now := a.now()
	for _, c := range t.Connections {
		if !c.ResyncDue(now) {
			continue
		}
		if _, err := a.worker.Work.Resync(a.ctx, a.id, c.Slot, c.Kinds(), now); err != nil {
			return err
		}
	}
	_, err := a.worker.Tenants.UpdateTenant(a.ctx, a.id, func(stored *tenant.Tenant) error {
		for i := range stored.Connections {
			if c := &stored.Connections[i]; done(t, *c, now) {
				c.Resynced(now)
			}
		}
		return nil
	})
	return err
}

// done reports whether t had the connection: one that was made anew meanwhile,
// perhaps in the same slot, has a resync of its own to come.
func done(t *tenant.Tenant, c tenant.Connection, now time.Time) bool {
	for _, before := range t.Connections {
		if before.ID == c.ID && before.Slot == c.Slot {
			return before.ResyncDue(now)
		}
	}
	return false
}
