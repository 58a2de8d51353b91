package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// issuer is an OpenID provider on this machine, where everybody is signed in as
// Kim, who administers acme.
type issuer struct {
	*testing.T
	*httptest.Server
	key   *ecdsa.PrivateKey
	asked url.Values // the last request for authorization
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{T: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, map[string]any{
			"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "ES256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		i.asked = r.URL.Query()
		back := url.Values{"code": {"the code"}, "state": {i.asked.Get("state")}}
		http.Redirect(w, r, i.asked.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		_, secret, _ := r.BasicAuth()
		if r.PostFormValue("code") != "the code" || secret != "issuer-secret" && r.PostFormValue("client_secret") != "issuer-secret" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		i.answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": i.idToken()})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		i.Error(err)
	}
}

func (i *issuer) idToken() string {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", "one")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.key}, options)
	if err != nil {
		i.Error(err)
		return ""
	}
	claims, err := json.Marshal(map[string]any{
		"iss": i.URL, "aud": "console", "sub": "kim", "nonce": i.asked.Get("nonce"), "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
		"preferred_username": "kim@acme.example", "groups": []string{"administrator"}, "account": "acme",
	})
	if err != nil {
		i.Error(err)
		return ""
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		i.Error(err)
		return ""
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		i.Error(err)
	}
	return text
}

// TestSignInByOIDC goes the whole way in the running program: from the sign-in page
// to the issuer that its file names, and back into the account that a claim names,
// and into no other.
func TestSignInByOIDC(t *testing.T) {
	i := newIssuer(t)
	address, dir := freeAddress(t), t.TempDir() // which the issuer must know beforehand
	file := filepath.Join(dir, "scimgate.yaml")
	text := "console:\n  url: http://" + address + "/console\n  oidc:\n    issuer: " + i.URL +
		"\n    client-id: console\n    client-secret: issuer-secret\n    role-claim: groups\n    tenant-claim: account\noutbound:\n  loopback: true\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, append([]string{"serve", "--config", file, "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", address}, keys(t, dir)...)...)
	base := p.text(t, "adminURL")
	for _, id := range []string{"acme", "globex"} {
		must(t, 201, "POST", base+"/api/v1/tenants", operatorKey, map[string]any{"id": id})
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	visitor := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	get := func(path string) (int, string) {
		t.Helper()
		res, err := visitor.Get(base + "/console" + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		page, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(page)
	}
	if status, page := get("/accounts/acme/users"); status != http.StatusOK || !strings.Contains(page, "Continue with your organisation") {
		t.Fatalf("without a session: %d %s", status, page)
	}
	status, page := get("/sign-in/oidc?next=" + url.QueryEscape("/console/accounts/acme/users"))
	if status != http.StatusOK || !strings.Contains(page, "kim@acme.example") || !strings.Contains(page, "Account administrator") || !strings.Contains(page, "No users yet") {
		t.Fatalf("signed in: %d %s\n%s", status, page, p.stderr)
	}
	if i.asked.Get("redirect_uri") != "http://"+address+"/console/sign-in/callback" || i.asked.Get("code_challenge_method") != "S256" {
		t.Errorf("asked for %v", i.asked)
	}
	for path, want := range map[string]int{"/accounts/globex/users": 404, "/accounts": 403, "/accounts/acme/settings": 200} {
		if status, _ := get(path); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	p.stop(t) // its log is whole then
	if strings.Contains(p.stderr.String(), "issuer-secret") || strings.Contains(p.stderr.String(), "kim@") {
		t.Errorf("the log knows too much: %s", p.stderr)
	}
}
