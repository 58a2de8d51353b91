package console

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"scimgate/ratelimit"
)

func TestOIDCLetsIn(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		role   Role
		tenant string
	}{
		"operator":              {map[string]any{"roles": "operator"}, Operator, ""},
		"operator with a claim": {map[string]any{"roles": []any{"other", "operator"}, "tenant": "globex"}, Operator, ""},
		"administrator":         {map[string]any{"roles": []any{"administrator"}, "tenant": "acme"}, Administrator, "acme"},
		"both":                  {map[string]any{"roles": []any{"support", "administrator"}, "tenant": []any{"acme"}}, Administrator, "acme"},
		"support":               {map[string]any{"roles": "support"}, Support, ""},
		"support of one":        {map[string]any{"roles": "support", "tenant": "acme"}, Support, "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			d, i := withIssuer(t)
			i.claims = c.claims
			i.claims["preferred_username"] = "kim@contoso.example"
			b := d.browser()
			a := b.signIn(i, "/console/accounts/acme/users")
			if a.status != http.StatusSeeOther || a.header.Get("Location") != "/console/accounts/acme/users" {
				t.Fatalf("%d %v %s", a.status, a.header, d.log)
			}
			r, _ := http.NewRequestWithContext(t.Context(), "GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: d.cookieName(), Value: b.cookie(d.cookieName())})
			p, err := d.personOf(r)
			if err != nil || p.Role != c.role || string(p.Tenant) != c.tenant || p.Name != "kim@contoso.example" {
				t.Errorf("%+v, %v", p, err)
			}
			if i.asked.Get("nonce") == "" || i.asked.Get("code_challenge_method") != "S256" || i.asked.Get("response_type") != "code" {
				t.Errorf("asked for %v", i.asked)
			}
		})
	}
}

// forgeries are ID tokens that must not let anybody in.
var forgeries = map[string]func(*issuer, *token){
	"another nonce":     func(_ *issuer, t *token) { t.claims["nonce"] = "another" },
	"no nonce":          func(_ *issuer, t *token) { delete(t.claims, "nonce") },
	"another audience":  func(_ *issuer, t *token) { t.claims["aud"] = "another" },
	"no audience":       func(_ *issuer, t *token) { delete(t.claims, "aud") },
	"another issuer":    func(_ *issuer, t *token) { t.claims["iss"] = "https://evil.example" },
	"issuer with slash": func(i *issuer, t *token) { t.claims["iss"] = i.URL + "/" },
	"expired":           func(_ *issuer, t *token) { t.claims["exp"] = time.Now().Add(-time.Minute).Unix() },
	"not yet":           func(_ *issuer, t *token) { t.claims["nbf"] = time.Now().Add(time.Hour).Unix() },
	"no expiry":         func(_ *issuer, t *token) { delete(t.claims, "exp") },
	"another key": func(_ *issuer, t *token) {
		t.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	},
	"another key id": func(_ *issuer, t *token) {
		t.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		t.kid = "two"
	},
	"our secret as key": func(_ *issuer, t *token) {
		t.alg, t.key = jose.HS256, []byte(strings.Repeat(clientSecret, 3))
	},
	"no signature": func(_ *issuer, t *token) { t.raw = unsigned(t.claims, "none") },
	"None":         func(_ *issuer, t *token) { t.raw = unsigned(t.claims, "None") },
	"no token":     func(_ *issuer, t *token) { t.raw = " " },
	"cut off": func(i *issuer, t *token) {
		whole := i.sign(t)
		t.raw = whole[:strings.LastIndex(whole, ".")+1]
	},
}

func unsigned(claims map[string]any, alg string) string {
	head, _ := json.Marshal(map[string]string{"alg": alg, "typ": "JWT"})
	body, _ := json.Marshal(claims)
	return base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body) + "."
}

func TestOIDCRefusesForgeries(t *testing.T) {
	d, i := withIssuer(t)
	d.Limits = unlimited{}
	i.claims = map[string]any{"roles": "operator", "email": "kim@contoso.example"}
	first := ""
	for name, forge := range forgeries {
		i.forge = forge
		b := d.browser()
		a := b.signIn(i, "/console/accounts")
		if a.status != http.StatusForbidden || b.cookie(d.cookieName()) != "" || b.get("/accounts").status != http.StatusSeeOther {
			t.Errorf("%s: %d", name, a.status)
		}
		_, text, _ := strings.Cut(a.text, "<main") // without the address, which holds the code
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%s: is told something else: %s", name, text)
		}
	}
	if strings.Contains(d.log.String(), "kim@") {
		t.Errorf("somebody is in the log: %s", d.log)
	}
	i.forge = nil
	if b := d.browser(); b.signIn(i, "").status != http.StatusSeeOther || b.cookie(d.cookieName()) == "" {
		t.Error("the right one is refused too")
	}
}

