package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestConsoleTakesAnAccountOver is the first day of an account that holds users
// already: in the console its administrator sees who conflicts and what is new, takes
// over whom they choose, and nobody else is touched.
func TestConsoleTakesAnAccountOver(t *testing.T) {
	p := start(t, append([]string{"demo", "--no-play"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	d := tenancyOf(t, p)
	for _, who := range []string{"ana", "bo", "dora"} { // made in Appspace by hand
		must(t, 201, "POST", d.sandboxURL+"/Users", d.sandboxToken, personOf(who, who+" of before"))
	}
	b.signIn(p.text(t, "adminKey"))
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/shadow"] button`)
	b.reads("Nothing is sent; what would be is worked out.")
	for _, who := range []string{"ana", "bo", "cy"} {
		must(t, 201, "POST", d.tenantURL+"/Users", d.token, personOf(who, who+" of Entra"))
	}
	b.open("/accounts/demo/drift")
	b.press(`form[action$="/drift"] button`)
	b.do(chromedp.Poll[chromedp.Void](`document.querySelector("#live-findings .tabs") !== null`))
	audit := strings.TrimPrefix(b.where(), b.base)
	b.open(audit + "?kind=conflict")
	b.reads("ana@contoso.example", "bo@contoso.example", "Never delivered yet", "See what is new")
	b.picture("takeover-conflicts")
	b.open(audit + "?kind=extra")
	b.reads("dora@contoso.example")
	b.open("/accounts/demo/connections/appspace/plan")
	b.reads("cy of Entra", "Create")
	b.picture("takeover-plan")
	b.open(audit + "?kind=conflict")
	b.do(chromedp.Click(chromedp.CSS(`input[aria-label*="ana"]`)))
	b.press(`form[action$="/adopt"] button`)
	b.reads("1 are taken over with their next delivery.")
	b.picture("takeover-chosen")
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/shadow"] button`)
	b.reads("The shadow has ended.")
	called := func(who string) string {
		found := lookUp(t, d.sandboxURL, d.sandboxToken, who+"@contoso.example")
		if found == nil {
			return ""
		}
		name, _ := found["displayName"].(string)
		return name
	}
	eventually(t, 20*time.Second, "ana is taken over, and cy is new", func() bool {
		return called("ana") == "ana of Entra" && called("cy") == "cy of Entra"
	})
	if bo, dora := called("bo"), called("dora"); bo != "bo of before" || dora != "dora of before" {
		t.Errorf("nobody chose them: %q, %q", bo, dora)
	}
	b.open("/accounts/demo/deliveries?state=parked")
	b.reads("bo of Entra", "The account has such a user already")
	b.open("/accounts/demo/changes")
	b.reads("taken over: 1, not: 0", "connections.appspace.shadow")
	b.picture("changes")
}

func personOf(who, name string) map[string]any {
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": who + "@contoso.example", "displayName": name, "active": true,
	}
}

// TestConsoleMakesKeys makes an API key as an administrator would, uses it, and ends
// it; what was done with it is told beside what was done here.
func TestConsoleMakesKeys(t *testing.T) {
	p := start(t, append([]string{"demo"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	api := strings.TrimSuffix(b.base, "/console") + "/api/v1/tenants/demo"
	b.signIn(p.text(t, "adminKey"))
	b.open("/accounts/demo/keys")
	b.picture("keys-empty")
	b.fill("#name", "Nightly export")
	b.press(`form[action$="/keys"] button`)
	b.picture("keys-new")
	key := b.copied("api-key")
	must(t, 200, "GET", api, key, nil)
	must(t, 200, "PATCH", api, key, map[string]any{"displayName": "Demo of keys"})
	must(t, 403, "POST", api+"/invites", key, map[string]any{})
	b.open("/accounts/demo/changes?" + url.Values{"actor": {"Nightly export"}}.Encode())
	b.reads("Nightly export", "displayName", "Demo of keys", "by API key")
	b.picture("changes-by-key")
	b.open("/keys")
	b.reads("Nightly export", "demo")
	b.picture("keys-all")
	b.open("/changes")
	b.picture("changes-all")
	b.open("/accounts/demo/keys")
	b.press(`form[action$="/revoke"] button`)
	b.reads("The API key is revoked.")
	must(t, http.StatusUnauthorized, "GET", api, key, nil)
}

// TestConsoleDrills plays the drill from the console over the real gateway: all of it
// passes, and the account hears of nobody.
func TestConsoleDrills(t *testing.T) {
	p := start(t, append([]string{"demo", "--no-play"}, anyPorts...)...)
	b := openBrowser(t, p.text(t, "consoleURL"))
	d := tenancyOf(t, p)
	b.signIn(p.text(t, "adminKey"))
	b.open("/accounts/demo/connection")
	b.press(`form[action$="/probe"] button`)
	b.reads("The account was asked what it can do.", "As found out on")
	b.picture("connection-probed")
	b.write(`input[id^="next-"]`, "not-known-yet")
	b.press(`form[action$="/next"] button`)
	b.reads("The account does not accept the new token yet.", "A new token waits.")
	b.picture("connection-waits")
	b.open("/accounts/demo/settings")
	b.press("#drill")
	b.reads("rows pass", "requests in")
	b.picture("settings-drilled")
	if faults := ask[string](b, `[...document.querySelectorAll(".faults li")].map(li => li.innerText).join("\n")`); faults != "" {
		t.Errorf("the gateway fails its own drill:\n%s", faults)
	}
	api := strings.TrimSuffix(b.base, "/console") + "/api/v1/tenants/demo"
	changes, attempts := 0, 0
	for _, one := range must(t, 200, "GET", api+"/journal?limit=500", p.text(t, "adminKey"), nil)["items"].([]any) {
		if one.(map[string]any)["attempt"] != nil {
			attempts++
		} else {
			changes++
		}
	}
	if changes < 100 || attempts != 0 {
		t.Errorf("%d changes, %d attempts to deliver them", changes, attempts)
	}
	if users := must(t, 200, "GET", d.sandboxURL+"/Users", d.sandboxToken, nil)["totalResults"]; users != 0.0 {
		t.Errorf("the account has %v users", users)
	}
}
