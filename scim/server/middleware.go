package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"scimgate/scim"
	"scimgate/tenant"
)

// call is one request on its way through the Server.
type call struct {
	*Server
	w   http.ResponseWriter
	r   *http.Request
	ctx context.Context // ends with the client, or after storeTime

	began  time.Time
	id     string // of the request, in the log and in every answer
	trace  string // by which whoever watches knows it; "" if nobody does
	base   string // path of the tenant's service, for meta.location
	route  string // template of the route; "" until found
	status int    // answered; 0 until then
	class  string // scimType of the answer, if it is an error

	tenant *tenant.Tenant
	defs   *scim.Definitions
	kind   *scim.ResourceType // of the route, if it names one
	key    string             // id or URN in the path
	when   preconditions      // of a resource with an id
	body   body
	noted  noted
	ruling *ruling // of the limiter, asked beside the store; nil: it has been obeyed
}

func (s *Server) handler(m mount) gin.HandlerFunc {
	return func(g *gin.Context) {
		ctx, cancel := context.WithTimeout(g.Request.Context(), storeTime)
		defer cancel()
		c := &call{Server: s, w: g.Writer, r: g.Request, ctx: ctx, began: time.Now(), id: requestID(g.Request)}
		c.w.Header()["X-Request-Id"] = []string{c.id}
		c.begin()
		defer c.end()
		if err := c.serve(&m, g.Param("tenant"), g.Param("path")); err != nil {
			c.fail(err)
		}
	}
}

// serve takes a request through the door to its verb. Nothing is told of the
// service, not even which paths it has, before the caller is known.
func (c *call) serve(m *mount, slug, path string) error {
	defer c.leave()
	if err := c.enter(); err != nil {
		return err
	}
	if err := c.authenticate(m.accounts, slug); err != nil {
		return c.refused(err)
	}
	if err := c.charge(path); err != nil {
		return err
	}
	return c.admitted(c.seated(m, path))
}

// seated takes a request that was charged to its verb.
func (c *call) seated(m *mount, path string) error {
	stand, err := c.sit()
	if err != nil {
		return err
	}
	defer stand()
	c.base = m.base(c.tenant.ID)
	c.defs = c.known.of(c.tenant)
	return c.dispatch(path)
}

// authenticate finds the tenant. Whatever is wrong with the credential is one
// and the same error; a store that cannot be asked is a fault of ours.
func (c *call) authenticate(accounts Authenticator, slug string) error {
	authorization := ""
	if sent := c.r.Header["Authorization"]; len(sent) == 1 {
		authorization = sent[0]
	}
	t, err := accounts.Authenticate(c.ctx, slug, authorization)
	switch {
	case errors.Is(err, tenant.ErrUnauthorized):
		return tenant.ErrUnauthorized
	case err != nil:
		return fault("authenticate", err)
	}
	c.tenant = t
	if t.Settings.Paused {
		return errPaused
	}
	return nil
}

// writing is the context of a change: it outlives the client, so that a
// connection lost in the middle cannot tear it.
func (c *call) writing() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.ctx), storeTime)
}

// mode is how this tenant's documents are read.
func (c *call) mode() scim.Mode {
	return scim.Mode{Strict: c.tenant.Settings.Strict, Tolerated: c.tolerates}
}

// end catches a panic, which is a fault of ours, and writes the request's line
// in the log: never its query or body, which hold personal data (RFC 7644 §7.5.2).
func (c *call) end() {
	if p := recover(); p != nil {
		c.panicked(p)
	}
	took := time.Since(c.began)
	c.ended(took)
	c.tell(took)
	if c.Answered != nil && c.tenant != nil && c.status != 0 && !c.drills() {
		c.Answered(c.tenant.ID, c.status)
	}
	if !c.Log.Enabled(c.ctx, slog.LevelInfo) {
		return
	}
	id := ""
	if c.tenant != nil {
		id = string(c.tenant.ID)
	}
	c.Log.LogAttrs(c.ctx, slog.LevelInfo, "request",
		slog.String("method", knownMethod(c.r.Method)), slog.String("route", c.template()),
		slog.Int("status", c.status), slog.Duration("duration", took),
		slog.String("tenant", id), slog.String("request_id", c.id))
}

// panicked answers for a panic with a fault of ours.
func (c *call) panicked(p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
		panic(p)
	}
	c.logPanic(p)
	if c.status == 0 {
		c.failOurs()
	}
}

// logPanic logs the stack, and of the panic's value only what the runtime wrote:
// any other may hold a part of the request.
func (c *call) logPanic(p any) {
	reason := fmt.Sprintf("%T", p)
	if err, ok := p.(runtime.Error); ok {
		reason = err.Error()
	}
	c.Log.LogAttrs(c.ctx, slog.LevelError, "panic",
		slog.String("reason", reason), slog.String("request_id", c.id), slog.String("stack", string(debug.Stack())))
}

// template is the route as it stands in the table, with the endpoint filled in.
func (c *call) template() string {
	if c.kind == nil {
		return c.route
	}
	return c.kind.Endpoint + c.route[len("/{endpoint}"):]
}

// knownMethod keeps a client from writing words of its own into the log.
func knownMethod(m string) string {
	switch m {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return m
	default:
		return "other"
	}
}

// requestID is what the client calls its request, so that its log and ours can
// be laid side by side (Entra sends client-request-id), else a random one.
func requestID(r *http.Request) string {
	if sent := r.Header.Get("Client-Request-Id"); isRequestID(sent) {
		return sent
	}
	return uuid.NewString()
}

func isRequestID(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '.' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= 64
}
