package sandbox

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"

	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// Prefix is where the SCIM service stands, as in a real account.
const Prefix = "/identity/scim"

// account is the one tenant of a sandbox. Having no connection, it owes nobody
// its changes.
const account tenant.ID = "sandbox"

// Config says what a sandbox is like.
type Config struct {
	Path       string             // file that keeps the users; ":memory:" or "" keeps none
	Token      string             // the account's SCIM bearer token
	PublicURL  string             // "http://127.0.0.1:8090": begins every meta.location
	Attributes []tenant.Attribute // custom attributes that the account defines
	Log        *slog.Logger       // nil: nothing is logged
}

// Sandbox is a running account. What it answered 2xx to, it has committed.
type Sandbox struct {
	store   *directory.SQLite
	handler http.Handler
}

// New opens a sandbox. The caller serves its Handler and calls Close at the end.
func New(ctx context.Context, c Config) (*Sandbox, error) {
	if c.Token == "" {
		return nil, errors.New("sandbox: a token is needed")
	}
	if c.Path == "" {
		c.Path = ":memory:"
	}
	store, err := directory.OpenSQLite(ctx, c.Path)
	if err != nil {
		return nil, err
	}
	return &Sandbox{store: store, handler: c.serve(store)}, nil //nolint:contextcheck // each request brings its own context
}

func (c Config) serve(store directory.Store) http.Handler {
	s := &server.Server{Store: store, PublicURL: c.PublicURL, Check: demand, Log: c.Log}
	engine := server.NewEngine()
	engine.GET("/", page)
	s.MountAt(engine, Prefix, &accounts{
		token:  sha256.Sum256([]byte("Bearer " + c.Token)),
		tenant: &tenant.Tenant{ID: account, DisplayName: "Sandbox account", Attributes: c.Attributes},
	})
	return engine
}

// Handler serves the account: SCIM under Prefix, and at / the page that says
// what it assumes.
func (s *Sandbox) Handler() http.Handler { return s.handler }

// Close releases the store, after the last request.
func (s *Sandbox) Close() error { return s.store.Close() }

// accounts lets in whoever has the one token.
type accounts struct {
	token  [sha256.Size]byte // hash of the whole header, so that no length shows
	tenant *tenant.Tenant
}

// Authenticate implements server.Authenticator.
func (a *accounts) Authenticate(_ context.Context, _, authorization string) (*tenant.Tenant, error) {
	shown := sha256.Sum256([]byte(authorization))
	if subtle.ConstantTimeCompare(shown[:], a.token[:]) != 1 {
		return nil, tenant.ErrUnauthorized
	}
	return a.tenant, nil
}
