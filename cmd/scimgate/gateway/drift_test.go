package gateway

import (
	"errors"
	"log/slog"
	"testing"

	"scimgate/cmd/scimgate/config"
	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// A process that delivers nothing compares accounts all the same.
func TestEveryRoleCanAudit(t *testing.T) {
	c := config.Default()
	c.Data = config.InMemory
	stores, err := OpenStores(t.Context(), &c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stores.Close() }()
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{Stores: stores, log: slog.New(slog.DiscardHandler)}
	if _, err := g.auditor(newOpener(c.Outbound, tenant.Vault{Keys: keys})).Audit(t.Context(), "nobody", "appspace", nil); !errors.Is(err, tenant.ErrNotFound) {
		t.Error(err)
	}
	g.worker = new(delivery.Worker)
	if g.auditor(nil) != g.worker {
		t.Error("who delivers audits by the same pace")
	}
}
