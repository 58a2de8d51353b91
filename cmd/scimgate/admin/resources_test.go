package admin

import (
	"fmt"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func (d *desk) user(id, name, title string) {
	d.Helper()
	r := scim.NewResource("User", id, value.NewObject(
		value.Member{Name: "id", Value: value.NewText(id)},
		value.Member{Name: "userName", Value: value.NewText(name)},
		value.Member{Name: "title", Value: value.NewText(title)},
	))
	d.must(d.Directory.Create(d.Context(), "acme", r, []tenant.Slot{0}))
}

func TestUsersOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for i := range 5 {
		d.user(fmt.Sprintf("u%d", i), fmt.Sprintf("%c@example.com", 'e'-i), "Chef")
	}
	var names []string
	after := ""
	for {
		page := d.api(200, "GET", "/tenants/acme/users?limit=2&filter=title+eq+%22Chef%22&after="+strings.NewReplacer(`"`, "%22", "[", "%5B", "]", "%5D", "\\", "%5C").Replace(after), "")
		for _, item := range page["items"].([]any) {
			names = append(names, item.(map[string]any)["userName"].(string))
		}
		if page["total"] != 5.0 {
			t.Errorf("total %v", page["total"])
		}
		if after, _ = page["next"].(string); after == "" {
			break
		}
	}
	if strings.Join(names, " ") != "a@example.com b@example.com c@example.com d@example.com e@example.com" {
		t.Errorf("%v", names)
	}
	d.refused(422, "GET", "/tenants/acme/users?filter=title+eq", "", "filter")
	d.refused(422, "GET", "/tenants/acme/users?after=rubbish", "", "")
	d.refused(404, "GET", "/tenants/globex/users", "", "no such")
	if groups := d.api(200, "GET", "/tenants/acme/groups", "")["items"].([]any); len(groups) != 0 {
		t.Errorf("groups %v", groups)
	}
}

// One user, as the identity provider sees her, as the account should hold her, and
// where she stands.
func TestOneUserOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.user("u1", "ana@example.com", "Chef")
	d.user("u2", "nobody", "Chef")
	d.api(204, "PUT", "/tenants/acme/rules/draft", titleRule)
	d.api(201, "POST", "/tenants/acme/rules/publish", `{}`)
	found := d.api(200, "GET", "/tenants/acme/users/u1", "")
	resource, projection := found["resource"].(map[string]any), found["projection"].(map[string]any)
	if resource["title"] != "Chef" || projection["title"] != "Staff" || projection["userName"] != "ana@example.com" || found["fault"] != nil {
		t.Errorf("%v", found)
	}
	if location := resource["meta"].(map[string]any)["location"]; location != "https://scim.example.com/t/acme/identity/scim/Users/u1" {
		t.Errorf("location %v", location)
	}
	if owed := found["deliveries"].([]any)[0].(map[string]any); owed["connection"] != "appspace" || owed["state"] != "due" {
		t.Errorf("%v", owed)
	}
	if found = d.api(200, "GET", "/tenants/acme/users/u2", ""); found["projection"] != nil || !strings.Contains(fmt.Sprint(found["fault"]), "e-mail") {
		t.Errorf("no address: %v", found)
	}
	d.refused(404, "GET", "/tenants/acme/users/nope", "", "no such")
	d.refused(404, "GET", "/tenants/acme/groups/u1", "", "no such")
}

// Of a connection's settings nothing leaves that is not known to be no secret.
func TestPublicSettings(t *testing.T) {
	d := newDesk(t)
	d.acme()
	given := map[string]any{"baseURL": "https://a.example", "token": "s3cret", "issuer": 7, "unheardOf": "s3cret"}
	c, err := d.ChangeSettings(t.Context(), "acme", "appspace", "appspace", given)
	d.must(err)
	settings, err := d.PublicSettings(t.Context(), "acme", c)
	if err != nil || len(settings) != 1 || settings[0] != (Setting{"baseURL", "https://a.example"}) {
		t.Errorf("%v, %v", settings, err)
	}
}
