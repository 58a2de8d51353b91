package admin

import (
	"testing"
	"time"

	"scimgate/tenant"
)

func TestLedgerOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.refused(404, "GET", "/tenants/acme/ledger", "", "no such")
	d.acme()
	if items := d.api(200, "GET", "/tenants/acme/ledger", "")["items"].([]any); len(items) != 0 {
		t.Errorf("of a new tenant: %v", items)
	}
	at := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	d.must(d.Ledger.AddToLedger(t.Context(), "acme", []tenant.LedgerEntry{{Name: "booleanAsString", Count: 12, First: at, Last: at, Path: "active"}}))
	items := d.api(200, "GET", "/tenants/acme/ledger", "")["items"].([]any)
	if e := items[0].(map[string]any); len(items) != 1 || e["name"] != "booleanAsString" || e["count"] != 12. ||
		e["first"] != "2026-11-26T09:00:00Z" || e["path"] != "active" {
		t.Errorf("got %v", items)
	}
}
