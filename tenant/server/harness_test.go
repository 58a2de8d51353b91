package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-jose/go-jose/v4"
	"go.uber.org/goleak"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// issuer is an identity provider's key set, and signs what a test says.
type issuer struct {
	testing.TB
	*httptest.Server
	rsa, weak *rsa.PrivateKey
	ec        *ecdsa.PrivateKey
	down      atomic.Bool
	asked     atomic.Int64
	mu        sync.Mutex
	keys      map[string]any // public, by id
}

func newIssuer(tb testing.TB) *issuer {
	tb.Helper()
	i := &issuer{TB: tb}
	var err1, err2, err3 error
	i.rsa, err1 = rsa.GenerateKey(rand.Reader, 2048)
	i.weak, err2 = rsa.GenerateKey(rand.Reader, 1024)
	i.ec, err3 = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err1, err2, err3); err != nil {
		tb.Fatal(err)
	}
	i.keys = map[string]any{"r1": &i.rsa.PublicKey, "e1": &i.ec.PublicKey, "weak": &i.weak.PublicKey}
	i.Server = httptest.NewServer(http.HandlerFunc(i.serve))
	tb.Cleanup(i.Close)
	return i
}

func (i *issuer) serve(w http.ResponseWriter, _ *http.Request) {
	i.asked.Add(1)
	if i.down.Load() {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	set := jose.JSONWebKeySet{}
	for id, key := range i.keys {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: key, KeyID: id})
	}
	_ = json.NewEncoder(w).Encode(set)
}

func (i *issuer) publish(id string, key any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[id] = key
}

// jwt is a token before it is signed.
type jwt struct {
	claims map[string]any
	alg    jose.SignatureAlgorithm
	key    any
	kid    string
}

func (i *issuer) sign(j jwt) string {
	i.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	if j.kid != "" {
		options = options.WithHeader("kid", j.kid)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: j.alg, Key: j.key}, options)
	if err != nil {
		i.Fatal(err)
	}
	text, err := json.Marshal(j.claims)
	if err != nil {
		i.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		i.Fatal(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		i.Fatal(err)
	}
	return compact
}

// desk is two tenants with every credential, and the token endpoint before them.
type desk struct {
	testing.TB
	*issuer
	store     *tenant.SQLite
	keys      *tenant.Keys
	resolver  *tenant.Resolver
	verifier  *Verifier
	handler   http.Handler
	limits    ratelimit.Store
	clock     atomic.Pointer[time.Time]
	client    *tenant.Credential // of acme, as are
	secret    string
	federated *tenant.Credential
	entra     *tenant.Credential
}

const directory = "11111111-2222-3333-4444-555555555555" // of acme at Entra

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	store, err := tenant.OpenSQLite(tb.Context(), ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		tb.Fatal(err)
	}
	d := &desk{TB: tb, issuer: newIssuer(tb), store: store, keys: keys}
	d.set(noon)
	now := func() time.Time { return *d.clock.Load() }
	transport := &http.Transport{}
	sets := &Keysets{Client: &http.Client{Transport: transport}, Now: now}
	d.verifier, err = NewVerifier(sets)
	d.must(err)
	d.resolver = tenant.NewResolver(store, keys, now)
	d.resolver.Trust(d.verifier)
	tb.Cleanup(func() {
		d.resolver.Wait()
		sets.Wait()
		transport.CloseIdleConnections()
		d.must(store.Close())
	})
	for _, id := range []tenant.ID{"acme", "globex"} {
		d.must(store.CreateTenant(tb.Context(), &tenant.Tenant{ID: id, Created: noon}))
	}
	d.client, d.secret = d.newClient("acme")
	d.federated = d.newIssued("acme", tenant.FederatedCredential)
	d.entra = d.newIssued("acme", tenant.EntraCredential)
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	(&Endpoint{Resolver: d.resolver, Verifier: d.verifier, Passes: store, Limits: limits{d}, Log: slog.New(slog.DiscardHandler)}).Mount(engine)
	d.handler = engine
	return d
}

// limits are those that a test sets, or none.
type limits struct{ d *desk }

func (l limits) Take(ctx context.Context, key string, limit ratelimit.Limit, cost int) (ratelimit.Decision, error) {
	if l.d.limits == nil {
		return ratelimit.Decision{Allowed: true}, nil
	}
	return l.d.limits.Take(ctx, key, limit, cost)
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) set(at time.Time) { d.clock.Store(&at) }

