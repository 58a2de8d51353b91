package console

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"scimgate/tenant"
)

var byKey = url.Values{"key": {operatorKey}}

func TestSignInByKey(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.browser()
	for _, wrong := range []string{"", "x" + operatorKey, operatorKey[1:]} {
		if a := b.post("/sign-in/key", url.Values{"key": {wrong}}); a.status != http.StatusUnauthorized || b.cookie(d.cookieName()) != "" {
			t.Errorf("%q: %d", wrong, a.status)
		}
	}
	a := b.post("/sign-in/key", url.Values{"key": {" " + operatorKey + "\n"}, "next": {Prefix + "/accounts/acme/users"}})
	if a.status != http.StatusSeeOther || a.header.Get("Location") != Prefix+"/accounts/acme/users" {
		t.Errorf("%d %v", a.status, a.header)
	}
	set := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(set, want) {
			t.Errorf("no %s in %s", want, set)
		}
	}
	if strings.Contains(d.log.String(), operatorKey) {
		t.Error("the key is in the log")
	}
}

func TestAnEmptyKeyOpensNothing(t *testing.T) {
	d := newDesk(t)
	d.Key = ""
	for _, key := range []string{"", " "} {
		if a := d.browser().post("/sign-in/key", url.Values{"key": {key}}); a.status != http.StatusUnauthorized {
			t.Errorf("%q: %d", key, a.status)
		}
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	d := newDesk(t)
	b := d.browser()
	for range attempts.Burst {
		b.post("/sign-in/key", url.Values{"key": {"guess"}})
	}
	if a := b.post("/sign-in/key", byKey); a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" {
		t.Errorf("%d", a.status)
	}
}

// Nobody is led to another site after signing in.
func TestNextIsOurs(t *testing.T) {
	for next, want := range map[string]string{
		"/console/accounts": "/accounts", "https://evil.example/": "/", "//evil.example": "/", "/console/\\evil": "/",
		"/console": "/", "": "/", "/console/a\r\nb": "/", "javascript:alert(1)": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q: %q, want %q", next, got, want)
		}
	}
}

// Whoever plants a cookie, or knew one from before, has nothing of the session
// that begins.
func TestSessionFixation(t *testing.T) {
	d := newDesk(t)
	attacker, victim := d.browser(), d.browser()
	planted := strings.Repeat("a", 43)
	attacker.setCookie(d.cookieName(), planted)
	victim.setCookie(d.cookieName(), planted)
	victim.post("/sign-in/key", byKey)
	first := victim.cookie(d.cookieName())
	if first == planted || attacker.get("/accounts").status != http.StatusSeeOther || victim.get("/accounts").status != http.StatusOK {
		t.Errorf("planted %q, got %q", planted, first)
	}
	victim.post("/sign-in/key", byKey) // again: the old session ends
	old := d.browser()
	old.setCookie(d.cookieName(), first)
	if victim.cookie(d.cookieName()) == first || old.get("/accounts").status != http.StatusSeeOther {
		t.Error("the session before lives on")
	}
	last := victim.cookie(d.cookieName())
	victim.post("/sign-out", nil)
	old.setCookie(d.cookieName(), last)
	if old.get("/accounts").status != http.StatusSeeOther || victim.cookie(d.cookieName()) != "" {
		t.Error("signed out, and still in")
	}
}

// sessionOf makes a session that was begun and last used so long ago.
func (d *desk) sessionOf(p person, begun, used time.Duration) *browser {
	d.Helper()
	secret, pass := tenant.NewPass(tenant.SessionPass, p.Tenant, now().Add(-begun), now().Add(sessionTime-begun))
	pass.Seen = now().Add(-used)
	d.must(d.seal(d.Context(), pass, p))
	d.must(d.Service.Passes.SavePass(d.Context(), pass))
	b := d.browser()
	b.setCookie(d.cookieName(), secret)
	return b
}

func TestSessionsEnd(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		name        string
		begun, used time.Duration
		in          bool
	}{
		{"fresh", 0, 0, true},
		{"used just in time", time.Hour, idleTime - 10*time.Second, true},
		{"idle", time.Hour, idleTime, false},
		{"at its end", sessionTime - 10*time.Second, 0, true},
		{"too old, and in use", sessionTime, 0, false},
	} {
		b := d.sessionOf(person{Role: Operator}, c.begun, c.used)
		if in := b.get("/accounts").status == http.StatusOK; in != c.in {
			t.Errorf("%s: in is %v", c.name, in)
		}
	}
	b := d.sessionOf(person{Role: Operator}, time.Hour, idleTime-10*time.Second)
	b.get("/accounts")
	pass, err := d.Service.Passes.Pass(t.Context(), tenant.SessionPass, tenant.PassID(b.cookie(d.cookieName())), now())
	if err != nil || now().Sub(pass.Seen) > time.Minute {
		t.Errorf("use is not noted: %+v, %v", pass, err)
	}
}

