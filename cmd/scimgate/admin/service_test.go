package admin

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func TestTenantsOverTheAPI(t *testing.T) {
	d := newDesk(t)
	made := d.api(201, "POST", "/tenants", `{"id":"acme","displayName":"Acme","settings":{"limit":{"rate":7,"burst":9},"onDelete":"delete"}}`)
	if made["tenantURL"] != "https://scim.example.com/t/acme/identity/scim" || made["displayName"] != "Acme" {
		t.Errorf("made %v", made)
	}
	d.refused(409, "POST", "/tenants", `{"id":"acme"}`, "exists")
	for _, id := range []string{"", "Acme", "-a", "a-", "a_b", "a/b", strings.Repeat("a", 64), "ä"} {
		d.refused(422, "POST", "/tenants", fmt.Sprintf(`{"id":%q}`, id), "id")
	}
	for _, settings := range []string{`{"limit":{"rate":0,"burst":1}}`, `{"limit":{"rate":1,"burst":0}}`, `{"limit":{"rate":1}}`, `{"onDelete":"burn"}`, `{"nope":1}`} {
		d.refused(422, "PATCH", "/tenants/acme", `{"settings":`+settings+`}`, "settings")
	}
	d.api(200, "PATCH", "/tenants/acme", `{"settings":{"paused":true}}`)
	s := d.stored()
	if !s.Settings.Paused || s.Settings.Limit.Rate != 7 || s.Settings.OnDelete != tenant.Delete || s.DisplayName != "Acme" {
		t.Errorf("what was not given did not stay: %+v", s)
	}
	d.refused(404, "PATCH", "/tenants/globex", `{}`, "no such")
	for i := range 3 {
		d.api(201, "POST", "/tenants", fmt.Sprintf(`{"id":"b%d"}`, i))
	}
	page := d.api(200, "GET", "/tenants?after=acme&limit=2", "")["items"].([]any)
	if len(page) != 2 || page[0].(map[string]any)["id"] != "b0" {
		t.Errorf("the page is %v", page)
	}
}

// A deleted tenant's token is refused at once, and nothing of it is left to
// whoever takes its name.
func TestDeleteTenant(t *testing.T) {
	d := newDesk(t)
	d.acme()
	secret := d.api(201, "POST", "/tenants/acme/tokens", `{}`)["token"].(string)
	r := scim.NewResource("User", "u", value.NewObject(value.Member{Name: "userName", Value: value.NewText("ana@example.com")}))
	d.must(d.Directory.Create(t.Context(), "acme", r, []tenant.Slot{0}))
	d.admitted("acme", secret)
	d.api(204, "DELETE", "/tenants/acme", "")
	d.shutOut("acme", secret)
	d.refused(404, "DELETE", "/tenants/acme", "", "no such")
	d.acme()
	d.shutOut("acme", secret)
	if _, err := d.Directory.Get(t.Context(), "acme", directory.Ref{Kind: "User", ID: "u"}); !errors.Is(err, directory.ErrNotFound) {
		t.Errorf("the user of the deleted tenant: %v", err)
	}
}

func (d *desk) admitted(id, secret string) {
	d.Helper()
	if _, err := d.Resolver.Authenticate(d.Context(), id, "Bearer "+secret); err != nil {
		d.Errorf("%s: %v", id, err)
	}
}

func (d *desk) shutOut(id, secret string) {
	d.Helper()
	if _, err := d.Resolver.Authenticate(d.Context(), id, "Bearer "+secret); !errors.Is(err, tenant.ErrUnauthorized) {
		d.Errorf("%s: %v", id, err)
	}
}

func TestTokensOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	first := d.api(201, "POST", "/tenants/acme/tokens", `{"label":"Entra","expiresInDays":30}`)
	second := d.api(201, "POST", "/tenants/acme/tokens", `{}`)
	for _, minted := range []map[string]any{first, second} {
		d.admitted("acme", minted["token"].(string))
		if minted["tenantURL"] != "https://scim.example.com/t/acme/identity/scim" {
			t.Errorf("minted %v", minted)
		}
	}
	all := d.ask("GET", Prefix+"/tenants/acme/tokens", "").text
	if !strings.Contains(all, first["keyId"].(string)) || strings.Contains(all, first["token"].(string)) || strings.Contains(all, "hash") {
		t.Errorf("the list says %s", all)
	}
	expires, err := time.Parse(time.RFC3339, first["expires"].(string))
	if days := time.Until(expires).Hours() / 24; err != nil || days < 29 || days > 30 {
		t.Errorf("expires in %v days", days)
	}
	d.api(204, "DELETE", "/tenants/acme/tokens/"+first["keyId"].(string), "")
	d.shutOut("acme", first["token"].(string))
	d.admitted("acme", second["token"].(string))
	d.refused(404, "DELETE", "/tenants/acme/tokens/"+first["keyId"].(string), "", "no such")
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	d.refused(404, "DELETE", "/tenants/globex/tokens/"+second["keyId"].(string), "", "no such")
	d.admitted("acme", second["token"].(string))
	for _, body := range []string{`{"expiresInDays":-1}`, `{"expiresInDays":3651}`, `{"expiresInDays":"1"}`} {
		d.refused(422, "POST", "/tenants/acme/tokens", body, "expiresInDays")
	}
	d.refused(404, "POST", "/tenants/initech/tokens", `{}`, "no such")
	d.refused(404, "GET", "/tenants/initech/tokens", "", "no such")
}

func TestConnectionsOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	c := d.stored().Connections[0]
	if plain, err := d.Vault().Open(t.Context(), c.Sealed, "acme", c.Field()); err != nil || string(plain) != `{"token":"s3cret"}` {
		t.Errorf("sealed is %s, %v", plain, err)
	}
	if bytes.Contains(c.Sealed, []byte("s3cret")) {
		t.Error("the settings lie open")
	}
	now := time.Now()
	if len(c.Resync) != 2 || c.Resync[0].After(now) || c.Resync[1].Before(now.Add(30*time.Second)) {
		t.Errorf("a new connection's resyncs: %v", c.Resync)
	}
	if !slices.Contains(d.woken, "acme") {
		t.Error("nobody was told")
	}
	for _, path := range []string{"/tenants/acme", "/tenants/acme/connections", "/tenants/acme/connections/appspace"} {
		if a := d.ask("GET", Prefix+path, ""); a.status != 200 || strings.Contains(a.text, "ealed") || strings.Contains(a.text, "s3cret") || !strings.Contains(a.text, `"appspace"`) {
			t.Errorf("%s says %d %s", path, a.status, a.text)
		}
	}
	d.api(200, "PATCH", "/tenants/acme/connections/appspace", `{"paused":true}`)
	if again := d.stored().Connections[0]; !again.Paused || !bytes.Equal(again.Sealed, c.Sealed) {
		t.Errorf("after a pause: %+v", again)
	}
	d.refused(404, "PATCH", "/tenants/acme/connections/nope", `{"paused":true}`, "no such")
	d.refused(422, "PUT", "/tenants/acme/connections/appspace", `{"kind":"webhook"}`, "of kind appspace")
	d.refused(422, "PUT", "/tenants/acme/connections/other", `{"paused":true}`, "needs kind and settings")
	d.refused(422, "PUT", "/tenants/acme/connections/Other_", `{"kind":"appspace","settings":{}}`, "connection id")
}

// Settings that cannot be used change nothing.
func TestConnectionThatCannotBeOpened(t *testing.T) {
	d := newDesk(t)
	d.acme()
	before := d.stored()
	d.opened = errors.New("baseURL is missing")
	d.refused(422, "PUT", "/tenants/acme/connections/appspace", `{"kind":"appspace","settings":{}}`, "baseURL is missing")
	d.refused(422, "PUT", "/tenants/acme/connections/second", `{"kind":"appspace","settings":{}}`, "baseURL is missing")
	if after := d.stored(); after.Version != before.Version || len(after.Connections) != 1 {
		t.Errorf("stored %+v", after)
	}
}

// A slot is used again only after its connection and all that was delivered to it
// are forgotten.
func TestConnectionSlots(t *testing.T) {
	d := newDesk(t)
	d.acme()
	put := func(status, i int) {
		t.Helper()
		d.api(status, "PUT", fmt.Sprintf("/tenants/acme/connections/c%d", i), `{"kind":"appspace","settings":{}}`)
	}
	for i := 1; i < tenant.MaxConnections; i++ {
		put(200, i)
	}
	put(422, 9)
	r := scim.NewResource("User", "u", value.NewObject(value.Member{Name: "userName", Value: value.NewText("ana@example.com")}))
	d.must(d.Directory.Create(t.Context(), "acme", r, []tenant.Slot{2}))
	d.api(204, "DELETE", "/tenants/acme/connections/c2", "")
	d.refused(404, "DELETE", "/tenants/acme/connections/c2", "", "no such")
	put(200, 9)
	if c := d.stored().Connections; c[len(c)-1].Slot != 2 {
		t.Errorf("the new one has slot %d", c[len(c)-1].Slot)
	}
	items := d.api(200, "GET", "/tenants/acme/deliveries?state=due", "")["items"].([]any)
	if len(items) != 0 {
		t.Errorf("the new connection was given the old one's debts: %v", items)
	}
}

