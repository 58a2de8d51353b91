package admin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

const operatorKey = "operator-key-of-the-tests"

// desk is a Service on real stores, with its API, a connector that does what the
// test says, and a tenant store that can fail.
type desk struct {
	testing.TB
	*Service
	tenants *failing
	url     string
	log     *strings.Builder
	accept  string
	opened  error // by the connector's kind
	checked error // by the account
	mu      sync.Mutex
	woken   []tenant.ID
}

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	d := &desk{TB: tb, log: new(strings.Builder)}
	d.must(err)
	tenants, err := tenant.OpenSQLite(tb.Context(), ":memory:")
	d.must(err)
	resources, err := directory.OpenSQLite(tb.Context(), ":memory:")
	d.must(err)
	d.tenants = &failing{Store: tenants}
	d.Service = &Service{
		Tenants: d.tenants, Ledger: tenants, Passes: tenants, Notes: tenants, Directory: resources, Keys: keys,
		Resolver: tenant.NewResolver(d.tenants, keys, time.Now),
		Open:     d.open, Wake: d.wake,
		PublicURL: "https://scim.example.com", ConsoleURL: "https://scim.example.com/console", Ready: d.tenants.Ping,
		Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	engine := server.NewEngine()
	d.Mount(engine, operatorKey)
	s := httptest.NewServer(engine)
	d.url = s.URL
	tb.Cleanup(func() {
		s.Close()
		d.Resolver.Wait()
		d.must(errors.Join(resources.Close(), tenants.Close()))
	})
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) wake(id tenant.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.woken = append(d.woken, id)
}

func (d *desk) open(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
	return checkOnly{d: d}, d.opened
}

// checkOnly is a connector that only Check is called of.
type checkOnly struct {
	connectors.Connector
	d *desk
}

func (c checkOnly) Check(context.Context) error { return c.d.checked }

// failing is a tenant store that fails when told to.
type failing struct {
	tenant.Store
	fault, keysFault, beginFault, endFault error
}

func (f *failing) APIKey(ctx context.Context, id string) (*tenant.APIKey, error) {
	if f.keysFault != nil {
		return nil, f.keysFault
	}
	return f.Store.APIKey(ctx, id)
}

func (f *failing) BeginChange(ctx context.Context, c *tenant.Change) error {
	if f.beginFault != nil {
		return f.beginFault
	}
	return f.Store.BeginChange(ctx, c)
}

func (f *failing) EndChange(ctx context.Context, c *tenant.Change) error {
	if f.endFault != nil {
		return f.endFault
	}
	return f.Store.EndChange(ctx, c)
}

func (f *failing) Tenant(ctx context.Context, id tenant.ID) (*tenant.Tenant, error) {
	if f.fault != nil {
		return nil, f.fault
	}
	return f.Store.Tenant(ctx, id)
}

func (f *failing) Ping(ctx context.Context) error { return errors.Join(f.fault, f.Store.Ping(ctx)) }

// answered is what the API said.
type answered struct {
	status int
	header http.Header
	text   string
}

// ask makes a request with the operator's key.
func (d *desk) ask(method, path, body string) answered {
	d.Helper()
	return d.askWith("Bearer "+operatorKey, "application/json", method, path, body)
}

func (d *desk) askWith(authorization, contentType, method, path, body string) answered {
	d.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(d.Context(), method, d.url+path, reader)
	d.must(err)
	req.Header.Set("Content-Type", contentType)
	if d.accept != "" {
		req.Header.Set("Accept", d.accept)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	res, err := http.DefaultClient.Do(req)
	d.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	d.must(err)
	return answered{res.StatusCode, res.Header, string(text)}
}

// api asks below /api/v1, requires the status, and returns the body.
func (d *desk) api(status int, method, path, body string) map[string]any {
	d.Helper()
	a := d.ask(method, Prefix+path, body)
	if a.status != status {
		d.Fatalf("%s %s: got %d, want %d: %s", method, path, a.status, status, a.text)
	}
	var decoded map[string]any
	if a.text != "" {
		d.must(json.Unmarshal([]byte(a.text), &decoded))
	}
	return decoded
}

// refused asks and requires a problem whose text says what is wrong.
func (d *desk) refused(status int, method, path, body, says string) {
	d.Helper()
	a := d.ask(method, Prefix+path, body)
	if a.status != status || !strings.Contains(a.text, says) || a.header.Get("Content-Type") != "application/problem+json" {
		d.Errorf("%s %s: got %d %s, want %d and %q", method, path, a.status, a.text, status, says)
	}
}

// acme makes a tenant with a connection.
func (d *desk) acme() {
	d.Helper()
	d.api(201, "POST", "/tenants", `{"id":"acme","displayName":"Acme"}`)
	d.api(200, "PUT", "/tenants/acme/connections/appspace", `{"kind":"appspace","settings":{"token":"s3cret"}}`)
}

func (d *desk) stored() *tenant.Tenant {
	d.Helper()
	t, err := d.Tenants.Tenant(d.Context(), "acme")
	d.must(err)
	return t
}
