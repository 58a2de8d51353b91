package server

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Prefix is where Mount puts the SCIM service of each tenant (design §5).
const Prefix = "/t/:tenant/identity/scim"

// storeTime bounds the store work of one request (design §4). Entra gives up on
// an answer after a minute, so that there is room for the way back.
const storeTime = 10 * time.Second

// Authenticator turns what a request shows into its tenant: path is the tenant's
// slug as it stands in the URL ("" where the URL has none), authorization the
// text of the one Authorization header ("" for none or several).
//
// It answers tenant.ErrUnauthorized for every bad credential alike; any other
// error is a fault of ours.
type Authenticator interface {
	Authenticate(ctx context.Context, path, authorization string) (*tenant.Tenant, error)
}

// Server serves SCIM. Its fields are set before Mount and not changed after.
type Server struct {
	Store     directory.Store
	Accounts  Authenticator
	Limits    ratelimit.Store // nil: no limit
	Most      int             // requests at once, others are told to come back; 0: 4,096
	PublicURL string          // "https://scim.example.com": begins every meta.location
	Log       *slog.Logger    // nil: nothing is logged

	Sealer Sealer // of cursors; nil: by a key of this process alone

	// Wake is told of a tenant after each of its changes, and must not block;
	// nil tells nobody. A hint only: the store's work list is the truth.
	Wake func(tenant.ID)
	// Check looks at what a POST, PUT or PATCH would store; its error refuses
	// the request. Nil checks nothing.
	Check func(*scim.Resource) error
	// Tolerated is told of each leniency used, never with a value (design 6.1).
	Tolerated func(t tenant.ID, l scim.Leniency, path string)
	// Aside takes what the journal tells of requests that changed nothing, and must
	// not block; nil tells nobody. What changes something is told by the change
	// itself (scim.Resource.Note).
	Aside func(tenant.ID, directory.Entry)
	// Answered is told of the status of each answer to a request whose credential
	// held, but for those that only try the service, and must not block; nil tells
	// nobody.
	Answered func(id tenant.ID, status int)
	// Tell is told of each request whose credential held, refused ones and those that
	// only read too, and must not block; nil tells nobody.
	Tell func(tenant.ID, Line)
	// Watch sees what comes and goes; nil sees nothing.
	Watch Watcher

	known definitionsByTenant
	crowd crowd
}

// Mount serves each tenant under Prefix.
func (s *Server) Mount(r gin.IRouter) { s.MountAt(r, Prefix, s.Accounts) }

// MountAt serves under another prefix: one with ":tenant" in it, or one without
// whose accounts know the only tenant there is.
func (s *Server) MountAt(r gin.IRouter, prefix string, accounts Authenticator) {
	if s.Sealer == nil {
		s.Sealer = ownKeys()
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	handle := s.handler(newMount(prefix, accounts))
	// One pattern for all, so that an unknown path is told from a known one only
	// behind authentication, and gin never redirects.
	r.Any(prefix, handle)
	r.Any(prefix+"/*path", handle)
}

// mount is one prefix and who is let in there.
type mount struct {
	accounts      Authenticator
	before, after string // the prefix around the tenant's slug
	shared        bool   // the slug stands in the path
}

func newMount(prefix string, accounts Authenticator) mount {
	before, after, shared := strings.Cut(prefix, ":tenant")
	return mount{accounts: accounts, before: before, after: after, shared: shared}
}

// base is the path of a tenant's service.
func (m *mount) base(t tenant.ID) string {
	if !m.shared {
		return m.before
	}
	return m.before + string(t) + m.after
}

// NewEngine makes a gin engine as the public listener needs it: it trusts no
// proxy's header, corrects no path and reveals nothing about unknown ones.
func NewEngine() *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.ForwardedByClientIP = false
	e.NoRoute(notFound)
	return e
}
