package console

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"scimgate/tenant"
)

// How long a session lasts: unused, and at most; and how exactly its last use is
// known.
const (
	idleTime    = 30 * time.Minute
	sessionTime = 8 * time.Hour
	seenEvery   = time.Minute
)

// cookieName is the session cookie's. Over HTTPS the prefix makes browsers refuse
// one that another host, a path or plain HTTP would plant.
func (c *Console) cookieName() string {
	if c.secure {
		return "__Host-scimgate"
	}
	return "scimgate"
}

// cookie makes one of ours; maxAge 0 lives as long as the browser, -1 removes it.
func (c *Console) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure wherever the console is reached over HTTPS
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
}

// personOf returns who is signed in, nil for nobody. The error is a fault of ours.
func (c *Console) personOf(r *http.Request) (*person, error) {
	cookie, err := r.Cookie(c.cookieName())
	if err != nil {
		return nil, nil //nolint:nilerr // there is none
	}
	at := now()
	pass, err := c.Service.Passes.Pass(r.Context(), tenant.SessionPass, tenant.PassID(cookie.Value), at)
	switch {
	case errors.Is(err, tenant.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case at.Sub(pass.Seen) >= idleTime:
		return nil, c.Service.Passes.DropPass(r.Context(), tenant.SessionPass, pass.ID)
	}
	p := &person{pass: pass}
	switch err := c.unseal(r.Context(), pass, p); {
	case errors.Is(err, tenant.ErrDataKey):
		return nil, err
	case err != nil:
		return nil, nil //nolint:nilerr // sealed with a key that is gone: sign in again
	}
	return p, c.noteUse(r, pass, at)
}

// noteUse keeps a session alive. A page that is kept up to date by itself is no use.
func (c *Console) noteUse(r *http.Request, pass *tenant.Pass, at time.Time) error {
	if at.Sub(pass.Seen) < seenEvery || r.Header.Get("Accept") == "text/event-stream" || r.Header.Get("X-Refresh") != "" {
		return nil
	}
	return c.Service.Passes.SeePass(r.Context(), tenant.SessionPass, pass.ID, at)
}

// begin signs a person in: always with a new secret, so that nobody can have
// planted it, and the end of what the browser had before.
func (v *visit) begin(p person) error {
	ctx := v.r.Context()
	if err := v.endSession(ctx); err != nil {
		return err
	}
	if err := v.Service.Passes.PurgePasses(ctx, now().Add(-time.Hour)); err != nil {
		return err
	}
	secret, pass := tenant.NewPass(tenant.SessionPass, p.Tenant, now(), now().Add(sessionTime))
	if err := v.seal(ctx, pass, p); err != nil {
		return err
	}
	p.pass = pass
	if err := v.tellOfSession(ctx, &p); err != nil {
		return err
	}
	if err := v.Service.Passes.SavePass(ctx, pass); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(v.cookieName(), secret, 0))
	return nil
}

// tellOfSession stores that somebody signs in, before they are in.
func (v *visit) tellOfSession(ctx context.Context, p *person) error {
	c := tenant.NewChange(now())
	c.Tenant, c.Actor, c.Status = p.Tenant, p.principal(), http.StatusOK
	c.Operation, c.Resource = v.route.method+" "+v.route.path, "/sessions/"+c.Actor.ID
	c.Summary = texts.of("does.signIn")
	return v.Service.TellOf(ctx, c)
}

// endSession ends the session of the browser's cookie, if there is one.
func (v *visit) endSession(ctx context.Context) error {
	cookie, err := v.r.Cookie(v.cookieName())
	if err != nil {
		return nil //nolint:nilerr // there is none
	}
	return v.Service.Passes.DropPass(ctx, tenant.SessionPass, tenant.PassID(cookie.Value))
}

// seal puts what is to be known of a pass into it, so that nobody who can write
// to the store can make it say something else.
func (c *Console) seal(ctx context.Context, pass *tenant.Pass, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	pass.Body, err = c.Service.Vault().Seal(ctx, text, pass.Tenant, pass.Field())
	return err
}

func (c *Console) unseal(ctx context.Context, pass *tenant.Pass, into any) error {
	text, err := c.Service.Vault().Open(ctx, pass.Body, pass.Tenant, pass.Field())
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
