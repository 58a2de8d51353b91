package gateway

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/http/pprof"
	"strings"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/telemetry"
	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// openTelemetry returns this process's telemetry, or nil where it is off.
func openTelemetry(ctx context.Context, c *config.Config, keys *tenant.Keys, g *Gateway) (*telemetry.Telemetry, error) {
	if c.Metrics.Off {
		return nil, nil
	}
	store := "sqlite"
	if c.MongoDBURI != "" {
		store = "mongodb"
	}
	return telemetry.Open(ctx, telemetry.Options{
		Role: c.Role, Store: store, Endpoint: c.OTLPEndpoint, Share: c.TraceShare, AllTenants: c.Metrics.Tenants,
		Key: keys.Names("telemetry"), Log: g.log,
	})
}

// watch lets telemetry see what the gateway was built of, before it runs.
func (g *Gateway) watch(s *server.Server) error {
	if g.telemetry == nil {
		return nil
	}
	s.Store, s.Watch = g.telemetry.Store(s.Store), g.telemetry.Requests()
	s.Tolerated = g.telemetry.Tolerated(s.Tolerated)
	g.clerk.Worked = g.telemetry.Worked()
	g.Admin.Audited = g.telemetry.Audited
	if embedded, ok := g.Stores.Directory.(*directory.SQLite); ok {
		embedded.Wrote = g.telemetry.Wrote()
	}
	sources := telemetry.Sources{}
	if answers(g.role) {
		sources.Inside = s.Inside
	}
	if shared, ok := s.Limits.(*ratelimit.Fallback); ok {
		sources.Limits = shared.Counts
	}
	if g.hints != nil {
		sources.HintsLost = g.hints.dropped.Load
	}
	if g.worker != nil {
		g.worker.Work, g.worker.Watch = g.telemetry.Work(g.worker.Work), g.telemetry.Pushes()
		g.worker.Alert = g.telemetry.Alerted
		g.backlog = &telemetry.Backlog{Owed: g.Stores.Directory, Tenants: g.Stores.Tenants, Leases: g.Stores.Leases}
		sources.Standing, sources.Backlog = g.worker.Standing, g.backlog
	}
	return g.telemetry.Observe(sources)
}

// profiles is where the profiler answers, to who shows the operator's key.
const profiles = "/debug/pprof/"

// mountTelemetry serves /metrics to everybody who reaches the operator's listener,
// as the probes are: a scraper needs no key that opens everything else, and what it
// reads names no person. The profiler, which can be made to work hard, wants the key.
func (g *Gateway) mountTelemetry(e *gin.Engine, adminKey string) {
	if h := g.telemetry.Handler(); h != nil {
		e.GET("/metrics", gin.WrapH(h))
	}
	e.GET(profiles+"*name", func(c *gin.Context) {
		if !shows(c.Request, adminKey) {
			c.Header("WWW-Authenticate", `Bearer realm="scimgate operator"`)
			c.String(http.StatusUnauthorized, "show the operator key: Authorization: Bearer …\n")
			return
		}
		profile(strings.TrimPrefix(c.Param("name"), "/")).ServeHTTP(c.Writer, c.Request)
	})
}

func shows(r *http.Request, key string) bool {
	shown, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return ok && key != "" && subtle.ConstantTimeCompare([]byte(shown), []byte(key)) == 1
}

// profile is the handler of a name. The command line is not among them: it may hold
// a secret.
func profile(name string) http.Handler {
	switch name {
	case "":
		return http.HandlerFunc(pprof.Index)
	case "profile":
		return http.HandlerFunc(pprof.Profile)
	case "trace":
		return http.HandlerFunc(pprof.Trace)
	case "symbol":
		return http.HandlerFunc(pprof.Symbol)
	case "cmdline":
		return http.NotFoundHandler()
	default:
		return pprof.Handler(name)
	}
}
