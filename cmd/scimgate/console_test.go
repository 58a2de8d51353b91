package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"scimgate/cmd/scimgate/entra"
)

// TestConsoleInABrowser goes the way of Appspace's guide as a person does: from
// signing in to a Tenant URL and a token that were copied, which Entra's test
// connection is then made with; and a token's change without a gap.
func TestConsoleInABrowser(t *testing.T) {
	p := start(t, append([]string{"demo", "--no-play"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	b.signIn("not the key")
	b.reads("That is not the operator key.")
	b.signIn(p.text(t, "adminKey"))
	b.reads("Accounts", "Demo account")

	b.fill("#id", "contoso")
	b.fill("#name", "Contoso Ltd.")
	b.press(`form[action$="/accounts"] button`)
	b.reads("SCIM settings", "Just-in-time provisioning is off", "To be declared", "No token yet")
	b.press("#declare")
	b.reads("Declared off", "Enabled")
	b.press("#generate")
	b.reads("Copy the token now.")
	url, first := b.copied("tenant-url"), b.copied("secret-token")
	if !probe(t, url, first) {
		t.Fatal("what was copied does not work")
	}

	b.open("/accounts/contoso/credentials")
	b.fill("#label", "Azure, next year")
	b.press(`form[action$="/tokens"] button`)
	second := b.copied("secret-token")
	if second == first || !probe(t, url, first) || !probe(t, url, second) {
		t.Error("not both tokens work")
	}
	b.press(chromedp.CSS(`form[action$="/tokens/` + strings.Split(first, "_")[1] + `/revoke"] button`))
	b.reads("The token is revoked.")
	eventually(t, 30*time.Second, "the revoked token is refused", func() bool {
		status, _ := call(t.Context(), "GET", url+"/Users", first, nil)
		return status == http.StatusUnauthorized
	})
	if !probe(t, url, second) {
		t.Error("the other token does not work any more")
	}
	b.press(`form[action$="/sign-out"] button`)
	b.reads("You are signed out.")
	b.open("/accounts/contoso/credentials")
	b.reads("Operator key")
}

// probe makes Entra's test connection.
func probe(t *testing.T, url, token string) bool {
	t.Helper()
	client, err := entra.NewClient(url, token, 1)
	if err != nil {
		t.Fatal(err)
	}
	return entra.Probe(t.Context(), client, nil).OK
}

// TestConsolePages pictures every page with something on it, in every look, and
// has each judged.
func TestConsolePages(t *testing.T) {
	p := start(t, append([]string{"demo"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	d := tenancyOf(t, p)
	b.open("/sign-in")
	b.picture("sign-in")
	b.signIn(p.text(t, "adminKey"))
	furnish(t, strings.TrimSuffix(b.base, "/console")+"/api/v1/tenants", p.text(t, "adminKey"), d)
	for _, page := range []struct{ name, path string }{
		{"accounts", "/accounts"},
		{"settings", "/accounts/demo/settings"},
		{"settings-new", "/accounts/contoso/settings"},
		{"credentials", "/accounts/demo/credentials"},
		{"azure", "/accounts/demo/azure"},
		{"azure-chosen", "/accounts/demo/azure?chosen=yes&groups=yes&mapIn=azure"},
		{"mapping", "/accounts/demo/mapping"},
		{"mapping-draft", "/accounts/demo/mapping/versions/draft"},
		{"mapping-version", "/accounts/demo/mapping/versions/0"},
		{"explain", "/accounts/demo/mapping/explain?user=grace.hopper@contoso.example"},
		{"users", "/accounts/demo/users"},
		{"users-none", "/accounts/demo/users?q=nobody"},
		{"users-faulty", "/accounts/demo/users?q=userName+eq&filter=yes"},
		{"groups", "/accounts/demo/groups"},
		{"groups-empty", "/accounts/contoso/groups"},
		{"deliveries-parked", "/accounts/demo/deliveries?state=parked"},
		{"activity", "/accounts/demo/activity"},
		{"activity-requests", "/accounts/demo/activity?show=requests"},
		{"traffic", "/accounts/demo/traffic"},
		{"traffic-empty", "/accounts/contoso/traffic"},
		{"ledger", "/accounts/demo/ledger"},
		{"drift-empty", "/accounts/demo/drift"},
		{"connection", "/accounts/demo/connection"},
		{"connection-empty", "/accounts/contoso/connection"},
		{"access-empty", "/accounts/demo/access"},
		{"not-found", "/accounts/nobody"},
	} {
		b.open(page.path)
		b.picture(page.name)
	}
	b.open("/accounts/demo/users?q=ada")
	b.press("#live-rows tbody a")
	b.picture("user")
	b.open("/accounts/demo/deliveries?state=parked")
	b.press("#live-deliveries tbody a")
	b.picture("user-parked")
	b.open("/accounts/demo/groups")
	b.press("#live-rows tbody a")
	b.picture("group")
	b.open("/accounts/demo/access")
	b.fill("#for", "Kim at Contoso")
	b.press(`form[action$="/invites"] button`)
	b.picture("access")
	link := b.copied("invite-link")
	b.open("/accounts/demo/settings")
	b.press("#generate")
	b.picture("settings-token")
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/pause"] button`)
	b.reads("The connection is paused.")
	must(t, 201, "POST", d.tenantURL+"/Users", d.token, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": "mary.jackson@contoso.example", "displayName": "Mary Jackson",
	})
	b.open("/accounts/demo/deliveries?state=due")
	b.reads("Mary Jackson")
	b.picture("deliveries-due")
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/test"] button`)
	b.picture("connection-tested")
	pictureWork(b)
	b.open("/accounts/demo/mapping")
	b.write("#editor", `{"rules":[{"target":"title","type":"Direct","source":"title"},{"target":"nope","type":"Constant","value":"x"},{"target":"displayName","type":"Expression","expression":"Join(\" \", [name.givenName]"}]}`)
	b.press(`form[action$="/mapping/draft"] button`)
	b.reads("The draft has faults.")
	b.picture("mapping-faulty")
	b.press(`form[action$="/sign-out"] button`)
	b.do(chromedp.Navigate(link))
	b.picture("invite")
	b.press(`form[action*="/invite/"] button`)
	b.reads("Account administrator", "Welcome.")
	b.picture("settings-administrator")
	b.do(chromedp.Navigate(link))
	b.reads("There is nothing here")
}

// pictureWork pictures what comes of trying rules, of looking for properties, of an
// import, a test, a plan and an audit.
func pictureWork(b *tab) {
	b.Helper()
	b.open("/accounts/demo/mapping")
	b.write("#editor", `{"rules":[{"target":"userName","type":"Direct","source":"userName"},{"target":"title","type":"Expression","expression":"Append(\"Senior \", [title])"},{"target":"displayName","type":"Direct","source":"displayName"}]}`)
	b.do(chromedp.Click(chromedp.CSS("[data-preview]")))
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#preview .sample") !== null`))
	b.reads("users would change", "Senior Engineer", "would fail")
	b.picture("mapping-preview")
	b.write("#editor", `rubbish`)
	b.do(chromedp.Click(chromedp.CSS("[data-preview]")))
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector(".faults") !== null`))
	b.reads("The draft has faults.")
	b.press(`form[action*="/mapping/seen"] button`)
	b.picture("mapping-seen")
	b.open("/accounts/demo/settings")
	b.press("#play")
	b.reads("It works", "200 with an empty list")
	b.picture("settings-tested")
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/shadow"] button`)
	b.picture("connection-shadow")
	b.press(`a[href$="/plan"]`)
	b.picture("plan")
	b.open("/accounts/demo/drift")
	b.press(`form[action$="/drift"] button`)
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#live-findings .tabs") !== null`))
	b.picture("audit")
	b.open("/accounts/demo/drift")
	b.picture("drift")
	b.open("/accounts/demo/azure")
	b.write("#export", azureExport)
	b.press(`form[action$="/azure/import"] button`)
	b.reads("What does not fit", "pager")
	b.picture("azure-import")
}

// azureExport is a schema as Entra exports it, with a mapping that does not fit.
const azureExport = `{"directories":[{"name":"customappsso","objects":[{"name":"User","attributes":[{"name":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Integer"}]}]}],
	"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"User","targetObjectName":"User","attributeMappings":[
	{"targetAttributeName":"userName","matchingPriority":1,"source":{"type":"Attribute","name":"userPrincipalName","expression":"[userPrincipalName]"}},
	{"targetAttributeName":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","source":{"type":"Attribute","name":"employeeId","expression":"[employeeId]"}},
	{"targetAttributeName":"pager","source":{"type":"Attribute","name":"extensionAttribute1","expression":"[extensionAttribute1]"}}]}]}]}`

// furnish brings an account to have something on every page.
func furnish(t *testing.T, api, key string, d tenancy) {
	t.Helper()
	must(t, 201, "POST", api, key, map[string]any{"id": "contoso", "displayName": "Contoso Ltd."})
	must(t, 201, "POST", api+"/demo/attributes", key, map[string]any{"property": "costCenter", "displayName": "Cost centre", "type": "Integer"})
	must(t, 201, "POST", api+"/demo/attributes", key, map[string]any{"property": "desk", "displayName": "Desk", "type": "String", "required": false})
	rules := map[string]any{"rules": []any{
		map[string]any{"target": "userName", "type": "Direct", "source": "userName"},
		map[string]any{"target": "displayName", "type": "Expression", "expression": `Join(" ", [name.familyName], [name.givenName])`},
		map[string]any{"target": "title", "type": "Direct", "source": "title", "default": "Staff"},
		map[string]any{"target": "active", "type": "Direct", "source": "active"},
	}}
	draft(t, api+"/demo/rules/draft", key, rules)
	must(t, 201, "POST", api+"/demo/rules/publish", key, map[string]any{"author": "Kim"})
	var ids []any
	for i, who := range []string{"Grace Hopper", "Katherine Johnson", "Radia Perlman", "Barbara Liskov"} {
		first, last, _ := strings.Cut(who, " ")
		user := map[string]any{
			"schemas":  []string{"urn:ietf:params:scim:schemas:core:2.0:User"},
			"userName": strings.ToLower(first+"."+last) + "@contoso.example", "displayName": who, "title": "Engineer",
			"name": map[string]any{"givenName": first, "familyName": last}, "active": "True",
		}
		if i > 1 { // no address anywhere: nothing that the account could know them by
			user["userName"] = strings.ToLower(last)
		}
		ids = append(ids, map[string]any{"value": must(t, 201, "POST", d.tenantURL+"/Users", d.token, user)["id"]})
	}
	must(t, 201, "POST", d.tenantURL+"/Groups", d.token, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": "Research", "members": ids,
	})
	eventually(t, 20*time.Second, "two are parked", func() bool {
		parked := must(t, 200, "GET", api+"/demo/deliveries?state=parked", key, nil)["items"].([]any)
		return len(parked) == 2
	})
	draft(t, api+"/demo/rules/draft", key, rules)
}

// TestConsoleIsLive leaves a page open while the identity provider works: what it
// shows follows by itself, within 2 s.
func TestConsoleIsLive(t *testing.T) {
	p := start(t, append([]string{"demo"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	d := tenancyOf(t, p)
	b.signIn(p.text(t, "adminKey"))
	b.open("/accounts/demo/users")
	user := map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": "ana.lima@contoso.example", "displayName": "Ana Lima",
	}
	begin := time.Now()
	id := must(t, 201, "POST", d.tenantURL+"/Users", d.token, user)["id"].(string)
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#live-rows").innerText.includes("ana.lima")`))
	t.Logf("the list knew her after %v", time.Since(begin))
	b.open("/accounts/demo/users/" + id)
	user["title"] = "Architect"
	begin = time.Now()
	must(t, 200, "PUT", d.tenantURL+"/Users/"+id, d.token, user)
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#live-attributes").innerText.includes("Architect") && document.querySelector("#live-delivery").innerText.includes("version 2, the newest") &&
		["Identity provider: PUT", "answered 200", "Update at appspace"].every(word => document.querySelector("#live-story").innerText.includes(word))`))
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("her page knew after %v", took)
	}
}

// draft keeps a draft, which the API takes as JSON by that name.
func draft(t *testing.T, url, key string, rules any) {
	t.Helper()
	text, err := json.Marshal(rules)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), "PUT", url, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusNoContent {
		t.Fatalf("draft: %d", res.StatusCode)
	}
}