type unlimited struct{ ratelimit.Store }

func (unlimited) Take(_ context.Context, _ string, _ ratelimit.Limit, _ int) (ratelimit.Decision, error) {
	return ratelimit.Decision{Allowed: true}, nil
}

// A sign-in comes back once, and to the browser that began it.
func TestOIDCStateIsUsedOnce(t *testing.T) {
	d, i := withIssuer(t)
	i.claims = map[string]any{"roles": "operator"}
	b := d.browser()
	begun := b.get("/sign-in/oidc")
	way := i.authorize(begun.header.Get("Location"))
	thief := d.browser()
	if a := thief.get("/sign-in/callback?" + way.Encode()); a.status != http.StatusForbidden || thief.cookie(d.cookieName()) != "" {
		t.Errorf("another browser: %d", a.status)
	}
	if a := b.get("/sign-in/callback?" + way.Encode()); a.status != http.StatusForbidden {
		t.Errorf("after the thief: %d", a.status) // whoever shows a state uses it up
	}
	begun = b.get("/sign-in/oidc")
	way = i.authorize(begun.header.Get("Location"))
	browserCookie := b.cookie(d.cookieName() + "-sign-in")
	if a := b.get("/sign-in/callback?" + way.Encode()); a.status != http.StatusSeeOther {
		t.Errorf("the right one: %d", a.status)
	}
	replay := d.browser()
	replay.setCookie(d.cookieName()+"-sign-in", browserCookie)
	again := i.authorize(begun.header.Get("Location")) // a fresh code for the old state
	if a := replay.get("/sign-in/callback?" + again.Encode()); a.status != http.StatusForbidden || replay.cookie(d.cookieName()) != "" {
		t.Errorf("replayed: %d", a.status)
	}
	for _, query := range []string{"", "?state=", "?state=abc&code=abc", "?error=access_denied&state=" + way.Get("state")} {
		if a := d.browser().get("/sign-in/callback" + query); a.status != http.StatusForbidden {
			t.Errorf("%q: %d", query, a.status)
		}
	}
}

// Whoever has no role here, or none that makes sense, is told so and stays out.
func TestOIDCWithoutARole(t *testing.T) {
	for name, claims := range map[string]map[string]any{
		"none":                             {},
		"another":                          {"roles": []any{"Operator", "root", ""}},
		"no text":                          {"roles": map[string]any{"operator": true}},
		"administrator of nothing":         {"roles": "administrator"},
		"administrator of no account":      {"roles": "administrator", "tenant": ""},
		"administrator of two":             {"roles": "administrator", "tenant": []any{"acme", "globex"}},
		"administrator of what is no name": {"roles": "administrator", "tenant": "../acme"},
		"support of what is no name":       {"roles": "support", "tenant": "*"},
	} {
		t.Run(name, func(t *testing.T) {
			d, i := withIssuer(t)
			i.claims = claims
			b := d.browser()
			a := b.signIn(i, "")
			if a.status != http.StatusForbidden || !strings.Contains(a.text, "no role") || b.cookie(d.cookieName()) != "" {
				t.Errorf("%d %s", a.status, a.text)
			}
		})
	}
}

// An issuer that is down keeps nobody from signing in by key, and is asked again.
func TestOIDCIssuerIsDown(t *testing.T) {
	d, i := withIssuer(t)
	i.claims = map[string]any{"roles": "operator"}
	there := d.OIDC.Issuer
	d.OIDC.Issuer = "http://127.0.0.1:1"
	b := d.browser()
	if a := b.get("/sign-in/oidc"); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
		t.Errorf("%d", a.status)
	}
	if a := b.post("/sign-in/key", byKey); a.status != http.StatusSeeOther {
		t.Errorf("by key: %d", a.status)
	}
	d.OIDC.Issuer = there
	if a := d.browser().signIn(i, ""); a.status != http.StatusSeeOther {
		t.Errorf("up again: %d", a.status)
	}
}

func TestWithoutOIDC(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/sign-in/oidc", "/sign-in/callback"} {
		if a := d.browser().get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := d.browser().get("/sign-in"); strings.Contains(a.text, "/sign-in/oidc") {
		t.Error("it is offered")
	}
}
