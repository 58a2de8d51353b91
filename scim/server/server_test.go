package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

const publicURL = "https://scim.example.com"

// stores are those that every test here runs over.
func stores(t *testing.T) map[string]directory.Store {
	t.Helper()
	sqlite, err := directory.OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sqlite.Close() })
	all := map[string]directory.Store{"sqlite": sqlite}
	if mongo := openMongo(t); mongo != nil {
		all["mongo"] = mongo
	}
	return all
}

// tenants let each in by its own id as the token: what Authenticate must do
// beyond that is tested with the real Resolver.
type tenants map[tenant.ID]*tenant.Tenant

func (all tenants) Authenticate(_ context.Context, path, authorization string) (*tenant.Tenant, error) {
	token, ok := strings.CutPrefix(authorization, "Bearer ")
	if t := all[tenant.ID(token)]; ok && t != nil && path == token {
		return t, nil
	}
	return nil, tenant.ErrUnauthorized
}

var tenantCount atomic.Int64

// newTenant makes a tenant that no other test has, with one connection.
func newTenant() *tenant.Tenant {
	id := fmt.Sprintf("t%d-%d", time.Now().UnixNano(), tenantCount.Add(1))
	return &tenant.Tenant{ID: tenant.ID(id), Connections: []tenant.Connection{{ID: "appspace", Slot: 0}}}
}

func newHandler(store directory.Store, served ...*tenant.Tenant) http.Handler {
	all := tenants{}
	for _, t := range served {
		all[t.ID] = t
	}
	return mounted(&server.Server{Store: store, Accounts: all, PublicURL: publicURL})
}

func mounted(s *server.Server) http.Handler {
	engine := server.NewEngine()
	s.Mount(engine)
	return engine
}
