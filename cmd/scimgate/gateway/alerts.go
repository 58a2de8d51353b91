package gateway

import (
	"time"

	"github.com/google/uuid"

	"scimgate/cmd/scimgate/alerts"
	"scimgate/cmd/scimgate/config"
	"scimgate/connectors"
)

// newLookout calls an operator by the log, and by a webhook where there is one: to
// its host and no other.
func newLookout(c *config.Config, secret string, g *Gateway) *alerts.Watch {
	w := &alerts.Watch{
		Service: g.Admin, Leases: g.Stores.Leases, Owner: uuid.NewString(), Now: time.Now, Log: g.log,
		Tallies: g.Stores.Tallies, Traffic: g.traffic,
	}
	if c.Alerts.URL != "" {
		client := connectors.NewClient(issuerGuard(config.Outbound{Loopback: c.Outbound.Loopback}, c.Alerts.URL))
		w.Send = alerts.Webhook(client, c.Alerts.URL, secret)
	}
	return w
}
