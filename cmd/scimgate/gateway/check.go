package gateway

import (
	"context"
	"fmt"
	"time"

	"scimgate/cmd/scimgate/config"
	"scimgate/tenant"
)

// Finding is what Check found of one thing that the gateway needs.
type Finding struct {
	What  string `json:"what"` // "store", "acme/appspace"
	OK    bool   `json:"ok"`
	Fault string `json:"fault,omitempty"`
}

// Check looks at everything that a gateway with this Config would stand on: the
// keys, the stores, and the account behind every connection. It changes nothing
// but what opening a store makes.
func Check(ctx context.Context, c *config.Config, secrets config.Secrets, found func(Finding)) {
	keys, err := tenant.LoadKeys(secrets.Keys)
	found(finding("sealing key", err))
	stores, openErr := OpenStores(ctx, c)
	if openErr != nil {
		found(finding("store", openErr))
		return
	}
	defer func() { _ = stores.Close() }()
	found(finding("store", stores.Ping(ctx)))
	if c.RedisURL != "" {
		found(finding("redis", checkRedis(ctx, c)))
	}
	if err == nil {
		checkTargets(ctx, stores.Tenants, newOpener(c.Outbound, tenant.Vault{Keys: keys, Store: stores.Tenants}), found)
	}
}

func checkTargets(ctx context.Context, tenants tenant.Store, o *opener, found func(Finding)) {
	for after := tenant.ID(""); ; {
		page, err := tenants.Tenants(ctx, after, 100)
		if err != nil {
			found(finding("tenants", err))
			return
		}
		for _, t := range page {
			for _, connection := range t.Connections {
				what := fmt.Sprintf("%s/%s", t.ID, connection.ID)
				found(finding(what, o.check(ctx, t, connection)))
			}
			after = t.ID
		}
		if len(page) == 0 {
			return
		}
	}
}

func (o *opener) check(ctx context.Context, t *tenant.Tenant, c tenant.Connection) error {
	connector, err := o.open(ctx, t, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	return connector.Check(ctx)
}

func finding(what string, err error) Finding {
	if err != nil {
		return Finding{What: what, Fault: err.Error()}
	}
	return Finding{What: what, OK: true}
}
