package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Prefix is where Mount puts the console.
const Prefix = "/console"

// Console serves the pages. Its exported fields are set before Mount and not
// changed after.
type Console struct {
	Service *admin.Service
	Key     string          // the operator's, to sign in with; "" lets nobody in by key
	OIDC    *OIDC           // nil: nobody signs in by OIDC
	Limits  ratelimit.Store // of attempts to sign in, by network address
	Traffic Traffic
	Log     *slog.Logger

	table   []route  // what is mounted
	secure  bool     // the console is reached over HTTPS
	changes sync.Map // tenant.ID → *atomic.Uint64, see Changed
	ended   chan struct{}
	end     sync.Once
	streams chan struct{} // one place for each open stream of events
}

// Traffic tells what was seen of a tenant within a day: traffic.Counter, what this
// process saw, and traffic.Shared, what all did.
type Traffic interface {
	Of(ctx context.Context, id tenant.ID) traffic.Picture
}

// maxStreams bounds how many pages are kept up to date at once; the others stay
// as they are until somebody reloads them.
const maxStreams = 200

// Mount serves the console under Prefix.
func (c *Console) Mount(r gin.IRouter) {
	c.secure = strings.HasPrefix(c.Service.ConsoleURL, "https://")
	c.ended, c.streams = make(chan struct{}), make(chan struct{}, maxStreams)
	handler := gin.WrapH(c.handler())
	r.Any(Prefix, handler)
	r.Any(Prefix+"/*path", handler)
}

// Stop ends what would hold up the end of the process: pages that are kept up to
// date.
func (c *Console) Stop() { c.end.Do(func() { close(c.ended) }) }

// Changed hints that a client has changed something of a tenant, so that pages of
// it that are open follow at once. Other processes' changes they find out by
// looking now and then.
func (c *Console) Changed(id tenant.ID) { c.changed(id).Add(1) }

func (c *Console) changed(id tenant.ID) *atomic.Uint64 {
	n, _ := c.changes.LoadOrStore(id, new(atomic.Uint64))
	return n.(*atomic.Uint64)
}

// handler is the console as one handler: first what holds for every answer, then
// the table of routes.
func (c *Console) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+Prefix+"/assets/", http.HandlerFunc(serveAsset))
	c.table = routes
	for _, route := range c.table {
		mux.Handle(route.method+" "+Prefix+route.path, c.page(route))
	}
	mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Console: c, w: w, r: r}
		v.person, _ = c.personOf(r)
		v.fail(errNotFound) //nolint:contextcheck // it is the request's
	})
	return c.guarded(mux)
}

// guarded sets the headers of every answer, bounds every body, and refuses what
// another site makes a browser send.
func (c *Console) guarded(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		(&visit{Console: c, w: w, r: r}).fail(errForeign) //nolint:contextcheck // it is the request's
	}))
	if u, err := url.Parse(c.Service.ConsoleURL); err == nil { // where an ingress changes Host
		_ = foreign.AddTrustedOrigin(u.Scheme + "://" + u.Host)
	}
	inner := foreign.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.setHeaders(w.Header())
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if r.URL.Path == Prefix { // without a slash relative links would lead out
			http.Redirect(w, r, Prefix+"/", http.StatusSeeOther)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// maxForm bounds what a browser may send: rules are the longest of it.
const maxForm = 1 << 20

// setHeaders lets a page load what is ours and nothing else, and be framed by
// nobody. There is no inline script or style anywhere.
func (c *Console) setHeaders(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if c.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// now is the time of a visit.
func now() time.Time { return time.Now().UTC() }

// What a page answers beside the errors of admin.Service.
var (
	errNotFound  = errors.New("console: not found")
	errForbidden = errors.New("console: the role may not")
	errForeign   = errors.New("console: sent from another site")
	errTooOften  = errors.New("console: too many attempts")
)
