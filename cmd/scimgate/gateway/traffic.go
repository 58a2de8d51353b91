package gateway

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/admin/console"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/connectors/delivery"
	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// countTraffic has a Counter see what this process answers and delivers, before
// either begins.
func (g *Gateway) countTraffic() *traffic.Counter {
	c := traffic.New(g.worker != nil, nil)
	if g.worker != nil {
		g.worker.Work = counted{g.worker.Work, c}
	}
	return c
}

// shareTraffic returns what the console shows: what all processes saw, where a Redis
// lets them tell each other.
func (g *Gateway) shareTraffic(keys *tenant.Keys) console.Traffic {
	if g.redis == nil {
		return g.traffic
	}
	g.shared = traffic.Share(g.traffic, g.redis, keys.Names("traffic"), g.log)
	g.shared.Known = g.knows
	g.beside = append(g.beside, g.shared.Run)
	return g.shared
}

// knows reports whether there is a tenant.
func (g *Gateway) knows(ctx context.Context, id tenant.ID) (bool, error) {
	_, err := g.Stores.Tenants.Tenant(ctx, id)
	if errors.Is(err, tenant.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// forget drops what is counted of a tenant outside of the stores.
func (g *Gateway) forget(keys *tenant.Keys) func(context.Context, tenant.ID) error {
	if g.redis == nil {
		return func(_ context.Context, id tenant.ID) error { g.traffic.Forget(id); return nil }
	}
	limits := ratelimit.NewRedis(g.redis, keys.Names("limits"))
	return func(ctx context.Context, id tenant.ID) error {
		ctx, cancel := context.WithTimeout(ctx, callTime)
		defer cancel()
		return errors.Join(limits.Forget(ctx, tenant.LimitKeys(id)...), g.shared.Forget(ctx, id))
	}
}

// countRequests counts what is answered below a tenant's path.
func countRequests(c *traffic.Counter) gin.HandlerFunc {
	return func(g *gin.Context) {
		g.Next()
		if id, err := tenant.ParseID(g.Param("tenant")); err == nil {
			c.Request(id, g.Writer.Status())
		}
	}
}

// counted is a work list whose outcomes are counted.
type counted struct {
	delivery.Work
	traffic *traffic.Counter
}

// Commit also counts what was settled: how long a change had waited that the account
// has now, or that goes on waiting.
func (w counted) Commit(ctx context.Context, c *directory.Claim, o directory.Outcome) error {
	err := w.Work.Commit(ctx, c, o)
	switch waited := max(time.Since(c.Delivery.Since), 0); {
	case err != nil:
	case o.Done != nil && o.Done.Rest == nil:
		w.traffic.Delivered(c.Tenant, waited)
	case o.Park == nil:
		w.traffic.Waits(c.Tenant, waited)
	}
	return err
}
