package console

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"scimgate/tenant"
)

// TestEveryActionIsToldOf walks the whole table: what an operator can do in the
// console is told of, once and with its outcome.
func TestEveryActionIsToldOf(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator, Name: "Kim"})
	told := 0
	for _, r := range routes {
		reads := r.method == "GET" || r.path == account+"/mapping/preview" // it tries, and keeps nothing
		if r.who == everybody {
			continue
		}
		before := d.told()
		a := b.send(r.method, d.fill(r.path), nil, nil)
		all := d.told()
		switch {
		case reads && len(all) != len(before):
			t.Errorf("%s %s is told of", r.method, r.path)
		case reads:
		case len(all) != len(before)+1:
			t.Errorf("%s %s is told of %d times", r.method, r.path, len(all)-len(before))
		default:
			told++
			c := all[0]
			if c.Operation != r.method+" "+r.path || c.Status != a.status || c.Actor.Kind != tenant.SessionPrincipal || c.Actor.Name != "Kim" || c.Actor.ID == "" || c.Summary == "" {
				t.Errorf("%s %s (%d) is told as %+v", r.method, r.path, a.status, c)
			}
		}
	}
	if told < 35 {
		t.Errorf("only %d told of", told)
	}
}

// told is all that was told of, newest first.
func (d *desk) told() []*tenant.Change {
	d.Helper()
	all, err := d.stores.tenants.Changes(d.Context(), tenant.ChangeQuery{Limit: 1000})
	d.must(err)
	return all
}

// Who signs in is told of, by key and by invitation; who fails to is not.
func TestSigningInIsToldOf(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	before := len(d.told())
	b := d.browser()
	b.post("/sign-in/key", url.Values{"key": {"wrong"}})
	b.post("/sign-in/key", byKey)
	d.browser().post("/invite/"+d.ids["secret"], nil)
	all := d.told()
	if len(all) != before+2 {
		t.Fatalf("told %d times", len(all)-before)
	}
	guest, key := all[0], all[1]
	if guest.Tenant != "acme" || guest.Actor.Role != Administrator || guest.Actor.Name != "invite" || key.Tenant != "" || key.Actor.Role != Operator {
		t.Errorf("%+v\n%+v", guest, key)
	}
	for _, c := range all {
		if strings.Contains(c.Resource+c.Operation, d.ids["secret"]) {
			t.Errorf("the invitation is told: %+v", c)
		}
	}
}

// mute is a store that nobody can be told by.
type mute struct{ tenant.Store }

func (mute) BeginChange(context.Context, *tenant.Change) error { return errors.New("disk on fire") }

// Where nobody can be told nothing is done.
func TestNothingIsDoneUntold(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator})
	d.Service.Tenants = mute{d.Service.Tenants}
	if a := b.post("/accounts/acme/tokens/"+d.ids["key"]+"/revoke", nil); a.status != http.StatusServiceUnavailable {
		t.Errorf("%d", a.status)
	}
	if tokens, err := d.Service.Tokens(t.Context(), "acme"); err != nil || len(tokens) != 1 {
		t.Errorf("%v, %v", tokens, err)
	}
	if a := d.browser().post("/sign-in/key", byKey); a.status != http.StatusServiceUnavailable || a.header.Get("Set-Cookie") != "" {
		t.Errorf("signed in: %d", a.status)
	}
}

func TestChangesPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator, Name: "Kim"})
	b.post("/accounts/acme/scim", url.Values{"to": {"off"}})
	for _, path := range []string{"/accounts/acme/changes", "/changes", "/changes?tenant=acme&actor=Kim", "/accounts/acme/changes?since=2020-01-01&until=2999-01-01"} {
		a := b.get(path)
		if a.status != 200 || !strings.Contains(a.text, "settings.paused") || !strings.Contains(a.text, "Kim") {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	for path, status := range map[string]int{"/changes?tenant=globex": 200, "/accounts/acme/changes?until=2020-01-01": 200, "/changes?since=yesterday": 422} {
		if a := b.get(path); a.status != status || strings.Contains(a.text, "settings.paused") {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
}

func TestKeysPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	own := d.as(&person{Role: Administrator, Tenant: "acme", Name: "Ana"})
	a := own.post("/accounts/acme/keys", url.Values{"name": {"nightly"}, "role": {"administrator"}, "days": {"30"}})
	keys, err := d.Service.TenantKeys(t.Context(), "acme", "", 10)
	d.must(err)
	if a.status != 200 || !strings.Contains(a.text, `value="sa_`) || len(keys) != 2 {
		t.Fatalf("%d, %d keys", a.status, len(keys))
	}
	for _, k := range keys {
		if k.Name == "nightly" && (k.Author != "Ana" || k.Tenant != "acme" || k.Role != Administrator) {
			t.Errorf("%+v", k)
		}
	}
	if a := own.get("/accounts/acme/keys"); strings.Contains(a.text, "sa_") || !strings.Contains(a.text, "nightly") {
		t.Errorf("afterwards: %s", a.text)
	}
	all := d.as(&person{Role: Operator})
	for path, form := range map[string]url.Values{
		"/accounts/acme/keys": {"name": {"x"}, "role": {"operator"}}, "/keys": {"name": {"x"}, "role": {"administrator"}},
	} {
		if a := all.post(path, form); a.status != 422 {
			t.Errorf("%s %v: %d", path, form, a.status)
		}
	}
	if a := all.post("/keys", url.Values{"name": {"x"}, "role": {"support"}, "tenant": {"nope"}}); a.status != 422 {
		t.Errorf("of no account: %d", a.status)
	}
	if a := all.post("/keys", url.Values{"name": {"x"}, "role": {"support"}, "tenant": {"globex"}}); a.status != 200 {
		t.Errorf("of globex: %d %s", a.status, a.text)
	}
	own.post("/accounts/acme/keys/"+d.ids["apiKey"]+"/revoke", nil)
	if keys, err = d.Service.TenantKeys(t.Context(), "acme", "", 10); err != nil || len(keys) != 1 {
		t.Errorf("revoked: %v, %v", keys, err)
	}
}
