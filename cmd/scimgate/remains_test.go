package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// TestNothingRemainsOfADeletedTenant fills a tenant with all that there may be and
// deletes it: a search of the whole store finds everything before, and nothing
// after. Its neighbour stays.
func TestNothingRemainsOfADeletedTenant(t *testing.T) {
	for _, kind := range []string{"sqlite", "mongo", "redis"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			flags := keys(t, dir)
			store := []string{"--data", dir}
			switch kind {
			case "mongo":
				store = []string{"--mongodb-uri", database(t)}
			case "redis":
				setting(t, "SCIMGATE_TEST_REDIS_URL")
				store = append(store, "--redis-url", os.Getenv("SCIMGATE_TEST_REDIS_URL"), flags[0], flags[1])
			}
			account := start(t, "sandbox", "--listen", "127.0.0.1:0")
			flags = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback"}, flags...)
			p := start(t, append(flags, store...)...)
			for _, id := range []string{"acme", "acme-2"} {
				inhabit(t, p, account, id)
			}
			if left, shared := remains(t, store, "acme"); left < 10 || kind == "redis" && shared < 3 { // changed, deleted, sent
				t.Errorf("the search finds only %d before, %d in Redis", left, shared)
			}
			must(t, 204, "DELETE", p.text(t, "adminURL")+"/api/v1/tenants/acme", operatorKey, nil)
			p.stop(t)
			if left, _ := remains(t, store, "acme"); left != 0 {
				t.Errorf("%d are left", left)
			}
			if left, _ := remains(t, store, "acme-2"); left < 10 {
				t.Errorf("of the neighbour %d are left", left)
			}
		})
	}
}

// inhabit makes a tenant with a connection, rules, a token, an invitation, users
// (one deleted), a group, and what was tolerated and delivered of them.
func inhabit(t *testing.T, p, account *process, id string) {
	t.Helper()
	admin := p.text(t, "adminURL") + "/api/v1/tenants"
	must(t, 201, "POST", admin, operatorKey, map[string]any{"id": id})
	must(t, 200, "PUT", admin+"/"+id+"/connections/appspace", operatorKey, map[string]any{
		"kind": "appspace", "groups": true, "pace": map[string]any{"rate": 1000, "burst": 1000},
		"settings": map[string]any{"baseURL": account.text(t, "sandboxURL"), "token": account.text(t, "sandboxToken")},
	})
	must(t, 201, "POST", admin+"/"+id+"/attributes", operatorKey, map[string]any{"property": "costCenter", "displayName": "x", "type": "Integer"})
	must(t, 201, "POST", admin+"/"+id+"/invites", operatorKey, map[string]any{})
	token := must(t, 201, "POST", admin+"/"+id+"/tokens", operatorKey, map[string]any{})["token"].(string)
	scim := p.text(t, "publicURL") + "/t/" + id + "/identity/scim"
	user := newUser(id + ".ana@example.com")
	user["active"] = "True" // a leniency, for the ledger
	ana := must(t, 201, "POST", scim+"/Users", token, user)["id"].(string)
	bob := must(t, 201, "POST", scim+"/Users", token, newUser(id+".bob@example.com"))["id"].(string)
	must(t, 201, "POST", scim+"/Groups", token, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Group"}, "displayName": "Staff of " + id,
		"members": []any{map[string]any{"value": ana}, map[string]any{"value": bob}},
	})
	delivered(t, admin+"/"+id)
	must(t, 204, "DELETE", scim+"/Users/"+bob, token, nil)
	delivered(t, admin+"/"+id)
}

// remains runs the command, whose exit status says the same as its answer. shared is
// what of it is in Redis.
func remains(t *testing.T, store []string, id string) (left, shared int) {
	t.Helper()
	cmd := program(t, append([]string{"remains", id, "--json"}, store...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var found struct {
		Left     int
		Searched []struct {
			In    string
			Count int
		}
	}
	if broken := json.Unmarshal(out, &found); broken != nil || len(found.Searched) < 9 || (err == nil) != (found.Left == 0) {
		t.Fatalf("%v, %v: %s", err, broken, out)
	}
	t.Logf("%s: %v", id, found.Searched)
	for _, one := range found.Searched {
		if strings.HasPrefix(one.In, "redis") {
			shared += one.Count
		}
	}
	return found.Left, shared
}
