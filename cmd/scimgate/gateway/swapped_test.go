package gateway

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"scimgate/cmd/scimgate/config"
	"scimgate/tenant"
)

// A row of the store that was put in another tenant's place, or in another
// connection's, opens nothing: no push ever carries a foreign credential.
func TestSwappedSettingsOpenNothing(t *testing.T) {
	var asked atomic.Int32
	account := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(account.Close)
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		t.Fatal(err)
	}
	o := newOpener(config.Outbound{Loopback: true}, keys)
	t.Cleanup(o.client.CloseIdleConnections)
	theirs := tenant.Connection{ID: "appspace", Kind: "appspace"}
	settings := []byte(`{"baseURL":"` + account.URL + `","token":"globex-token"}`)
	if theirs.Sealed, err = keys.Seal(settings, "globex", theirs.Field()); err != nil {
		t.Fatal(err)
	}
	if err := o.check(t.Context(), &tenant.Tenant{ID: "globex"}, theirs); err == nil && asked.Load() == 0 {
		t.Error("the tenant's own connection was not tried")
	}
	before := asked.Load()
	other := theirs
	other.ID = "other"
	for who, c := range map[tenant.ID]tenant.Connection{"acme": theirs, "globex": other} {
		if _, err := o.open(t.Context(), &tenant.Tenant{ID: who}, c); err == nil {
			t.Errorf("%s/%s opened what was sealed for globex/appspace", who, c.ID)
		}
	}
	if n := asked.Load() - before; before == 0 || n != 0 {
		t.Errorf("the account was asked %d times, and %d with a foreign credential", before, n)
	}
}
