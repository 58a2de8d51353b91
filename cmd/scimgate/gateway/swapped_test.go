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
	store, err := tenant.OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	vault := tenant.Vault{Keys: keys, Store: store}
	for _, id := range []tenant.ID{"acme", "globex"} {
		if err := vault.Provide(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	o := newOpener(config.Outbound{Loopback: true}, vault)
	t.Cleanup(o.client.CloseIdleConnections)
	theirs := tenant.Connection{ID: "appspace", Kind: "appspace"}
	settings := []byte(`{"baseURL":"` + account.URL + `","token":"globex-token"}`)
	if theirs.Sealed, err = vault.Seal(t.Context(), settings, "globex", theirs.Field()); err != nil {
		t.Fatal(err)
	}
	byKeys := theirs // as a build before data keys left it
	if byKeys.Sealed, err = keys.Seal(settings, "globex", theirs.Field()); err != nil {
		t.Fatal(err)
	}
	if err := o.check(t.Context(), &tenant.Tenant{ID: "globex"}, theirs); err == nil && asked.Load() == 0 {
		t.Error("the tenant's own connection was not tried")
	}
	before := asked.Load()
	other := theirs
	other.ID = "other"
	for _, swapped := range []struct {
		who tenant.ID
		c   tenant.Connection
	}{{"acme", theirs}, {"globex", other}, {"acme", byKeys}} {
		if _, err := o.open(t.Context(), &tenant.Tenant{ID: swapped.who}, swapped.c); err == nil {
			t.Errorf("%s/%s opened what was sealed for globex/appspace", swapped.who, swapped.c.ID)
		}
	}
	swapDataKeys(t, store, "acme", "globex")
	if _, err := o.open(t.Context(), &tenant.Tenant{ID: "acme"}, theirs); err == nil {
		t.Error("with the other's data key in its row, acme opened what is globex's")
	}
	if n := asked.Load() - before; before == 0 || n != 0 {
		t.Errorf("the account was asked %d times, and %d with a foreign credential", before, n)
	}
}

// swapDataKeys puts one tenant's data key into another's row.
func swapDataKeys(t *testing.T, store *tenant.SQLite, of, from tenant.ID) {
	t.Helper()
	theirs, err := store.DataKey(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	own, err := store.DataKey(t.Context(), of)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.SwapDataKey(t.Context(), of, own, theirs); err != nil {
		t.Fatal(err)
	}
}
