package delivery

import (
	"context"
	"errors"
	"sync"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/tenant"
)

// target is a connection as one version of its tenant defines it: opened, with
// the rules compiled. The zero target holds none yet.
type target struct {
	mu    sync.Mutex
	ready *prepared
}

// prepared does not change.
type prepared struct {
	connectors.Connector
	tenant *tenant.Tenant
	rules  *mapping.Rules
}

// prepare returns what the connection of a slot is for the tenant given, opened
// anew only if the tenant has changed. The error is an *connectors.Error with
// fault Unusable, or a *postponed.
func (g *target) prepare(ctx context.Context, w *Worker, t *tenant.Tenant, s tenant.Slot) (*prepared, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ready != nil && g.ready.tenant.Version == t.Version {
		return g.ready, nil
	}
	c, ok := connection(t, s)
	if !ok {
		return nil, &postponed{class: classWaiting, reason: "the connection is paused, in shadow or gone"}
	}
	rules, err := w.Rules(t)
	if err != nil {
		return nil, &connectors.Error{Fault: Unusable, Reason: "the tenant's mapping rules cannot be used", Err: err}
	}
	connector, err := w.Open(ctx, t, c)
	if errors.Is(err, tenant.ErrDataKey) {
		return nil, storeFault(err)
	}
	if err != nil {
		return nil, &connectors.Error{Fault: Unusable, Reason: "the connection's settings cannot be used", Err: err}
	}
	g.ready = &prepared{Connector: connector, tenant: t, rules: rules}
	return g.ready, nil
}

// latest returns the target as it was last prepared, whatever has changed since.
func (g *target) latest(ctx context.Context, l *lane) (*prepared, error) {
	g.mu.Lock()
	ready := g.ready
	g.mu.Unlock()
	if ready != nil {
		return ready, nil
	}
	t, err := l.worker.Tenants.Tenant(ctx, l.id)
	if err != nil {
		return nil, err
	}
	return g.prepare(ctx, l.worker, t, l.slot)
}

// connection returns the tenant's connection of a slot, if it sends.
func connection(t *tenant.Tenant, s tenant.Slot) (tenant.Connection, bool) {
	for _, c := range t.Connections {
		if c.Slot == s {
			return c, c.Sends()
		}
	}
	return tenant.Connection{}, false
}
