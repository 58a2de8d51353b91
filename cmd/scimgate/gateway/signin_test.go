package gateway_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// ask makes a request of the public listener and returns all of the answer but
// what differs each time.
func (o *office) ask(method, path, authorization, contentType, body string) (int, string) {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, o.PublicURL+path, strings.NewReader(body))
	o.must(err)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Client-Request-Id", "00000000-0000-4000-8000-000000000001")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	res, err := http.DefaultClient.Do(r)
	o.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	o.must(err)
	res.Header.Del("Date")
	if res.StatusCode == 200 {
		return 200, string(text)
	}
	return res.StatusCode, fmt.Sprint(res.Header, string(text))
}

// signer is an issuer with one key.
func signer(o *office) (issuer *httptest.Server, sign func(claims map[string]any) string) {
	o.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	o.must(err)
	issuer = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "k"}}})
	}))
	o.Cleanup(issuer.Close)
	return issuer, func(claims map[string]any) string {
		s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
		o.must(err)
		text, err := json.Marshal(claims)
		o.must(err)
		signed, err := s.Sign(text)
		o.must(err)
		compact, err := signed.CompactSerialize()
		o.must(err)
		return compact
	}
}

// Every way to sign in, through the whole gateway: the right credential is
// answered, and all that is wrong is one and the same 401 (promise 17).
func TestEveryWayToSignIn(t *testing.T) {
	o := openOffice(t, "")
	ctx := t.Context()
	for _, id := range []string{"acme", "globex"} {
		_, err := o.Admin.CreateTenant(ctx, admin.TenantInput{ID: id})
		o.must(err)
	}
	issuer, sign := signer(o)
	const directory = "11111111-2222-3333-4444-555555555555"
	v1, v2 := issuer.URL+"/"+directory+"/", issuer.URL+"/"+directory+"/v2.0"
	keys := issuer.URL + "/" + directory + "/keys"
	minted, err := o.Admin.CreateToken(ctx, "acme", admin.TokenInput{})
	o.must(err)
	client, err := o.Admin.CreateCredential(ctx, "acme", admin.CredentialInput{Kind: tenant.ClientCredential})
	o.must(err)
	federated, err := o.Admin.CreateCredential(ctx, "acme", admin.CredentialInput{Kind: tenant.FederatedCredential, Issued: &admin.IssuedInput{
		Issuer: v2, Keys: keys, Subject: "s", Audience: "api://x/.default", TenantID: directory,
	}})
	o.must(err)
	_, err = o.Admin.CreateCredential(ctx, "acme", admin.CredentialInput{Kind: tenant.EntraCredential, Issued: &admin.IssuedInput{
		Issuer: v1, Keys: keys, TenantID: directory, ObjectID: "o",
	}})
	o.must(err)
	token := func(form url.Values) string {
		form.Set("grant_type", "client_credentials")
		status, text := o.ask("POST", "/t/acme/oauth2/token", "", "application/x-www-form-urlencoded", form.Encode())
		var got struct {
			Token string `json:"access_token"`
		}
		if status != 200 || json.Unmarshal([]byte(text), &got) != nil {
			t.Fatalf("%d %s", status, text)
		}
		return got.Token
	}
	claims := func(iss, aud string) map[string]any {
		return map[string]any{"iss": iss, "aud": aud, "tid": directory, "sub": "s", "oid": "o", "exp": time.Now().Add(time.Hour).Unix()}
	}
	own := claims(v1, "8adf8e6e-67b2-4cf2-a259-e3dc5476c621")
	good := map[string]string{
		"token":  minted.Secret,
		"client": token(url.Values{"client_id": {client.ID}, "client_secret": {client.Secret}}),
		"federated": token(url.Values{
			"client_id": {federated.ID}, "client_assertion": {sign(claims(v2, "api://x"))},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}),
		"entra": sign(own),
	}
	_, want := o.ask("GET", "/t/nobody/identity/scim/Users", "", "", "")
	refused := func(name, path, bearer string) {
		if status, got := o.ask("GET", path, "Bearer "+bearer, "", ""); status != 401 || got != want {
			t.Errorf("%s: %d %s\nwant %s", name, status, got, want)
		}
	}
	for name, bearer := range good {
		if status, text := o.ask("GET", "/t/acme/identity/scim/Users", "Bearer "+bearer, "", ""); status != 200 {
			t.Errorf("%s: %d %s", name, status, text)
		}
		for _, path := range []string{"/t/globex/identity/scim/Users", "/t/nobody/identity/scim/Users", "/t/acm/identity/scim/Users"} {
			refused(name+" at "+path, path, bearer)
		}
		refused(name+" cut", "/t/acme/identity/scim/Users", bearer[:len(bearer)-3])
		refused(name+" twice", "/t/acme/identity/scim/Users", bearer+bearer)
	}
	for name, value := range map[string]any{"iss": v2, "aud": "x", "tid": "x", "oid": "x", "exp": time.Now().Add(-time.Hour).Unix(), "scp": "x"} {
		bad := claims(v1, "8adf8e6e-67b2-4cf2-a259-e3dc5476c621")
		bad[name] = value
		refused("entra with another "+name, "/t/acme/identity/scim/Users", sign(bad))
	}
	o.must(o.Admin.DeleteCredential(ctx, "acme", client.ID))
	refused("a deleted client's", "/t/acme/identity/scim/Users", good["client"])
	if status, _ := o.ask("GET", "/t/acme/oauth2/other", "", "", ""); status != 404 {
		t.Errorf("beside the token endpoint: %d", status)
	}
}
