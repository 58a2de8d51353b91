package admin

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"scimgate/tenant"
)

// CommandAgent begins the User-Agent of scimgate's own commands.
const CommandAgent = "scimgate-cli"

type principalKey struct{}

// WithPrincipal says who does what is done under the context. It is told of what
// they change, and decides nothing: that they may was decided before.
func WithPrincipal(ctx context.Context, p tenant.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

func principalOf(ctx context.Context) tenant.Principal {
	p, _ := ctx.Value(principalKey{}).(tenant.Principal)
	return p
}

// guard lets nobody under Prefix without the operator's key or an API key, before a
// word is said about paths, methods or bodies.
func (s *Service) guard(key string) gin.HandlerFunc {
	return func(g *gin.Context) {
		path := g.Request.URL.Path
		if path != Prefix && !strings.HasPrefix(path, Prefix+"/") {
			return
		}
		p, err := s.principal(g.Request, key)
		switch {
		case errors.Is(err, tenant.ErrUnauthorized):
			g.Writer.Header().Del("Allow") // which methods there are
			g.Header("WWW-Authenticate", `Bearer realm="scimgate operator"`)
			answer(g, http.StatusUnauthorized, "show the operator key or an API key: Authorization: Bearer …")
		case err != nil:
			s.Log.ErrorContext(g.Request.Context(), "an API key cannot be looked up", "error", err)
			g.Writer.Header().Del("Allow")
			g.Header("Retry-After", retryAfter)
			answer(g, http.StatusServiceUnavailable, "a store does not answer; nothing was changed")
		default:
			g.Request = g.Request.WithContext(WithPrincipal(g.Request.Context(), p))
			return
		}
		g.Abort()
	}
}

// principal is who a request is of, or tenant.ErrUnauthorized.
func (s *Service) principal(r *http.Request, operatorKey string) (tenant.Principal, error) {
	shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return tenant.Principal{}, tenant.ErrUnauthorized
	}
	if operatorKey != "" && subtle.ConstantTimeCompare([]byte(shown), []byte(operatorKey)) == 1 {
		kind := tenant.OperatorKeyPrincipal
		if strings.HasPrefix(r.UserAgent(), CommandAgent) {
			kind = tenant.CommandPrincipal
		}
		return tenant.Principal{Kind: kind, Role: tenant.Operator}, nil
	}
	ctx, now := r.Context(), time.Now()
	key, err := tenant.FindAPIKey(ctx, s.Tenants, s.Keys, shown, now)
	if err != nil {
		return tenant.Principal{}, err
	}
	if err := tenant.NoteAPIKey(ctx, s.Tenants, s.Keys, key, shown, now); err != nil {
		s.Log.WarnContext(ctx, "the use of an API key is not noted", "key", key.ID, "error", err)
	}
	return tenant.Principal{Kind: tenant.KeyPrincipal, ID: key.ID, Name: key.Name, Role: key.Role, Tenant: key.Tenant}, nil
}

// gate lets an operation be had by whom it is for, and tells of it if it can change
// anything. It stands before every operation: one that is not in the table is
// nobody's.
func (s *Service) gate(table map[string]*operation) func(huma.Context, func(huma.Context)) {
	return func(h huma.Context, next func(huma.Context)) {
		op := table[h.Operation().Method+" "+h.Operation().Path]
		who := principalOf(h.Context())
		switch {
		case op == nil:
			writeProblem(h, problem(http.StatusForbidden, "this is for nobody"))
		case strings.HasPrefix(op.path, oneTenant) && !who.Sees(tenant.ID(h.Param("tenant"))):
			writeProblem(h, problem(http.StatusNotFound, "there is no such thing"))
		case !op.who.Admits(who, op.path):
			writeProblem(h, problem(http.StatusForbidden, "your role does not allow this"))
		case h.Header("If-Match") != "" && (!op.versioned || op.reads):
			writeProblem(h, problem(http.StatusBadRequest, "If-Match: this operation takes none; nothing was changed"))
		case op.reads:
			if op.versioned {
				s.etag(h)
			}
			next(h)
		default:
			s.tellOf(h, op, who, next)
		}
	}
}

// tellOf has an operation that can change something, and tells of it.
func (s *Service) tellOf(h huma.Context, op *operation, who tenant.Principal, next func(huma.Context)) {
	c := tenant.NewChange(time.Now())
	url := h.URL()
	c.Actor, c.Operation, c.Resource = who, h.Operation().OperationID, strings.TrimPrefix(url.Path, Prefix)
	c.Summary, _, _ = strings.Cut(h.Operation().Summary, ";") // what follows says how
	if strings.HasPrefix(op.path, oneTenant) && !op.removes {
		c.Tenant = tenant.ID(h.Param("tenant"))
	}
	ctx, end, err := s.Begin(h.Context(), c)
	if err != nil {
		writeProblem(h, s.problemOf(h.Context(), err))
		return
	}
	next(huma.WithContext(h, withIfMatch(ctx, h.Header("If-Match"))))
	end(h.Status())
}
