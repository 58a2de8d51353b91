package main

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// tenancyOf reads the demo's one line as a program would.
type tenancy struct{ tenantURL, token, sandboxURL, sandboxToken string }

func tenancyOf(t *testing.T, p *process) tenancy {
	t.Helper()
	tenants, ok := p.line["tenants"].([]any)
	if !ok || len(tenants) != 1 {
		t.Fatalf("no tenant in %v", p.line)
	}
	of := func(name string) string {
		s, _ := tenants[0].(map[string]any)[name].(string)
		if s == "" {
			t.Fatalf("no %s in %v", name, p.line)
		}
		return s
	}
	if of("id") != "demo" {
		t.Errorf("the tenant is called %s", of("id"))
	}
	return tenancy{of("tenantURL"), of("token"), of("sandboxURL"), of("sandboxToken")}
}

var anyPorts = []string{"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}

// TestDemoPlaysEntra runs the demo as it comes: what Entra sent is in the
// account, and nothing else is.
func TestDemoPlaysEntra(t *testing.T) {
	p := start(t, append([]string{"demo"}, anyPorts...)...)
	d := tenancyOf(t, p)
	want := []string{"ada.keller@contoso.example Ada Lindqvist Head of Research true", "ben.osei@contoso.example Ben Osei Receptionist false"}
	eventually(t, 30*time.Second, "the account holds what Entra sent", func() bool {
		return slices.Equal(cast(t, d.sandboxURL, d.sandboxToken), want)
	})
	if got := cast(t, d.tenantURL, d.token); !slices.Equal(got, want) {
		t.Errorf("the gateway holds %v", got)
	}
	must(t, 200, "GET", strings.TrimSuffix(p.text(t, "consoleURL"), "/console")+"/api/v1/tenants/demo", p.text(t, "adminKey"), nil)
	if status := p.stop(t); status != 0 {
		t.Errorf("exit status %d after SIGTERM\n%s", status, p.stderr)
	}
}

func cast(t *testing.T, base, token string) []string {
	t.Helper()
	page := must(t, http.StatusOK, "GET", base+"/Users", token, nil)
	var users []string
	resources, _ := page["Resources"].([]any)
	for _, r := range resources {
		u := r.(map[string]any)
		active := "false"
		if u["active"] == true {
			active = "true"
		}
		users = append(users, strings.Join([]string{u["userName"].(string), u["displayName"].(string), u["title"].(string), active}, " "))
	}
	slices.Sort(users)
	return users
}

// TestDemoDeliversAtOnce sends changes to a quiet demo: each is in the account
// within 2 s of its answer.
func TestDemoDeliversAtOnce(t *testing.T) {
	d := tenancyOf(t, start(t, append([]string{"demo", "--no-play"}, anyPorts...)...))
	name := userName(1)
	user := map[string]any{"userName": name, "displayName": "1", "active": true, "emails": []any{map[string]any{"type": "work", "value": name}}}
	id := must(t, 201, "POST", d.tenantURL+"/Users", d.token, user)["id"].(string)
	inAccount := func(what string, ok func(u map[string]any) bool) {
		t.Helper()
		eventually(t, 2*time.Second, what, func() bool { return ok(lookUp(t, d.sandboxURL, d.sandboxToken, name)) })
	}
	inAccount("created", func(u map[string]any) bool { return u != nil })
	must(t, 200, "PATCH", d.tenantURL+"/Users/"+id, d.token, patch("displayName", "2"))
	inAccount("changed", func(u map[string]any) bool { return count(u) == 2 })
	must(t, 200, "PATCH", d.tenantURL+"/Users/"+id, d.token, patch("active", "False"))
	inAccount("disabled", func(u map[string]any) bool { return u["active"] == false })
	must(t, 204, "DELETE", d.tenantURL+"/Users/"+id, d.token, nil)
	inAccount("deleted", func(u map[string]any) bool { return u == nil })
}

// patch replaces one attribute in Entra's old dialect.
func patch(path, value string) map[string]any {
	return map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "Replace", "path": path, "value": value}},
	}
}

// TestDemoKeepsItsData restarts a demo with --data: ids, users and earlier tokens
// stay, the account too, on whatever port it has then.
func TestDemoKeepsItsData(t *testing.T) {
	args := append([]string{"demo", "--data", t.TempDir()}, anyPorts...)
	p := start(t, args...)
	before := tenancyOf(t, p)
	eventually(t, 30*time.Second, "Entra has been played", func() bool {
		return len(cast(t, before.sandboxURL, before.sandboxToken)) == 2 && len(cast(t, before.tenantURL, before.token)) == 2
	})
	ada := lookUp(t, before.tenantURL, before.token, "ada.keller@contoso.example")
	p.kill()

	after := tenancyOf(t, start(t, append(args, "--no-play")...))
	if after.token == before.token {
		t.Error("the start minted no fresh token")
	}
	for _, token := range []string{before.token, after.token} {
		if again := lookUp(t, after.tenantURL, token, "ada.keller@contoso.example"); again == nil || again["id"] != ada["id"] {
			t.Errorf("Ada was %v and is %v", ada["id"], again["id"])
		}
	}
	must(t, 200, "PATCH", after.tenantURL+"/Users/"+ada["id"].(string), after.token, patch("displayName", "7"))
	eventually(t, 5*time.Second, "the change is in the account", func() bool {
		return count(lookUp(t, after.sandboxURL, after.sandboxToken, "ada.keller@contoso.example")) == 7
	})
}
