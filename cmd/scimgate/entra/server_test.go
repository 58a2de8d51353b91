package entra

import (
	"context"
	"net/http/httptest"
	"testing"

	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// one lets the one tenant in.
type one struct{ tenant *tenant.Tenant }

func (o one) Authenticate(_ context.Context, path, authorization string) (*tenant.Tenant, error) {
	if path == string(o.tenant.ID) && authorization == "Bearer secret" {
		return o.tenant, nil
	}
	return nil, tenant.ErrUnauthorized
}

// gateway starts our own SCIM service over SQLite in memory.
func gateway(tb testing.TB, suffix string, connections int) *Client {
	tb.Helper()
	store, err := directory.OpenSQLite(tb.Context(), ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	engine := server.NewEngine()
	s := &server.Server{
		Store: store, PublicURL: "https://scim.example.com",
		Accounts: one{&tenant.Tenant{ID: "demo", Connections: []tenant.Connection{{ID: "appspace"}}}},
	}
	s.Mount(engine)
	listener := httptest.NewServer(engine)
	tb.Cleanup(listener.Close)
	c, err := NewClient(listener.URL+"/t/demo/identity/scim"+suffix, "secret", connections)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.Close)
	return c
}

// What Entra sends is what our own service answers to Entra's liking.
func TestOwnService(t *testing.T) {
	for _, suffix := range []string{"", "/", "?aadOptscim062020"} {
		c := gateway(t, suffix, 4)
		if r := Probe(t.Context(), c, nil); !r.OK {
			t.Fatalf("%q: %+v", suffix, r)
		}
		for range 2 {
			if err := Play(t.Context(), c, func(string) {}); err != nil {
				t.Errorf("%q: %v", suffix, err)
			}
			if r := OnDemand(t.Context(), c, britta, nil); !r.OK {
				t.Errorf("%q: %+v", suffix, r)
			}
		}
		if r := OnDemand(t.Context(), c, britta, nil); len(r.Steps) != 1 {
			t.Errorf("%q: a change is seen where there is none: %+v", suffix, r)
		}
		if r := Cycle(t.Context(), c, Load{Users: 25, Connections: 4}); !r.OK || r.Total.Requests != 25*6 {
			t.Errorf("%q: %+v", suffix, r)
		}
	}
}

func BenchmarkCycle(b *testing.B) {
	c := gateway(b, "", 16)
	for b.Loop() {
		r := Cycle(b.Context(), c, Load{Users: 1000, Connections: 16})
		if !r.OK {
			b.Fatalf("%+v", r)
		}
		b.ReportMetric(r.Total.RequestsPerSecond, "requests/s")
		b.ReportMetric(r.Total.P99Milliseconds, "p99-ms")
	}
}