func TestConnectionTest(t *testing.T) {
	d := newDesk(t)
	d.acme()
	if r := d.api(200, "POST", "/tenants/acme/connections/appspace/test", ""); r["ok"] != true {
		t.Errorf("healthy: %v", r)
	}
	d.checked = errors.New("the account refused the token (401)")
	if r := d.api(200, "POST", "/tenants/acme/connections/appspace/test", ""); r["ok"] != false || r["reason"] != "the account refused the token (401)" {
		t.Errorf("refused: %v", r)
	}
	d.refused(404, "POST", "/tenants/acme/connections/nope/test", "", "no such")
}

func TestAttributesOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	before := d.stored()
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"costCenter","type":"Integer","displayName":"Cost center"}`)
	after := d.stored()
	if after.RulesRev != before.RulesRev+1 || len(after.Connections[0].Resync) != len(before.Connections[0].Resync)+1 {
		t.Errorf("nothing is sent again: %+v", after)
	}
	d.refused(409, "POST", "/tenants/acme/attributes", `{"property":"COSTCENTER","type":"Integer"}`, "exists")
	for _, body := range []string{`{"property":"1a","type":"String"}`, `{"property":"","type":"String"}`, `{"property":"a b","type":"String"}`, `{"property":"a"}`, `{"property":"a","type":"Boolean"}`} {
		d.refused(422, "POST", "/tenants/acme/attributes", body, "")
	}
	d.refused(422, "PUT", "/tenants/acme/attributes", `{"items":[{"property":"costCenter","type":"String"}]}`, "cannot change")
	d.refused(422, "PUT", "/tenants/acme/attributes", `{"items":[{"property":"a","type":"String"},{"property":"A","type":"String"}]}`, "twice")
	d.api(200, "PUT", "/tenants/acme/attributes", `{"items":[{"property":"costCenter","type":"Integer","required":true},{"property":"site","type":"String"}]}`)
	d.api(204, "DELETE", "/tenants/acme/attributes/SITE", "")
	d.refused(404, "DELETE", "/tenants/acme/attributes/site", "", "no such")
	if a := d.stored().Attributes; len(a) != 1 || !a[0].Required {
		t.Errorf("left: %+v", a)
	}
}

const titleRule = `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`

func TestRulesOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.refused(422, "POST", "/tenants/acme/rules/publish", `{}`, "no draft")
	d.refused(404, "GET", "/tenants/acme/rules/draft", "", "no such")
	d.refused(422, "PUT", "/tenants/acme/rules/draft", `{"rules":[{"target":"nope","type":"Constant","value":"x"},{"target":"title","type":"Guess"}]}`, "rules[1]")
	d.api(204, "PUT", "/tenants/acme/rules/draft", titleRule)
	before := d.stored()
	if before.Rules != nil || before.RulesRev != 0 {
		t.Errorf("a draft is in force: %+v", before)
	}
	published := d.api(201, "POST", "/tenants/acme/rules/publish", `{"author":"Kim"}`)
	after := d.stored()
	if published["rev"] != 1.0 || after.Rules == nil || after.Draft != nil || len(after.Connections[0].Resync) != len(before.Connections[0].Resync)+1 {
		t.Errorf("published %v, stored %+v", published, after)
	}
	versions := d.api(200, "GET", "/tenants/acme/rules/versions", "")["items"].([]any)
	if v := versions[0].(map[string]any); len(versions) != 1 || v["author"] != "Kim" || v["rules"].(map[string]any)["rules"] == nil {
		t.Errorf("versions %v", versions)
	}
	if r := d.api(200, "GET", "/tenants/acme/rules", ""); r["rev"] != 1.0 || r["rules"] == nil {
		t.Errorf("in force: %v", r)
	}
}

// An attribute that rules name cannot be undefined under them.
func TestAttributeThatRulesName(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String"}`)
	d.api(204, "PUT", "/tenants/acme/rules/draft", `{"rules":[{"target":"`+scim.AppspaceUserURN+`:site","type":"Constant","value":"HQ"}]}`)
	d.api(201, "POST", "/tenants/acme/rules/publish", ``)
	d.refused(422, "DELETE", "/tenants/acme/attributes/site", "", "site")
	d.api(204, "PUT", "/tenants/acme/rules/draft", `{"rules":[{"target":"`+scim.AppspaceUserURN+`:site","type":"Constant","value":"B1"}]}`)
	d.api(204, "PUT", "/tenants/acme/rules/draft", titleRule)
	d.api(201, "POST", "/tenants/acme/rules/publish", `{}`)
	d.api(204, "DELETE", "/tenants/acme/attributes/site", "")
}

func TestDeliveriesOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	r := scim.NewResource("User", "u", value.NewObject(value.Member{Name: "userName", Value: value.NewText("ana@example.com")}))
	d.must(d.Directory.Create(t.Context(), "acme", r, []tenant.Slot{0}))
	items := d.api(200, "GET", "/tenants/acme/deliveries", "")["items"].([]any)
	if len(items) != 1 {
		t.Fatalf("due: %v", items)
	}
	item := items[0].(map[string]any)
	if item["connection"] != "appspace" || item["id"] != "u" || item["resourceType"] != "User" || item["state"] != "due" || item["version"] != 1.0 {
		t.Errorf("due: %v", item)
	}
	if parked := d.api(200, "GET", "/tenants/acme/deliveries?state=parked", "")["items"].([]any); len(parked) != 0 {
		t.Errorf("parked: %v", parked)
	}
	d.refused(422, "GET", "/tenants/acme/deliveries?state=lost", "", "state")
	d.refused(404, "GET", "/tenants/globex/deliveries", "", "no such")
}

func TestReplayOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(200, "PUT", "/tenants/acme/connections/second", `{"kind":"appspace","settings":{}}`)
	for i, title := range []string{"Chef", "Clerk", "Chef"} {
		r := scim.NewResource("User", fmt.Sprintf("u%d", i), value.NewObject(
			value.Member{Name: "userName", Value: value.NewText(fmt.Sprintf("u%d@example.com", i))},
			value.Member{Name: "title", Value: value.NewText(title)},
		))
		d.must(d.Directory.Create(t.Context(), "acme", r, []tenant.Slot{0, 1}))
	}
	for i := range 3 { // delivered to the first, parked at the second
		d.settle(fmt.Sprintf("u%d", i), 0, directory.Outcome{Done: &directory.Done{RemoteID: "r"}})
		d.settle(fmt.Sprintf("u%d", i), 1, directory.Outcome{Park: &directory.Failure{Class: "rejected", At: time.Now()}})
	}
	replay := func(body string, want float64) {
		t.Helper()
		if n := d.api(200, "POST", "/tenants/acme/deliveries/replay", body)["resources"]; n != want {
			t.Errorf("%s: %v, want %v", body, n, want)
		}
	}
	replay(`{"until":"2020-01-01T00:00:00Z"}`, 0)
	replay(`{"since":"2999-01-01T00:00:00Z"}`, 0)
	replay(`{"class":"transient"}`, 0)
	replay(`{"state":"due"}`, 0)
	replay(`{"filter":"title eq \"Chef\"","connection":"appspace"}`, 2)
	replay(`{"id":"u1","state":"clean"}`, 1)
	replay(`{"class":"rejected","since":"2020-01-01T00:00:00Z"}`, 3)
	replay(`{}`, 0) // all are due already
	if len(d.woken) == 0 {
		t.Error("nobody was told")
	}
	d.refused(422, "POST", "/tenants/acme/deliveries/replay", `{"filter":"title eq"}`, "filter")
	d.refused(404, "POST", "/tenants/acme/deliveries/replay", `{"connection":"nope"}`, "no such")
	d.refused(404, "POST", "/tenants/globex/deliveries/replay", `{}`, "no such")
}

// settle claims a resource and commits an outcome.
func (d *desk) settle(id string, slot tenant.Slot, o directory.Outcome) {
	d.Helper()
	now := time.Now().Add(time.Minute)
	intent := directory.Intent{ID: id, Op: directory.Updating, QuietUntil: now}
	c, err := d.Directory.Claim(d.Context(), "acme", slot, directory.Ref{Kind: "User", ID: id}, intent, now)
	d.must(err)
	d.must(d.Directory.Commit(d.Context(), c, o))
}