// What keeps itself up to date is no use: a page that was left open signs out.
func TestAnOpenPageIsNoUse(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.sessionOf(person{Role: Operator}, time.Hour, idleTime/2)
	b.send("GET", "/accounts/acme/users", nil, map[string]string{"X-Refresh": "1"})
	b.send("GET", "/accounts/acme/events", nil, map[string]string{"Accept": "text/event-stream"})
	pass, err := d.Service.Passes.Pass(t.Context(), tenant.SessionPass, tenant.PassID(b.cookie(d.cookieName())), now())
	if err != nil || now().Sub(pass.Seen) < idleTime/2-time.Minute {
		t.Errorf("%+v, %v", pass, err)
	}
}

// Who can write to the store cannot make a session say something else.
func TestASessionIsSealed(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	mine, pass := tenant.NewPass(tenant.SessionPass, "globex", now(), now().Add(time.Hour))
	d.must(d.seal(t.Context(), pass, person{Role: Administrator, Tenant: "globex"}))
	_, operators := tenant.NewPass(tenant.SessionPass, "", now(), now().Add(time.Hour))
	d.must(d.seal(t.Context(), operators, person{Role: Operator}))
	pass.Body = operators.Body
	d.must(d.Service.Passes.SavePass(t.Context(), pass))
	b := d.browser()
	b.setCookie(d.cookieName(), mine)
	if a := b.get("/accounts"); a.status != http.StatusSeeOther {
		t.Errorf("%d", a.status)
	}
}

// An account that goes takes its administrators' sessions along; who takes its
// name later does not get them.
func TestSessionsGoWithTheirAccount(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "globex"})
	if a := b.get("/accounts/globex/users"); a.status != http.StatusOK {
		t.Fatalf("%d", a.status)
	}
	d.must(d.stores.tenants.DeleteTenant(t.Context(), "globex"))
	d.must(d.stores.tenants.CreateTenant(t.Context(), &tenant.Tenant{ID: "globex"}))
	if a := b.get("/accounts/globex/users"); a.status != http.StatusSeeOther {
		t.Errorf("%d", a.status)
	}
}

// Another site cannot make a browser do anything here.
func TestOtherSites(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator})
	for _, r := range routes {
		if r.method == http.MethodGet {
			continue
		}
		for _, header := range []map[string]string{
			{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"},
		} {
			if a := b.send(r.method, d.fill(r.path), byKey, header); a.status != http.StatusForbidden || a.header.Get("Set-Cookie") != "" {
				t.Errorf("%s with %v: %d", r.path, header, a.status)
			}
		}
	}
	if tokens, err := d.Service.Tokens(t.Context(), "acme"); err != nil || len(tokens) != 1 {
		t.Errorf("tokens: %v, %v", tokens, err)
	}
}

// Over HTTPS the cookie is one that only this host can set, and only over HTTPS.
func TestCookieOverHTTPS(t *testing.T) {
	c := &Console{secure: true}
	cookie := c.cookie(c.cookieName(), "x", 0)
	if cookie.Name != "__Host-scimgate" || !cookie.Secure || cookie.Path != "/" || cookie.Domain != "" || !cookie.HttpOnly {
		t.Errorf("%+v", cookie)
	}
}

func TestInvitation(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	path := "/invite/" + d.ids["secret"]
	for range 3 { // whoever only looks uses nothing up
		if a := d.browser().get(path); a.status != http.StatusOK || !strings.Contains(a.text, "acme") {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
	guest, late := d.browser(), d.browser()
	if a := guest.post(path, nil); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get("Location"), Prefix+"/accounts/acme/settings") {
		t.Fatalf("%d %v", a.status, a.header)
	}
	if a := guest.get("/accounts/acme/credentials"); a.status != http.StatusOK {
		t.Errorf("inside: %d", a.status)
	}
	if a := guest.get("/accounts/globex/users"); a.status != http.StatusNotFound {
		t.Errorf("the neighbour: %d", a.status)
	}
	for _, a := range []answered{late.post(path, nil), late.get(path), late.get("/invite/" + strings.Repeat("a", 43))} {
		if a.status != http.StatusNotFound || strings.Contains(a.text, "acme") {
			t.Errorf("used up: %d %s", a.status, a.text)
		}
	}
}

func TestInvitationIsRevoked(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.as(&person{Role: Operator}).post("/accounts/acme/invites/"+d.ids["invite"]+"/revoke", nil)
	if a := d.browser().post("/invite/"+d.ids["secret"], nil); a.status != http.StatusNotFound {
		t.Errorf("%d", a.status)
	}
}
