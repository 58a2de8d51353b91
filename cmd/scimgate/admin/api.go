package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// Prefix is where Mount puts the operator's API.
const Prefix = "/api/v1"

// Mount serves the API under Prefix to whoever shows the operator's key or an API
// key, and /healthz and /readyz to everybody. An empty key opens nothing. It owns e's answers to what
// no route matches.
func (s *Service) Mount(e *gin.Engine, key string) {
	e.HandleMethodNotAllowed = true
	e.Use(gin.CustomRecoveryWithWriter(nil, s.recovered), s.guard(key))
	e.NoRoute(func(g *gin.Context) { answer(g, http.StatusNotFound, "there is nothing at this path") })
	e.NoMethod(func(g *gin.Context) { answer(g, http.StatusMethodNotAllowed, "this path does not know the method") })
	s.MountProbes(e)
	api, table := humagin.New(e, apiConfig()), map[string]*operation{}
	api.UseMiddleware(s.gate(table))
	for _, op := range routes {
		table[op.method+" "+op.path] = op
		op.register(s, api)
	}
}

func apiConfig() huma.Config {
	c := huma.DefaultConfig("scimgate", "v1")
	c.Info.Description = "Tenants, their tokens, connections, custom attributes and mapping rules, and what is owed to each account. " +
		"Whoever shows the operator's key may do everything; an API key what its role may, of its tenant or of all. Another tenant is not found."
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = Prefix+"/openapi", "", ""
	c.CreateHooks = nil // no $schema in each answer
	c.Transformers = []huma.Transformer{forgetValues}
	c.RejectUnknownQueryParameters = true
	c.Components.Schemas = newSchemas()
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"operator": {Type: "http", Scheme: "bearer"}}
	c.Security = []map[string][]string{{"operator": {}}}
	return c
}

// answer writes a problem (RFC 9457) where no operation of the API does.
func answer(g *gin.Context, status int, detail string) {
	g.Header("Content-Type", "application/problem+json")
	g.JSON(status, problem(status, detail))
}

func (s *Service) readyz(g *gin.Context) {
	ctx, cancel := context.WithTimeout(g.Request.Context(), readyTime)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.WarnContext(ctx, "not ready", "error", err)
		g.String(http.StatusServiceUnavailable, "the stores do not answer\n")
		return
	}
	g.String(http.StatusOK, "ok\n")
}

func (s *Service) recovered(g *gin.Context, what any) {
	s.Log.ErrorContext(g.Request.Context(), "panic", "route", g.FullPath(), "panic", what)
	g.Header("Retry-After", retryAfter)
	answer(g, http.StatusServiceUnavailable, "this is a fault of scimgate; it is in the log")
	g.Abort()
}
