package admin

import (
	"fmt"
	"testing"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// An attribute has what Appspace's console knows of one, and /Schemas tells it.
func TestAttributeAsAppspaceDefinesIt(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"badge","type":"Integer","displayName":"Badge","visibility":"HIDDEN","description":"On the door."}`)
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String","displayName":"Site"}`)
	items := d.api(200, "GET", "/tenants/acme/attributes", "")["items"].([]any)
	if badge := items[0].(map[string]any); badge["visibility"] != "HIDDEN" || badge["description"] != "On the door." {
		t.Errorf("badge is %v", badge)
	}
	if site := items[1].(map[string]any); site["visibility"] != "VISIBLE" {
		t.Errorf("site is %v", site)
	}
	for _, a := range server.Definitions(d.stored()).Schema(scim.AppspaceUserURN).Attributes {
		if a.Name == "badge" && (a.Type != scim.Integer || a.Description != "On the door.") {
			t.Errorf("/Schemas says of badge: %+v", a)
		}
	}
	d.refused(422, "POST", "/tenants/acme/attributes", `{"property":"a","type":"String","visibility":"hidden"}`, "visibility")
}

// What was stored before there was a visibility reads as visible.
func TestOlderAttributes(t *testing.T) {
	d := newDesk(t)
	d.acme()
	_, err := d.Tenants.UpdateTenant(t.Context(), "acme", func(x *tenant.Tenant) error {
		x.Attributes = []tenant.Attribute{{Property: "site", Type: "String"}}
		return nil
	})
	d.must(err)
	items := d.api(200, "GET", "/tenants/acme/attributes", "")["items"].([]any)
	if site := items[0].(map[string]any); site["visibility"] != "VISIBLE" || site["description"] != nil {
		t.Errorf("site is %v", site)
	}
}

// custom stores a user with these properties under Appspace's URN.
func (d *desk) custom(name string, properties ...value.Member) {
	d.Helper()
	o := value.NewObject(value.Member{Name: "userName", Value: value.NewText(name + "@example.com")})
	if len(properties) > 0 {
		o.Set(scim.AppspaceUserURN, value.Of(value.NewObject(properties...)))
	}
	d.must(d.Directory.Create(d.Context(), "acme", scim.NewResource("User", name, o), []tenant.Slot{0}))
}

func TestSeenAttributes(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String"}`)
	text, number := value.NewText, value.Int
	d.custom("u0")
	d.custom("u1", value.Member{Name: "SITE", Value: text("HQ")})
	d.custom("u2", value.Member{Name: "floor", Value: text("7")}, value.Member{Name: "badge", Value: text("007")})
	d.custom("u3", value.Member{Name: "Floor", Value: number(-12)}, value.Member{Name: "remote", Value: value.Truth(true)})
	for i := range 2*seenAtOnce + 1 { // more pages than one
		d.custom(fmt.Sprintf("v%d", i), value.Member{Name: "FLOOR", Value: number(1)})
	}
	seen := d.api(200, "GET", "/tenants/acme/attributes/seen", "")
	want := fmt.Sprintf("[map[property:floor type:Integer users:%d] map[property:badge type:String users:1] map[property:remote type:String users:1]]", 2*seenAtOnce+3)
	if got := fmt.Sprint(seen["items"]); got != want || seen["more"] != nil {
		t.Errorf("seen %s\nwant %s", got, want)
	}
	if other := d.api(200, "GET", "/tenants/globex/attributes/seen", ""); fmt.Sprint(other["items"]) != "[]" {
		t.Errorf("another tenant's: %v", other)
	}
	d.refused(404, "GET", "/tenants/initech/attributes/seen", "", "no such")
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"floor","type":"Integer"}`)
	if left := d.api(200, "GET", "/tenants/acme/attributes/seen", "")["items"].([]any); len(left) != 2 {
		t.Errorf("after floor is defined: %v", left)
	}
}

// A client that makes up names without end fills neither memory nor answer.
func TestSeenAttributesAreBounded(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for i := range 3 {
		var many []value.Member
		for j := range mostSeen/2 - 1 {
			many = append(many, value.Member{Name: fmt.Sprintf("p%d-%d", i, j), Value: value.Int(1)})
		}
		d.custom(fmt.Sprintf("u%d", i), many...)
	}
	seen := d.api(200, "GET", "/tenants/acme/attributes/seen", "")
	if len(seen["items"].([]any)) != mostSeen || seen["more"] != true {
		t.Errorf("%d told, more: %v", len(seen["items"].([]any)), seen["more"])
	}
}
