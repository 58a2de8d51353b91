package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"scimgate/connectors"
	"scimgate/tenant"
)

// opening is an account that accepts some tokens, and tells which is shown.
type opening struct {
	connectors.Connector
	token  string
	accept *map[string]bool
}

func (o opening) Check(context.Context) error {
	if (*o.accept)[o.token] {
		return nil
	}
	return errors.New("the account refuses the credential")
}

func (o opening) Probe(ctx context.Context) ([]connectors.Finding, error) {
	return []connectors.Finding{{What: "PATCH", Works: true, Status: 404}}, o.Check(ctx)
}

// accepting has connections lead to an account that accepts what accept says.
func (d *desk) accepting(accept *map[string]bool) {
	d.Open = func(_ context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Connector, error) {
		text, err := d.Vault().Open(d.Context(), c.Sealed, t.ID, c.Field())
		if err != nil {
			return nil, err
		}
		var settings struct{ Token string }
		if err := json.Unmarshal(text, &settings); err != nil || settings.Token == "" {
			return nil, errors.New("token is missing")
		}
		return opening{token: settings.Token, accept: accept}, nil
	}
}

// inForce is the token that deliveries show.
func (d *desk) inForce() string {
	d.Helper()
	t := d.stored()
	c, err := d.Open(d.Context(), t, t.Connections[0])
	d.must(err)
	return c.(opening).token
}

// The account's own token is replaced without a delivery ever meeting one that
// does not work.
func TestSettingsAreInForceOnceAccepted(t *testing.T) {
	d := newDesk(t)
	accept := map[string]bool{"old": true}
	d.accepting(&accept)
	d.api(201, "POST", "/tenants", `{"id":"acme"}`)
	const path = "/tenants/acme/connections/appspace"
	d.api(200, "PUT", path, `{"kind":"appspace","settings":{"token":"old"}}`)
	if got := d.api(200, "PATCH", path, `{"settings":{"token":"new"}}`); got["next"] != true || d.inForce() != "old" {
		t.Errorf("not accepted yet: %v, in force %s", got, d.inForce())
	}
	d.refused(422, "PATCH", path, `{"settings":{"token":""}}`, "token is missing")
	if got := d.api(200, "POST", path+"/test", ``); got["ok"] != true || got["next"] != true || d.inForce() != "old" {
		t.Errorf("tested too early: %v", got)
	}
	accept["new"] = true
	if got := d.api(200, "POST", path+"/test", ``); got["ok"] != true || got["next"] != nil || d.inForce() != "new" {
		t.Errorf("tested: %v, in force %s", got, d.inForce())
	}
	accept["newer"] = true
	if got := d.api(200, "PATCH", path, `{"settings":{"token":"newer"}}`); got["next"] != nil || d.inForce() != "newer" {
		t.Errorf("accepted at once: %v", got)
	}
	d.api(200, "PATCH", path, `{"settings":{"token":"never"}}`)
	if got := d.api(200, "PUT", path, `{"settings":{"token":"old"}}`); got["next"] != nil || d.inForce() != "old" {
		t.Errorf("PUT takes what it is given at once: %v", got)
	}
}

func TestProbesAreKept(t *testing.T) {
	d := newDesk(t)
	accept := map[string]bool{"old": true}
	d.accepting(&accept)
	d.api(201, "POST", "/tenants", `{"id":"acme"}`)
	const path = "/tenants/acme/connections/appspace"
	d.api(200, "PUT", path, `{"kind":"appspace","settings":{"token":"old"}}`)
	if got := d.api(200, "GET", path, ""); got["probed"] != nil {
		t.Errorf("probed before: %v", got)
	}
	d.api(200, "POST", path+"/probe", "")
	delete(accept, "old")
	d.refused(422, "POST", path+"/probe", "", "the account refuses the credential")
	if a := d.ask("GET", Prefix+path, "").text; !strings.Contains(a, `"findings":[{"what":"PATCH","works":true,"status":404}]`) || !strings.Contains(a, `"at":"`) {
		t.Errorf("kept: %s", a)
	}
	d.refused(404, "POST", "/tenants/acme/connections/nope/probe", "", "no such thing")
}

// Settings that are accepted in the background are told as the gateway's own doing;
// those that a request had accepted, as the request's.
func TestAcceptedSettingsAreTold(t *testing.T) {
	d := newDesk(t)
	accept := map[string]bool{"old": true}
	d.accepting(&accept)
	d.api(201, "POST", "/tenants", `{"id":"acme"}`)
	const path = "/tenants/acme/connections/appspace"
	d.api(200, "PUT", path, `{"kind":"appspace","settings":{"token":"old"}}`)
	d.api(200, "PATCH", path, `{"settings":{"token":"new"}}`)
	told := func() []any { return d.api(200, "GET", "/tenants/acme/changes?actor=gateway", "")["items"].([]any) }
	for range 2 { // not accepted yet: nothing to tell
		_, err := d.TryNext(t.Context(), "acme", "appspace")
		d.must(err)
	}
	if len(told()) != 0 {
		t.Errorf("told what did not happen: %v", told())
	}
	accept["new"] = true
	_, err := d.TryNext(t.Context(), "acme", "appspace")
	d.must(err)
	if all := told(); len(all) != 1 || !strings.Contains(fmt.Sprint(all[0]), "connections.appspace.next") || !strings.Contains(fmt.Sprint(all[0]), "outcome:done") {
		t.Errorf("told: %v", all)
	}
	d.api(200, "PATCH", path, `{"settings":{"token":"newer"}}`)
	accept["newer"] = true
	d.api(200, "POST", path+"/test", ``)
	if len(told()) != 1 || d.inForce() != "newer" {
		t.Errorf("a request's is told twice: %v", told())
	}
}

// Who publishes and gives no name is called as the changes call them.
func TestHistoryNamesThePrincipal(t *testing.T) {
	d := newDesk(t)
	d.acme()
	key := d.api(201, "POST", "/tenants/acme/keys", `{"name":"nightly","role":"administrator"}`)["key"].(string)
	publish := func(secret, body string) string {
		d.api(204, "PUT", "/tenants/acme/rules/draft", `{"rules":[]}`)
		a := d.askWith("Bearer "+secret, "application/json", "POST", Prefix+"/tenants/acme/rules/publish", body)
		if a.status != 201 {
			t.Fatal(a)
		}
		newest := d.api(200, "GET", "/tenants/acme/rules/versions?limit=1", "")["items"].([]any)[0].(map[string]any)
		return fmt.Sprint(newest["author"])
	}
	for want, author := range map[string]string{"operatorKey": publish(operatorKey, `{}`), "nightly": publish(key, `{}`), "Kim": publish(key, `{"author":"Kim"}`)} {
		if author != want {
			t.Errorf("%q, not %q", author, want)
		}
	}
}
