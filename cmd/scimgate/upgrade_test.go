package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the file is made as its build left it
)

// earlier makes the folder of a process of an earlier build: its file, its keys. It
// returns the flags that name them and the token that the build minted.
func earlier(t *testing.T, dump string) (dir string, flags []string, token string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", dump))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "scimgate.db"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(text)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	sealing, admin := filepath.Join(dir, "k"), filepath.Join(dir, "a")
	write(t, sealing, "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	write(t, admin, operatorKey)
	return dir, []string{"--data", dir, "--key-file", sealing, "--admin-key-file", admin}, string(regexp.MustCompile(`sg_\w+`).Find(text))
}

// TestAFileOfAnEarlierBuildGoesOn opens what builds from before left: everything is
// there, its token opens, changes are taken, and what it owed is delivered. Twice,
// because an upgrade happens once.
func TestAFileOfAnEarlierBuildGoesOn(t *testing.T) {
	dir, flags, token := earlier(t, "store-0ff9159.sql")
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	flags = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback", "--outbound.late", "1s"}, flags...)
	for round := range 2 {
		p := start(t, flags...)
		users := p.text(t, "publicURL") + "/t/acme/identity/scim/Users"
		tenant := p.text(t, "adminURL") + "/api/v1/tenants/acme"
		if round == 0 {
			// What the build sealed by the key file alone opens, also after it has become
			// the tenant's data key that seals it.
			for _, want := range []string{"dataKeys:1 resealed:1", "dataKeys:0 resealed:0"} {
				got := must(t, 200, "POST", tenant+"/connections/appspace/test", operatorKey, nil)
				if got["reason"] != "the target cannot be reached" {
					t.Errorf("the connection from before: %v", got)
				}
				did := must(t, 200, "POST", p.text(t, "adminURL")+"/api/v1/rekey", operatorKey, map[string]any{})
				if said := fmt.Sprintf("dataKeys:%v resealed:%v", did["dataKeys"], did["resealed"]); said != want {
					t.Errorf("rekey did %s, want %s", said, want)
				}
			}
			// The account that it spoke to is gone with its build; so is where its
			// settings said that groups are sent.
			must(t, 200, "PUT", tenant+"/connections/appspace", operatorKey, map[string]any{
				"kind": "appspace", "groups": true,
				"settings": map[string]any{"baseURL": account.text(t, "sandboxURL"), "token": account.text(t, "sandboxToken")},
			})
			must(t, 201, "POST", users, token, newUser("dan@example.com"))
		}
		list := must(t, 200, "GET", users+"?sortBy=userName", token, nil)
		if names := namesOf(list); names != "ana@example.com bob@example.com dan@example.com " {
			t.Errorf("round %d: %s", round, names)
		}
		bob := must(t, 200, "GET", users+`?filter=userName+eq+"bob@example.com"`, token, nil)["Resources"].([]any)[0].(map[string]any)
		if groups, _ := bob["groups"].([]any); bob["displayName"] != "Bobby" || len(groups) != 1 {
			t.Errorf("round %d: bob is %v", round, bob)
		}
		eventually(t, 20*time.Second, "everything is delivered", func() bool {
			due := must(t, 200, "GET", tenant+"/deliveries?state=due", operatorKey, nil)
			parked := must(t, 200, "GET", tenant+"/deliveries?state=parked", operatorKey, nil)
			return len(due["items"].([]any))+len(parked["items"].([]any)) == 0
		})
		there := must(t, 200, "GET", account.text(t, "sandboxURL")+"/Users?filter=active+eq+true&sortBy=userName", account.text(t, "sandboxToken"), nil)
		if names := namesOf(there); names != "ana@example.com bob@example.com dan@example.com " {
			t.Errorf("round %d: the account holds %s", round, names)
		}
		if code := p.stop(t); code != 0 {
			t.Errorf("round %d: exit status %d\n%s", round, code, p.stderr)
		}
	}
	if got := versionOf(t, dir); got != 2 {
		t.Errorf("the file is of version %d", got)
	}
}

func namesOf(list map[string]any) (names string) {
	for _, r := range list["Resources"].([]any) {
		names += r.(map[string]any)["userName"].(string) + " "
	}
	return names
}

func versionOf(t *testing.T, dir string) (version int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "scimgate.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}
