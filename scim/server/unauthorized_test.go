package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/scim/server"
	"scimgate/tenant"
)

// accounts is a real tenant store with its Resolver.
type accounts struct {
	store    *tenant.SQLite
	keys     *tenant.Keys
	resolver *tenant.Resolver
}

func newAccounts(t *testing.T, ids ...tenant.ID) *accounts {
	t.Helper()
	store, err := tenant.OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		t.Fatal(err)
	}
	a := &accounts{store, keys, tenant.NewResolver(store, keys, time.Now)}
	t.Cleanup(func() {
		a.resolver.Wait()
		_ = store.Close()
	})
	for _, id := range ids {
		if err := store.CreateTenant(t.Context(), &tenant.Tenant{ID: id}); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// token mints a token that lives for so long.
func (a *accounts) token(t *testing.T, id tenant.ID, life time.Duration) string {
	t.Helper()
	now := time.Now()
	secret, token := tenant.NewToken(a.keys, id, "test", now.Add(life), now)
	if err := a.store.CreateToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	return secret
}

func (a *accounts) handler(t *testing.T) *gin.Engine {
	t.Helper()
	engine := server.NewEngine()
	(&server.Server{Store: stores(t)["sqlite"], Accounts: a.resolver, PublicURL: publicURL}).Mount(engine)
	return engine
}

// knock sends a request with these Authorization headers.
func knock(t *testing.T, h http.Handler, method, path string, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header["Authorization"] = authorization
	r.Header.Set("Client-Request-Id", "00000000-0000-4000-8000-000000000001")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

// Whatever is wrong with a credential, the answer is the same to the byte, so
// that nobody learns which tenants and tokens exist (bad inputs 68 and 69).
func TestUnauthorizedIsUniform(t *testing.T) {
	a := newAccounts(t, "acme", "acme2", "other")
	good := a.token(t, "acme", time.Hour)
	expired := a.token(t, "acme", -time.Hour)
	foreign := a.token(t, "other", time.Hour)
	revoked := a.token(t, "acme", time.Hour)
	tokens, err := a.store.Tokens(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	h := a.handler(t)
	const users = "/t/acme/identity/scim/Users"
	if got := knock(t, h, "GET", users, "Bearer "+good); got.Code != http.StatusOK {
		t.Fatalf("the good token gets %d %s", got.Code, got.Body)
	}
	for _, token := range tokens {
		if err := a.store.RevokeToken(t.Context(), "acme", token.KeyID); err != nil {
			t.Fatal(err)
		}
	}
	good = a.token(t, "acme", time.Hour)

	last := good[:len(good)-1] + string('0'+(good[len(good)-1]-'0'+1)%10)
	cases := []struct {
		cause, path   string
		authorization []string
	}{
		{"no header", users, nil},
		{"an empty header", users, []string{""}},
		{"the scheme alone", users, []string{"Bearer"}},
		{"the scheme and a space", users, []string{"Bearer "}},
		{"no scheme", users, []string{good}},
		{"Basic", users, []string{"Basic YWNtZTphY21l"}},
		{"two headers", users, []string{"Bearer " + good, "Bearer " + good}},
		{"two tokens", users, []string{"Bearer " + good + ", Bearer " + good}},
		{"garbage", users, []string{"Bearer \x00\xff<script>"}},
		{"a checksum that is not right", users, []string{"Bearer " + last}},
		{"something behind it", users, []string{"Bearer " + good + " "}},
		{"unknown", users, []string{"Bearer " + otherKeys(t)}},
		{"expired", users, []string{"Bearer " + expired}},
		{"revoked", users, []string{"Bearer " + revoked}},
		{"of another tenant", users, []string{"Bearer " + foreign}},
		{"for another tenant", "/t/other/identity/scim/Users", []string{"Bearer " + good}},
		{"for a tenant that begins alike", "/t/acme2/identity/scim/Users", []string{"Bearer " + good}},
		{"for the beginning of a tenant", "/t/acm/identity/scim/Users", []string{"Bearer " + good}},
		{"for the tenant in capitals", "/t/ACME/identity/scim/Users", []string{"Bearer " + good}},
		{"for nobody", "/t/nobody/identity/scim/Users", []string{"Bearer " + good}},
		{"for a tenant with an escape in it", "/t/acme%00/identity/scim/Users", []string{"Bearer " + good}},
		{"for two tenants", "/t/acme;other/identity/scim/Users", []string{"Bearer " + good}},
		{"on a path that is not there", "/t/acme/identity/scim/Nothing", nil},
		{"on the root", "/t/acme/identity/scim", nil},
		{"on the root with a slash", "/t/acme/identity/scim/", nil},
		{"on discovery", "/t/acme/identity/scim/Schemas", nil},
	}
	want := ""
	for _, c := range cases {
		got := knock(t, h, "GET", c.path, c.authorization...)
		all := fmt.Sprint(got.Code, got.Header(), got.Body)
		if want == "" {
			want = all
		}
		if got.Code != http.StatusUnauthorized || all != want {
			t.Errorf("%s: got  %s\n want %s", c.cause, all, want)
		}
		if got.Header().Get("WWW-Authenticate") != `Bearer realm="scimgate"` {
			t.Errorf("%s: no challenge: %v", c.cause, got.Header())
		}
	}
	if got := knock(t, h, "GET", users, "bearer "+good); got.Code != http.StatusOK {
		t.Errorf("the scheme is not read without regard to case: %d", got.Code)
	}
}

// otherKeys mints a token that is well made, elsewhere.
func otherKeys(t *testing.T) string {
	t.Helper()
	return newAccounts(t, "acme").token(t, "acme", time.Hour)
}

// Every path and method that gin knows of asks for a credential first.
func TestEveryRouteNeedsCredentials(t *testing.T) {
	engine := newAccounts(t, "acme").handler(t)
	paths := []string{"", "/", "/Users", "/Users/1", "/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/x", "/Groups", "/Bulk", "/Me", "/.search", "/Users/.search", "/nothing/at/all"}
	tried := 0
	for _, route := range engine.Routes() {
		for _, path := range paths {
			whole := strings.Replace(strings.TrimSuffix(route.Path, "/*path"), ":tenant", "acme", 1) + path
			if got := knock(t, engine, route.Method, whole); got.Code != http.StatusUnauthorized {
				t.Errorf("%s %s without a credential: %d", route.Method, whole, got.Code)
			}
			tried++
		}
	}
	if tried < 100 {
		t.Fatalf("only %d routes were tried", tried)
	}
	if got := knock(t, engine, "GET", "/"); got.Code != http.StatusNotFound {
		t.Errorf("outside of any tenant: %d", got.Code)
	}
}

// A paused tenant answers 503 to its own client only: to others it is as unknown
// as any (design 6.11).
func TestPausedIsToldOnlyBehindTheDoor(t *testing.T) {
	a := newAccounts(t, "acme")
	good := a.token(t, "acme", time.Hour)
	_, err := a.store.UpdateTenant(t.Context(), "acme", func(x *tenant.Tenant) error {
		x.Settings.Paused = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h := a.handler(t)
	got := knock(t, h, "GET", "/t/acme/identity/scim/Users", "Bearer "+good)
	if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "300" {
		t.Errorf("paused: %d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
	}
	if got := knock(t, h, "GET", "/t/acme/identity/scim/Users", "Bearer x"); got.Code != http.StatusUnauthorized {
		t.Errorf("paused, bad token: %d", got.Code)
	}
}
