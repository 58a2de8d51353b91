package admin

import (
	"context"
	"encoding/json"
	"errors"
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
