package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMovingHouse moves a tenant from the embedded store to MongoDB, between two
// processes: Entra's token and ids go on as before, and the account keeps the users
// that it has.
func TestMovingHouse(t *testing.T) {
	dir, uri := t.TempDir(), database(t)
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	secrets := keys(t, dir)
	serve := append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback", "--outbound.late", "1s"}, secrets...)

	before := start(t, append(serve, "--data", dir)...)
	tenant := before.text(t, "adminURL") + "/api/v1/tenants/acme"
	must(t, 201, "POST", before.text(t, "adminURL")+"/api/v1/tenants", operatorKey, map[string]any{"id": "acme"})
	must(t, 200, "PUT", tenant+"/connections/appspace", operatorKey, map[string]any{
		"kind": "appspace", "groups": true,
		"settings": map[string]any{"baseURL": account.text(t, "sandboxURL"), "token": account.text(t, "sandboxToken")},
	})
	token := must(t, 201, "POST", tenant+"/tokens", operatorKey, map[string]any{})["token"].(string)
	scim := before.text(t, "publicURL") + "/t/acme/identity/scim"
	ana := must(t, 201, "POST", scim+"/Users", token, newUser("ana@example.com"))["id"].(string)
	must(t, 201, "POST", scim+"/Groups", token, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": "Staff", "members": []any{map[string]any{"value": ana}},
	})
	delivered(t, tenant)
	there := accountIDs(t, account)
	before.stop(t)

	file := filepath.Join(dir, "acme.ndjson")
	for _, args := range [][]string{{"export", "acme", "--data", dir, "--out", file, "--secrets"}, {"import", file, "--mongodb-uri", uri, secrets[0], secrets[1]}} {
		if args[0] == "import" {
			if out, err := program(t, args[:4]...).CombinedOutput(); err == nil || !strings.Contains(string(out), "nothing was imported") {
				t.Errorf("without the key: %v: %s", err, out)
			}
		}
		if out, err := program(t, args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	after := start(t, append(serve, "--mongodb-uri", uri)...)
	scim, tenant = after.text(t, "publicURL")+"/t/acme/identity/scim", after.text(t, "adminURL")+"/api/v1/tenants/acme"
	must(t, 200, "PATCH", scim+"/Users/"+ana, token, map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "replace", "path": "displayName", "value": "Ana B."}},
	})
	must(t, 201, "POST", scim+"/Users", token, newUser("bob@example.com"))
	delivered(t, tenant)
	now := accountIDs(t, account)
	if len(now) != 3 || now["ana@example.com"] != there["ana@example.com"] || now["Staff"] != there["Staff"] {
		t.Errorf("the account held %v and holds %v", there, now)
	}
	held := must(t, 200, "GET", account.text(t, "sandboxURL")+"/Users/"+now["ana@example.com"], account.text(t, "sandboxToken"), nil)
	if held["displayName"] != "Ana B." {
		t.Errorf("the account holds %v", held)
	}
}

// delivered waits until nothing is owed, and nothing is parked.
func delivered(t *testing.T, tenant string) {
	t.Helper()
	eventually(t, 30*time.Second, "everything is delivered", func() bool {
		due := must(t, 200, "GET", tenant+"/deliveries?state=due", operatorKey, nil)
		return len(due["items"].([]any)) == 0
	})
	if parked := must(t, 200, "GET", tenant+"/deliveries?state=parked", operatorKey, nil)["items"].([]any); len(parked) > 0 {
		t.Errorf("parked: %v", parked)
	}
}

// accountIDs are the account's ids of its users and groups, by name.
func accountIDs(t *testing.T, account *process) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for kind, name := range map[string]string{"Users": "userName", "Groups": "displayName"} {
		for _, r := range must(t, 200, "GET", account.text(t, "sandboxURL")+"/"+kind, account.text(t, "sandboxToken"), nil)["Resources"].([]any) {
			one := r.(map[string]any)
			ids[one[name].(string)] = one["id"].(string)
		}
	}
	return ids
}
