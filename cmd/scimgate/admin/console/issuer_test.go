package console

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"scimgate/connectors"
)

// issuer is an OpenID provider that says what a test makes it say.
type issuer struct {
	testing.TB
	*httptest.Server
	key    *ecdsa.PrivateKey
	claims map[string]any            // of whoever signs in
	forge  func(i *issuer, t *token) // what is wrong with the ID token; nil: nothing
	asked  url.Values                // the last request for authorization
	codes  map[string]url.Values     // codes that were not redeemed, with their request
}

// token is an ID token before it is signed.
type token struct {
	claims map[string]any
	alg    jose.SignatureAlgorithm
	key    any
	kid    string
	raw    string // instead of all that
}

const (
	clientID     = "console"
	clientSecret = "secret of the console"
)

func newIssuer(tb testing.TB) *issuer {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	i := &issuer{TB: tb, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.configuration)
	mux.HandleFunc("GET /keys", i.keys)
	mux.HandleFunc("POST /token", i.token)
	i.Server = httptest.NewServer(mux)
	tb.Cleanup(i.Close)
	return i
}

func (i *issuer) configuration(w http.ResponseWriter, _ *http.Request) {
	i.answer(w, map[string]any{
		"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token", "jwks_uri": i.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, // which nobody should believe
	})
}

func (i *issuer) keys(w http.ResponseWriter, _ *http.Request) {
	i.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: i.key.Public(), KeyID: "one", Algorithm: "ES256", Use: "sig"}}})
}

// authorize is what the issuer does with the visitor: it sends them back with a code.
func (i *issuer) authorize(to string) url.Values {
	i.Helper()
	u, err := url.Parse(to)
	if err != nil || u.Path != "/authorize" {
		i.Fatalf("sent to %s, %v", to, err)
	}
	i.asked = u.Query()
	code := rand.Text()
	i.codes[code] = i.asked
	return url.Values{"code": {code}, "state": {i.asked.Get("state")}}
}

// token redeems a code once, for whoever knows the client's secret and has the
// verifier (RFC 7636 §4.6).
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	} else {
		secret, _ = url.QueryUnescape(secret)
	}
	request, ok := i.codes[r.PostFormValue("code")]
	delete(i.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || id != clientID || secret != clientSecret || request.Get("code_challenge_method") != "S256" ||
		request.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]) || request.Get("redirect_uri") != r.PostFormValue("redirect_uri") {
		w.WriteHeader(http.StatusBadRequest)
		i.answer(w, map[string]any{"error": "invalid_grant"})
		return
	}
	i.answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "expires_in": 60, "id_token": i.idToken(request)})
}

func (i *issuer) idToken(request url.Values) string {
	t := &token{alg: jose.ES256, key: i.key, kid: "one", claims: map[string]any{
		"iss": i.URL, "aud": clientID, "sub": "someone", "nonce": request.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(),
	}}
	for name, v := range i.claims {
		t.claims[name] = v
	}
	if i.forge != nil {
		i.forge(i, t)
	}
	if t.raw != "" {
		return t.raw
	}
	return i.sign(t)
}

func (i *issuer) sign(t *token) string {
	options := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", t.kid)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: t.alg, Key: t.key}, options)
	if err != nil {
		i.Error(err)
		return ""
	}
	text, _ := json.Marshal(t.claims)
	signed, err := signer.Sign(text)
	if err != nil {
		i.Error(err)
		return ""
	}
	compact, _ := signed.CompactSerialize()
	return compact
}

func (i *issuer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// withIssuer is a desk whose people sign in at an issuer, by the guarded client.
func withIssuer(t *testing.T) (*desk, *issuer) {
	t.Helper()
	d, i := newDesk(t), newIssuer(t)
	d.furnish("")
	d.OIDC = &OIDC{
		Issuer: i.URL, ClientID: clientID, ClientSecret: clientSecret, RoleClaim: "roles", TenantClaim: "tenant",
		Client: connectors.NewClient(connectors.Guard{Loopback: true}),
	}
	return d, i
}

// signIn goes the whole way, and returns what the console says to the visitor who
// comes back.
func (b *browser) signIn(i *issuer, next string) answered {
	b.Helper()
	begun := b.get("/sign-in/oidc?next=" + url.QueryEscape(next))
	if begun.status != http.StatusSeeOther {
		b.Fatalf("begin: %d %s", begun.status, begun.text)
	}
	return b.get("/sign-in/callback?" + i.authorize(begun.header.Get("Location")).Encode())
}
