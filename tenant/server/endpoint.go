package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Path is where each tenant's token endpoint is.
const Path = "/t/:tenant/oauth2/token"

// storeTime bounds the work of one request.
const storeTime = 10 * time.Second

// strangers is what one network may show of bad credentials, as at the SCIM
// service.
var strangers = ratelimit.Limit{Rate: 10, Burst: 100}

// Endpoint gives access tokens to clients. Its fields are set before Mount.
type Endpoint struct {
	Resolver *tenant.Resolver
	Verifier *Verifier
	Passes   tenant.Passes   // remembers assertions, so that none is shown twice
	Limits   ratelimit.Store // nil: no limit
	Log      *slog.Logger

	mu     sync.Mutex
	purged time.Time
}

// Mount serves every tenant's token endpoint.
func (e *Endpoint) Mount(r gin.IRouter) {
	r.Any(Path, func(g *gin.Context) { e.serve(g.Writer, g.Request, g.Param("tenant")) })
}

// granted is the answer of RFC 6749 §5.1. What was asked for as scope is granted:
// there is one thing to do with a token.
type granted struct {
	Token   string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int    `json:"expires_in"`
}

func (e *Endpoint) serve(w http.ResponseWriter, r *http.Request, path string) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeTime)
	defer cancel()
	answer, wait, err := e.grant(ctx, r, path)
	if err != nil {
		e.refuse(w, r, wait, err)
		return
	}
	send(w, http.StatusOK, answer)
}

// grant gives a token, or says why not, and when to come back.
func (e *Endpoint) grant(ctx context.Context, r *http.Request, path string) (*granted, time.Duration, error) {
	what, err := readRequest(r)
	if err != nil {
		return nil, 0, err
	}
	begin := time.Now()
	c, s, err := e.authenticate(ctx, path, what)
	if errors.Is(err, tenant.ErrUnauthorized) {
		tenant.Evenly(ctx, begin)
		wait, fault := e.charge(ctx, "network/"+ratelimit.Network(r.RemoteAddr), strangers)
		return nil, wait, errors.Join(fault, errClient)
	}
	if err != nil {
		return nil, 0, err
	}
	limit, err := e.Resolver.Limit(ctx, c)
	if err != nil {
		return nil, 0, err
	}
	if wait, err := e.charge(ctx, tenant.Tokens.Key(c.Tenant), limit); err != nil {
		return nil, wait, err
	}
	text, end := e.Resolver.Access(c, s)
	return &granted{text, "Bearer", int(end.Sub(e.Resolver.Now()).Seconds())}, 0, nil
}

// authenticate finds whose credential is shown: ErrUnauthorized for every bad one.
func (e *Endpoint) authenticate(ctx context.Context, path string, what shown) (*tenant.Credential, *tenant.Secret, error) {
	if what.assertion == "" {
		return e.Resolver.Client(ctx, path, what.id, what.secret)
	}
	c, err := e.Resolver.Named(ctx, path, what.id)
	if err != nil {
		return nil, nil, err
	}
	var candidates []*tenant.Issued
	if c.Kind == tenant.FederatedCredential {
		candidates = []*tenant.Issued{c.Issued}
	}
	_, claims, err := e.Verifier.verify(ctx, candidates, ofAssertions, what.assertion, e.Resolver.Now())
	if err != nil {
		return nil, nil, err
	}
	if err := e.once(ctx, c, claims); err != nil {
		return nil, nil, err
	}
	e.Resolver.Used(c)
	return c, nil, nil
}

// once refuses an assertion that was shown before, by its jti (RFC 7523 §3, 7). One
// without is not known again: Entra's have none.
func (e *Endpoint) once(ctx context.Context, c *tenant.Credential, claims *claims) error {
	if claims.ID == "" {
		return nil
	}
	now := e.Resolver.Now()
	err := e.Passes.SavePass(ctx, &tenant.Pass{
		Kind: tenant.AssertionPass, ID: tenant.PassID(c.ID + "\n" + claims.Issuer + "\n" + claims.ID),
		Tenant: c.Tenant, Body: []byte{}, Created: now, Expires: claims.end(), Seen: now,
	})
	if errors.Is(err, tenant.ErrExists) {
		return tenant.ErrUnauthorized
	}
	if err == nil {
		e.purge(ctx, now)
	}
	return err
}

// purge forgets assertions that have ended, once an hour.
func (e *Endpoint) purge(ctx context.Context, now time.Time) {
	e.mu.Lock()
	due := now.Sub(e.purged) >= time.Hour
	if due {
		e.purged = now
	}
	e.mu.Unlock()
	if !due {
		return
	}
	if err := e.Passes.PurgePasses(ctx, now.Add(-time.Hour)); err != nil {
		e.Log.WarnContext(ctx, "assertions that have ended are not forgotten yet", "error", err)
	}
}

// charge takes one request from an allowance, and waits where that is little. A
// limiter that cannot answer limits nobody.
func (e *Endpoint) charge(ctx context.Context, key string, l ratelimit.Limit) (time.Duration, error) {
	if e.Limits == nil {
		return 0, nil
	}
	d, err := e.Limits.Take(ctx, key, l, 1)
	if err != nil {
		e.Log.WarnContext(ctx, "rate limit not known, going on without", "error", err)
		return 0, nil
	}
	if !d.Allowed {
		return max(d.RetryAfter, 1), errSlow
	}
	timer := time.NewTimer(d.Wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return 0, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// refuse answers with an error. What is no *oauthError is a fault of ours.
func (e *Endpoint) refuse(w http.ResponseWriter, r *http.Request, wait time.Duration, err error) {
	var answer *oauthError
	if !errors.As(err, &answer) {
		e.Log.ErrorContext(r.Context(), "no token could be given", "error", err)
		answer, wait = errOurs, 10*time.Second
	}
	if wait > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	}
	if answer == errClient {
		w.Header().Set("WWW-Authenticate", `Basic realm="scimgate"`)
	}
	send(w, answer.status, answer)
}

func send(w http.ResponseWriter, status int, body any) {
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Pragma", "no-cache")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone cannot be told
}
