package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The restore drill of README.md: a backup is made under load, the gateway and its
// folder are lost, and a new one goes on from the copy. Whom the account has and the
// copy does not know is adopted when the identity provider sends everybody again; then
// nothing differs.
func TestRestoreDrill(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secrets := keys(t, dir)
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	serve := append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback", "--outbound.late", "1s"}, secrets...)
	lost := start(t, append(serve, "--data", filepath.Join(dir, "lost"))...)
	token := enroll(t, lost, account)
	must(t, 200, "PATCH", lost.text(t, "adminURL")+"/api/v1/tenants/acme", operatorKey, map[string]any{"settings": map[string]any{"limit": map[string]any{"rate": 10000, "burst": 10000}}})
	for i := range 50 {
		must(t, 201, "POST", tenantURL(t, lost)+"/Users", token, newUser(userName(i)))
	}
	stop, ended := make(chan struct{}), make(chan int)
	go func() { // meanwhile more come
		n := 50
		defer func() { ended <- n }()
		for ; ; n++ {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				must(t, 201, "POST", tenantURL(t, lost)+"/Users", token, newUser(userName(n)))
			}
		}
	}()
	copied := filepath.Join(dir, "copy")
	out, err := program(t, "backup", copied, "--data", filepath.Join(dir, "lost")).CombinedOutput()
	close(stop)
	all := <-ended
	if err != nil || !strings.Contains(string(out), "holds 1 tenants") {
		t.Fatalf("%v: %s", err, out)
	}
	left := fmt.Sprint(must(t, 200, "GET", tenantURL(t, lost)+"/Users?filter=userName+eq+%22"+userName(0)+"%22", token, nil)["Resources"].([]any)[0].(map[string]any)["id"])
	must(t, 204, "DELETE", tenantURL(t, lost)+"/Users/"+left, token, nil) // and one leaves
	delivered(t, lost.text(t, "adminURL")+"/api/v1/tenants/acme")
	lost.kill()

	restored := filepath.Join(dir, "restored")
	if err := os.Mkdir(restored, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(copied, filepath.Join(restored, "scimgate.db")); err != nil {
		t.Fatal(err)
	}
	p := start(t, append(serve, "--data", restored)...)
	operated(t, p, "connection", "adopt", "acme", "appspace", "userName") // the account has users that the copy does not know
	copies := 0
	for i := 1; i < all; i++ { // Entra's "Restart provisioning": whoever is not found is made
		found := must(t, 200, "GET", tenantURL(t, p)+"/Users?filter=userName+eq+%22"+userName(i)+"%22", token, nil)
		if found["totalResults"].(float64) == 0 {
			must(t, 201, "POST", tenantURL(t, p)+"/Users", token, newUser(userName(i)))
		} else if i < 50 {
			copies++
		}
	}
	if copies != 49 {
		t.Errorf("of 49 users %d were in the copy", copies)
	}
	delivered(t, p.text(t, "adminURL")+"/api/v1/tenants/acme")
	operated(t, p, "connection", "adopt", "acme", "appspace", "ask")
	audit := program(t, "audit", "acme", "--admin-url", p.text(t, "adminURL"))
	audit.Env = append(audit.Env, "SCIMGATE_ADMIN_KEY="+operatorKey)
	if said, err := audit.CombinedOutput(); err == nil || !strings.Contains(string(said), left) {
		t.Errorf("who has left since is not told of: %s", said)
	}
	must(t, 204, "DELETE", tenantURL(t, p)+"/Users/"+left, token, nil)
	delivered(t, p.text(t, "adminURL")+"/api/v1/tenants/acme")
	all--
	if said := operated(t, p, "audit", "acme"); !strings.Contains(said, fmt.Sprintf("%d the same", all)) {
		t.Errorf("of %d users: %s", all, said)
	}
}

// operated runs an operator's command, which must succeed.
func operated(t *testing.T, p *process, args ...string) string {
	t.Helper()
	cmd := program(t, append(args, "--admin-url", p.text(t, "adminURL"))...)
	cmd.Env = append(cmd.Env, "SCIMGATE_ADMIN_KEY="+operatorKey)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out)
}

// A backup that cannot be made leaves nothing, and overwrites nothing.
func TestBackupFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there, broken := filepath.Join(dir, "there"), filepath.Join(dir, "broken")
	write(t, there, "something else")
	if err := os.Mkdir(broken, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(broken, "scimgate.db"), strings.Repeat("no database ", 1000))
	for _, c := range []struct {
		name, out, want string
		args            []string
	}{
		{"no store", filepath.Join(dir, "a"), "no such file", []string{"--data", filepath.Join(dir, "nowhere")}},
		{"a file that is there", there, "file exists", []string{"--data", broken}},
		{"no database", filepath.Join(dir, "b"), "not a database", []string{"--data", broken}},
		{"MongoDB", filepath.Join(dir, "c"), "its own tools", []string{"--mongodb-uri", "mongodb://x/y"}},
		{"memory", filepath.Join(dir, "d"), "kept in memory", []string{"--data", ":memory:"}},
	} {
		out, err := program(t, append([]string{"backup", c.out}, c.args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v: %s", c.name, err, out)
		}
		if _, err := os.Stat(c.out); err == nil && c.out != there {
			t.Errorf("%s leaves a file", c.name)
		}
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "something else" {
		t.Errorf("what was there is %q, %v", text, err)
	}
}