func (d *desk) newClient(t tenant.ID) (*tenant.Credential, string) {
	d.Helper()
	c := tenant.NewCredential(t, tenant.ClientCredential, "", noon)
	secret := c.AddSecret(d.keys, noon.AddDate(1, 0, 0), noon)
	d.must(d.store.CreateCredential(d.Context(), c))
	return c, secret
}

func (d *desk) newIssued(t tenant.ID, kind tenant.CredentialKind) *tenant.Credential {
	d.Helper()
	c := tenant.NewCredential(t, kind, "", noon)
	c.Issued = &tenant.Issued{
		Issuer: d.URL + "/" + directory + "/v2.0", Keys: d.URL + "/keys", TenantID: directory,
		Subject: "sync-fabric", Audiences: []string{"api://app", "api://app/.default"},
	}
	if kind == tenant.EntraCredential {
		*c.Issued = tenant.Issued{
			Issuer: d.URL + "/" + directory + "/", Keys: d.URL + "/keys", TenantID: directory,
			Audiences: []string{"8adf8e6e-67b2-4cf2-a259-e3dc5476c621"}, ObjectID: "object",
		}
	}
	d.must(d.store.CreateCredential(d.Context(), c))
	return c
}

// good is a JWT that c takes, with something changed.
func (d *desk) good(c *tenant.Credential, change func(*jwt)) string {
	d.Helper()
	j := jwt{alg: jose.RS256, key: d.rsa, kid: "r1", claims: map[string]any{
		"iss": c.Issued.Issuer, "aud": c.Issued.Audiences[0], "tid": directory, "sub": "sync-fabric", "oid": "object",
		"iat": noon.Unix(), "nbf": noon.Unix(), "exp": noon.Add(65 * time.Minute).Unix(), "ver": "2.0",
	}}
	if change != nil {
		change(&j)
	}
	return d.sign(j)
}

func claim(name string, value any) func(*jwt) {
	return func(j *jwt) {
		if value == nil {
			delete(j.claims, name)
		} else {
			j.claims[name] = value
		}
	}
}

// ask asks acme's token endpoint.
func (d *desk) ask(form url.Values, basic ...string) *httptest.ResponseRecorder {
	d.Helper()
	return d.askAt("acme", form, basic...)
}

func (d *desk) askAt(path string, form url.Values, basic ...string) *httptest.ResponseRecorder {
	d.Helper()
	r := httptest.NewRequestWithContext(d.Context(), "POST", "/t/"+path+"/oauth2/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if len(basic) == 2 {
		r.SetBasicAuth(basic[0], basic[1])
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return w
}

// form is a request for a token with these parameters besides.
func form(more ...string) url.Values {
	v := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

func (d *desk) asserting(c *tenant.Credential, assertion string) url.Values {
	return form("client_id", c.ID, "client_assertion_type", assertionType, "client_assertion", assertion, "scope", "api://app/.default")
}

// token requires that a token was given, and returns it.
func (d *desk) token(w *httptest.ResponseRecorder) string {
	d.Helper()
	var got granted
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 || got.Type != "Bearer" || got.Seconds != 3600 {
		d.Fatalf("%d %s", w.Code, w.Body)
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Pragma") != "no-cache" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		d.Errorf("headers %v", w.Header())
	}
	return got.Token
}

func (d *desk) opens(path, token string) error {
	_, err := d.resolver.Authenticate(d.Context(), path, "Bearer "+token)
	return err
}

// alike requires that answers are one and the same refusal.
func (d *desk) alike(answers map[string]*httptest.ResponseRecorder) {
	d.Helper()
	var want *httptest.ResponseRecorder
	for name, w := range answers {
		if want == nil {
			want = w
		}
		if w.Code != 401 || w.Body.String() != want.Body.String() || !maps.EqualFunc(w.Header(), want.Header(), func(a, b []string) bool { return strings.Join(a, "|") == strings.Join(b, "|") }) {
			d.Errorf("%s: %d %v %s", name, w.Code, w.Header(), w.Body)
		}
	}
	if len(answers) < 12 || !strings.Contains(want.Body.String(), `"error":"invalid_client"`) || want.Header().Get("WWW-Authenticate") == "" {
		d.Errorf("%d answers, %v %s", len(answers), want.Header(), want.Body)
	}
}
