package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"scimgate/scim"
)

// appspace runs commands against the demo, and looks into both sides of it.
type appspace struct {
	shell
	tenancy
}

// newAppspace starts a demo that has no users yet.
func newAppspace(t *testing.T) appspace {
	t.Helper()
	p := start(t, append([]string{"demo", "--no-play"}, anyPorts...)...)
	admin := strings.TrimSuffix(p.text(t, "consoleURL"), "/console")
	return appspace{shell{t, map[string]string{
		"SCIMGATE_ADMIN_URL": admin, "SCIMGATE_ADMIN_KEY": p.text(t, "adminKey"),
	}}, tenancyOf(t, p)}
}

// holds waits until the account has this of a custom attribute of a user; nil is
// nothing.
func (d appspace) holds(name, property string, want any) {
	d.Helper()
	eventually(d.T, 5*time.Second, name+" has "+property, func() bool {
		return custom(lookUp(d.T, d.sandboxURL, d.sandboxToken, name), property) == want
	})
}

func custom(user map[string]any, property string) any {
	extension, _ := user[scim.AppspaceUserURN].(map[string]any)
	return extension[property]
}

// found is how many users of the gateway a filter finds.
func (d appspace) found(filter string) any {
	d.Helper()
	return must(d.T, 200, "GET", d.tenantURL+"/Users?filter="+url.QueryEscape(filter), d.token, nil)["totalResults"]
}

// create makes a user with these custom attributes, as Entra would.
func (d appspace) create(name string, properties map[string]any) string {
	d.Helper()
	return must(d.T, 201, "POST", d.tenantURL+"/Users", d.token, map[string]any{
		"userName": name, "active": true, "displayName": "1",
		"emails":             []any{map[string]any{"type": "work", "value": name}},
		scim.AppspaceUserURN: properties,
	})["id"].(string)
}

// Entra sent values before anybody defined them. Once somebody does, the account
// has them, as what they are there; a filter finds them; Entra reads what it sent.
func TestAttributesDefinedLate(t *testing.T) {
	d := newAppspace(t)
	name, floor := userName(1), scim.AppspaceUserURN+":floor"
	id := d.create(name, map[string]any{"Floor": "701", "site": "HQ"})
	d.create(userName(2), map[string]any{"site": "B1"})
	eventually(t, 5*time.Second, "the user is in the account", func() bool {
		return lookUp(t, d.sandboxURL, d.sandboxToken, name) != nil
	})
	d.holds(name, "floor", nil)
	d.ok(words("attributes seen demo"), "Floor", "Integer", "site", "String")
	d.fails(words("attributes define demo nope"), "no user has")
	d.fails(words("attributes define demo site --type Integer"), "no plain whole number")

	d.ok(words("attributes define demo floor --name Storey --visibility HIDDEN"), "Floor", "Integer", "Storey", "HIDDEN")
	d.holds(name, "Floor", 701.0)
	d.holds(name, "site", nil)
	d.ok(words("attributes define demo site"), "site", "String")
	d.holds(name, "site", "HQ")
	d.holds(userName(2), "site", "B1")
	d.ok(words("attributes seen demo --json"), `{"items":[]}`)

	for filter, want := range map[string]float64{`eq 701`: 1, `eq "701"`: 1, `gt 700`: 1, `gt 701`: 0, `pr`: 1} {
		if got := d.found(floor + " " + filter); got != want {
			t.Errorf("floor %s finds %v, want %v", filter, got, want)
		}
	}
	if got := custom(must(t, 200, "GET", d.tenantURL+"/Users/"+id, d.token, nil), "Floor"); got != "701" {
		t.Errorf("Entra reads back %v", got)
	}
	answer := must(t, 400, "PATCH", d.tenantURL+"/Users/"+id, d.token, patch(floor, "ground"))
	if answer["scimType"] != "invalidValue" || !strings.Contains(answer["detail"].(string), "Floor must be a whole number") {
		t.Errorf("an Integer that is none: %v", answer)
	}
	must(t, 400, "POST", d.tenantURL+"/Users", d.token, map[string]any{"userName": userName(3), scim.AppspaceUserURN: map[string]any{"floor": "7.5"}})
	schema := must(t, 200, "GET", d.tenantURL+"/Schemas/"+scim.AppspaceUserURN, d.token, nil)
	if n := len(schema["attributes"].([]any)); n != 2 {
		t.Errorf("/Schemas has %d custom attributes", n)
	}
}
