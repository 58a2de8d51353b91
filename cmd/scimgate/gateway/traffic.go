package gateway

import (
	"context"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/traffic"
	"scimgate/connectors/delivery"
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
