package admin

import (
	"context"
	"testing"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

func TestBreakersOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	breaker := func() any { return d.api(200, "GET", "/tenants/acme/connections/appspace", "")["breaker"] }
	if b := breaker(); b != nil {
		t.Errorf("where nothing is delivered: %v", b)
	}
	d.Breakers = func(context.Context, tenant.ID) ([]delivery.ConnectionState, error) { return nil, nil }
	if b := breaker().(map[string]any); b["state"] != "closed" {
		t.Errorf("never met: %v", b)
	}
	d.Breakers = func(context.Context, tenant.ID) ([]delivery.ConnectionState, error) {
		return []delivery.ConnectionState{{Connection: "appspace", State: "open", Cause: "auth", Until: time.Now(), Strikes: 2}}, nil
	}
	if b := breaker().(map[string]any); b["state"] != "open" || b["cause"] != "auth" || b["strikes"] != 2.0 || b["until"] == nil {
		t.Errorf("open: %v", b)
	}
	listed := d.api(200, "GET", "/tenants/acme/connections", "")["items"].([]any)[0].(map[string]any)
	if listed["breaker"].(map[string]any)["state"] != "open" {
		t.Errorf("listed: %v", listed)
	}
}
