package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"scimgate/tenant"
)

// OIDC signs people in by authorization code with PKCE (RFC 7636), state and
// nonce, at one issuer. Its exported fields are not changed after the first visit.
type OIDC struct {
	Issuer       string // exactly as the issuer calls itself
	ClientID     string
	ClientSecret string
	RoleClaim    string       // text or list of texts, one of which is a Role
	TenantClaim  string       // text: whose administrator, or whose support
	Client       *http.Client // guarded

	mu       sync.Mutex
	provider *oidc.Provider // once the issuer has answered
}

// signInTime is how long a person may take at the issuer.
const signInTime = 10 * time.Minute

// underway is sealed in the pass of a sign-in that has begun. Its state is the
// pass's secret, so that each can come back only once.
type underway struct {
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Browser  string `json:"browser"` // PassID of the secret in the browser's cookie
	Next     string `json:"next"`
}

var (
	errSignInFailed = errors.New("console: the sign-in failed")
	errNoRole       = errors.New("console: signed in, with no role here")
)

// discover asks the issuer for its endpoints and keys, until it has answered once:
// an issuer that is down keeps nobody else from working.
func (o *OIDC) discover(ctx context.Context) (*oidc.Provider, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.provider != nil {
		return o.provider, nil
	}
	// The provider keeps the context for fetching keys: it must not end with the visit.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.Client), o.Issuer)
	if err == nil {
		o.provider = provider
	}
	return provider, err
}

func (c *Console) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: c.OIDC.ClientID, ClientSecret: c.OIDC.ClientSecret, Endpoint: p.Endpoint(),
		RedirectURL: c.Service.ConsoleURL + "/sign-in/callback",
		Scopes:      []string{oidc.ScopeOpenID, "profile", "email"},
	}
}

func (v *visit) browserCookie() string { return v.cookieName() + "-sign-in" }

// signInByOIDC sends the visitor to the issuer.
func (v *visit) signInByOIDC() error {
	if v.OIDC == nil {
		return errNotFound
	}
	if err := v.attempt(); err != nil {
		return err
	}
	provider, err := v.OIDC.discover(v.r.Context())
	if err != nil {
		return fmt.Errorf("ask the issuer for its configuration: %w", err)
	}
	browser, _ := tenant.NewPass(tenant.SignInPass, "", now(), now())
	state, pass := tenant.NewPass(tenant.SignInPass, "", now(), now().Add(signInTime))
	nonce, _ := tenant.NewPass(tenant.SignInPass, "", now(), now())
	way := underway{
		Nonce: nonce, Verifier: oauth2.GenerateVerifier(),
		Browser: tenant.PassID(browser), Next: localPath(v.r.FormValue("next")),
	}
	if err := v.seal(v.r.Context(), pass, way); err != nil {
		return err
	}
	if err := v.Service.Passes.SavePass(v.r.Context(), pass); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(v.browserCookie(), browser, int(signInTime.Seconds())))
	to := v.oauth(provider).AuthCodeURL(state, oidc.Nonce(way.Nonce), oauth2.S256ChallengeOption(way.Verifier))
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// signInCallback takes the visitor back from the issuer.
func (v *visit) signInCallback() error {
	if v.OIDC == nil {
		return errNotFound
	}
	http.SetCookie(v.w, v.cookie(v.browserCookie(), "", -1))
	way, err := v.takeWay()
	if err != nil {
		return err
	}
	token, err := v.exchange(way)
	if err != nil {
		v.Log.WarnContext(v.r.Context(), "console: a sign-in failed", "error", err)
		return errSignInFailed
	}
	p, err := v.OIDC.personIn(token)
	if err != nil {
		return err
	}
	if err := v.begin(p); err != nil {
		return err
	}
	return v.redirect(way.Next)
}

// takeWay uses up the state that came back, which must be this browser's.
func (v *visit) takeWay() (underway, error) {
	var way underway
	state := v.r.URL.Query().Get("state")
	pass, err := v.Service.Passes.TakePass(v.r.Context(), tenant.SignInPass, tenant.PassID(state), now())
	if errors.Is(err, tenant.ErrNotFound) {
		return way, errSignInFailed
	}
	if err != nil {
		return way, err
	}
	if err := v.unseal(v.r.Context(), pass, &way); err != nil {
		return way, errSignInFailed
	}
	cookie, err := v.r.Cookie(v.browserCookie())
	if err != nil || subtle.ConstantTimeCompare([]byte(tenant.PassID(cookie.Value)), []byte(way.Browser)) != 1 {
		return way, errSignInFailed
	}
	return way, nil
}

// exchange turns the code into the ID token, and verifies that: signature by a key
// of the issuer, issuer, audience, time, nonce. Its errors hold nothing of the
// person, and nothing that the token endpoint said.
func (v *visit) exchange(way underway) (*oidc.IDToken, error) {
	ctx := oidc.ClientContext(v.r.Context(), v.OIDC.Client)
	provider, err := v.OIDC.discover(ctx)
	if err != nil {
		return nil, errors.New("the issuer does not answer")
	}
	code := v.r.URL.Query().Get("code")
	if code == "" {
		return nil, errors.New("the issuer sent no code")
	}
	tokens, err := v.oauth(provider).Exchange(ctx, code, oauth2.VerifierOption(way.Verifier))
	if err != nil {
		return nil, errors.New("the issuer did not take the code")
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: v.OIDC.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, fmt.Errorf("the ID token does not hold: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(way.Nonce)) != 1 {
		return nil, errors.New("the ID token is of another sign-in")
	}
	return token, nil
}

// personIn reads who an ID token makes of its holder.
func (o *OIDC) personIn(token *oidc.IDToken) (person, error) {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return person{}, errSignInFailed
	}
	p := person{Role: strongest(textsIn(claims[o.RoleClaim])), Name: nameIn(claims)}
	if given := textsIn(claims[o.TenantClaim]); p.Role != Operator && len(given) > 0 {
		id, err := tenant.ParseID(given[0])
		if err != nil || len(given) > 1 { // whose else? nobody's
			return person{}, errNoRole
		}
		p.Tenant = id
	}
	if p.Role == "" || p.Role == Administrator && p.Tenant == "" {
		return person{}, errNoRole
	}
	return p, nil
}

// strongest is the role that lets its holder do most, "" for none that we know.
func strongest(given []string) Role {
	for _, role := range []Role{Operator, Administrator, Support} {
		for _, text := range given {
			if text == string(role) {
				return role
			}
		}
	}
	return ""
}

// textsIn are the texts of a claim that is one or a list of them.
func textsIn(claim any) []string {
	switch claim := claim.(type) {
	case string:
		return []string{claim}
	case []any:
		var all []string
		for _, item := range claim {
			if text, ok := item.(string); ok {
				all = append(all, text)
			}
		}
		return all
	default:
		return nil
	}
}

// nameIn is how a person is called here: never what decides anything.
func nameIn(claims map[string]any) string {
	for _, claim := range []string{"preferred_username", "email", "name", "sub"} {
		if text, ok := claims[claim].(string); ok && text != "" {
			return text
		}
	}
	return ""
}
