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
	Faults     []Fault            // how it fails from the start
	Log        *slog.Logger       // nil: nothing is logged
}

// Sandbox is a running account. What it answered 2xx to, it has committed.
type Sandbox struct {
	store *directory.SQLite
	line  *line
}

// New opens a sandbox. The caller serves its Handler and calls Close at the end.
func New(ctx context.Context, c Config) (*Sandbox, error) {
	if c.Token == "" {
		return nil, errors.New("sandbox: a token is needed")
	}
	if c.Path == "" {
		c.Path = ":memory:"
	}
	if err := checkFaults(c.Faults); err != nil {
		return nil, err
	}
	store, err := directory.OpenSQLite(ctx, c.Path)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{store: store}
	s.line = c.serve(s)
	return s, s.SetFaults(c.Faults...)
}

func (c Config) serve(s *Sandbox) *line {
	service := &server.Server{Store: s.store, PublicURL: c.PublicURL, Check: demand, Log: c.Log}
	accounts := &accounts{
		token:  sha256.Sum256([]byte("Bearer " + c.Token)),
		tenant: &tenant.Tenant{ID: account, DisplayName: "Sandbox account", Attributes: c.Attributes},
	}
	counts := newCounts()
	engine := server.NewEngine()
	engine.Use(counts.take)
	engine.GET("/", s.page)
	control{accounts, s}.mount(engine)
	service.MountAt(engine, Prefix, accounts)
	return newLine(engine, counts)
}

// Handler serves the account: SCIM under Prefix, at / the page that says what it
// assumes, and at /faults how it can be told to fail.
func (s *Sandbox) Handler() http.Handler { return s.line }

// SetFaults makes the account fail in these ways and in no other; none makes it
// healthy. The error tells all that is wrong with any of them, and leaves what
// was set.
func (s *Sandbox) SetFaults(faults ...Fault) error { return s.line.replace(faults) }

// Faults returns what is set.
func (s *Sandbox) Faults() []FaultState { return s.line.state() }

// Counters returns what the account has seen and taken since it was opened.
func (s *Sandbox) Counters() Counters { return s.line.counts.snapshot() }

// Release ends whatever a fault keeps waiting: it is for
// http.Server.RegisterOnShutdown, which would wait for it.
func (s *Sandbox) Release() { s.line.release() }

// Close releases the store, after the last request. What a fault would have
// applied later is lost.
func (s *Sandbox) Close() error {
	s.Release()
	s.line.late.Wait()
	return s.store.Close()
}

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
