package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// shell runs commands against one gateway, as an operator on its machine. The
// commands run in the test's own process: starting one takes longer than all
// they do.
type shell struct {
	*testing.T
	environ map[string]string
}

// run returns what a command printed and its exit status.
func (s shell) run(args ...string) (out, complaint string, status int) {
	s.Helper()
	for name, value := range s.environ {
		s.Setenv(name, value)
	}
	var stdout, stderr strings.Builder
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(&stdout)
	root.SetErr(&stderr)
	if err := root.ExecuteContext(s.Context()); err != nil {
		status = report(&stderr, err)
	}
	return stdout.String(), stderr.String(), status
}

// ok requires success and these words in what was printed.
func (s shell) ok(args []string, words ...string) string {
	s.Helper()
	out, complaint, status := s.run(args...)
	if status != 0 {
		s.Fatalf("%v: exit status %d\n%s", args, status, complaint)
	}
	for _, w := range words {
		if !strings.Contains(out, w) {
			s.Errorf("%v: no %q in\n%s", args, w, out)
		}
	}
	return out
}

// fails requires exit status 1 and a complaint with these words.
func (s shell) fails(args []string, words ...string) {
	s.Helper()
	out, complaint, status := s.run(args...)
	if status != 1 {
		s.Errorf("%v: exit status %d\n%s%s", args, status, out, complaint)
	}
	for _, w := range words {
		if !strings.Contains(out+complaint, w) {
			s.Errorf("%v: no %q in\n%s%s", args, w, out, complaint)
		}
	}
}

func words(line string) []string { return strings.Fields(line) }

// TestOperatorsShell is the README's way to a tenant, to the last command: a user
// that "Entra" provisions with the printed URL and token is in the account.
func TestOperatorsShell(t *testing.T) {
	dir := t.TempDir()
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	tokenFile := filepath.Join(dir, "account.token")
	write(t, tokenFile, account.text(t, "sandboxToken")+"\n")
	s := shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}}

	s.ok([]string{"tenant", "create", "acme", "--name", "Acme Inc."}, "acme", "Acme Inc.", "/t/acme/identity/scim")
	s.fails(words("tenant create acme"), "exists already (409)")
	s.ok([]string{"connection", "set", "acme", "appspace", "--url", account.text(t, "sandboxURL"), "--token-file", tokenFile}, "is set")
	s.ok(words("connection test acme appspace"), "takes the credential")
	s.ok(words("connection pace acme appspace 2.5 --burst 10"), "2.5 resources per second", "10 at once")
	s.ok(words("connection list acme"), "2.5/s, 10 at once")
	s.ok(words("connection pace acme appspace off"), "as fast as it answers")
	s.fails(words("connection pace acme appspace -- -1"), "RATE")
	minted := s.ok(words("token create acme"), "Tenant URL", "Secret Token", "cannot be shown again")
	url, token := field(t, minted, "Tenant URL"), field(t, minted, "Secret Token")
	s.ok([]string{"entra", "probe", "--url", url, "--token", token})
	s.ok([]string{"entra", "ondemand", "--url", url, "--token", token, "--user-name", userName(1), "--display-name", "One"})
	eventually(t, 5e9, "the user is in the account", func() bool {
		return lookUp(t, account.text(t, "sandboxURL"), account.text(t, "sandboxToken"), userName(1)) != nil
	})
}

// field is what a printed table says under a name.
func field(t *testing.T, table, name string) string {
	t.Helper()
	for line := range strings.Lines(table) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no %s in\n%s", name, table)
	return ""
}

// TestOperatorsCommands takes each command through what it does and what it
// complains of.
func TestOperatorsCommands(t *testing.T) {
	dir := t.TempDir()
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	s := shell{t, map[string]string{
		"SCIMGATE_ADMIN_URL":     gateway.text(t, "adminURL"),
		"SCIMGATE_ADMIN_KEY":     "",
		"SCIMGATE_ACCOUNT_TOKEN": account.text(t, "sandboxToken"),
	}}
	s.fails(words("tenant list"), "operator key", "401")
	s.ok(append(words("tenant list --admin-key-file"), filepath.Join(dir, "admin.key")), "TENANT")
	s.environ["SCIMGATE_ADMIN_KEY"] = operatorKey
	s.fails(words("tenant list --admin-url http://127.0.0.1:1"), "--admin-url")

	s.fails(words("tenant create Acme"), "body.id")
	s.ok(words("tenant create acme --rate 50 --burst 90 --on-delete delete"), "50 requests/s, 90 at once", "delete")
	s.fails(words("tenant set acme --rate 5"), "burst")
	s.ok(words("tenant set acme --paused --name A"), "50 requests/s", "true", "A")
	s.ok(words("tenant set acme --paused=false"), "50 requests/s")
	s.ok(words("tenant set acme --read-limit 30/60 --token-limit 0.5/5"), "Limit of reading", "30 requests/s, 60 at once", "Limit of access tokens", "0.5 requests/s")
	s.ok(words("tenant set acme --read-limit default --token-limit default --write-limit 40/80"), "Limit of changes", "40 requests/s")
	if out := s.ok(words("tenant set acme --write-limit default")); strings.Contains(out, "Limit of") {
		s.Errorf("limits that were taken back: %s", out)
	}
	s.fails(words("tenant set acme --read-limit 30"), "50/200")
	s.fails(words("tenant set acme --read-limit 0/1"), "50/200")
	s.ok(words("tenant list"), "acme", "on")

	s.fails(words("connection set acme appspace"), "--url")
	s.fails(words("connection set acme appspace --url ftp://cloud.appspace.com/"), "422", "baseURL")
	s.ok(words("connection set acme metadata --url http://169.254.169.254/"))
	s.fails(words("connection test acme metadata"), "cannot be used")
	s.ok(words("connection delete acme metadata"))
	s.ok(append(words("connection set acme appspace --url"), account.text(t, "sandboxURL")))
	s.ok(words("connection pause acme appspace"), "paused")
	s.ok(words("connection list acme"), "appspace", "paused")
	s.ok(words("connection resume acme appspace"), "on")
	s.ok(append(words("connection set acme appspace --token nope --url"), account.text(t, "sandboxURL")))
	s.fails(words("connection test acme appspace"), "cannot be used")

	s.ok(words("attributes add acme costCenter --type Integer --required"), "costCenter", "Integer", "true")
	s.fails(words("attributes add acme COSTCENTER"), "exists already")
	s.ok(words("attributes list acme"), "costCenter")
	s.ok(words("attributes remove acme costCenter"), "undefined")

	rules := filepath.Join(dir, "rules.json")
	write(t, rules, `{"rules":[{"target":"nope","type":"Constant","value":"x"}]}`)
	s.fails([]string{"rules", "draft", "acme", rules}, "rules[0]", "nope")
	write(t, rules, `{"rules":[`)
	s.fails([]string{"rules", "draft", "acme", rules}, "is not JSON")
	s.fails(words("rules publish acme"), "no draft")
	write(t, rules, `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`)
	s.ok([]string{"rules", "draft", "acme", rules}, "in order")
	s.ok(words("rules show acme --draft"), "Staff")
	s.ok(words("rules publish acme --author Kim"), "in force")
	s.ok(words("rules show acme"), "Staff")
	s.ok(words("rules versions acme"), "Kim")
	s.rulesCommands(dir)

	s.fails(words("replay acme"), "--all")
	s.fails(words("replay acme --since yesterday"), "--since")
	s.fails([]string{"replay", "acme", "--filter", "title eq"}, "filter", "422")
	s.ok(words("replay acme --all"), "0 users and groups are due again")
	s.ok(words("replay acme --state parked --since 2h --json"), `{"resources":0}`)

	var minted struct{ KeyID, Token string }
	if err := json.Unmarshal([]byte(s.ok(words("token create acme --label Entra --json"))), &minted); err != nil || minted.Token == "" {
		t.Fatalf("minted %+v, %v", minted, err)
	}
	s.ok(words("token list acme"), minted.KeyID, "Entra", "never")
	s.ok([]string{"token", "revoke", "acme", minted.KeyID}, "revoked")
	s.fails([]string{"token", "revoke", "acme", minted.KeyID}, "404")

	var made struct{ ID, Key string }
	if err := json.Unmarshal([]byte(s.ok(words("key new nightly --tenant acme --json"))), &made); err != nil || made.Key == "" {
		t.Fatalf("made %+v, %v", made, err)
	}
	s.environ["SCIMGATE_ADMIN_KEY"] = made.Key
	s.ok(words("tenant show acme"), "acme")
	s.fails(words("tenant delete acme --yes"), "403")
	s.fails(words("tenant show globex"), "404")
	s.environ["SCIMGATE_ADMIN_KEY"] = operatorKey
	s.ok(words("key list"), made.ID, "nightly", "acme")
	s.ok([]string{"key", "revoke", made.ID}, "revoked")
	s.fails(append(words("key revoke --tenant acme"), made.ID), "404")
	s.ok(words("changes --tenant acme --actor cli --since 1h"), "cli", "done", "keys."+made.ID)
	s.fails(words("changes --since yesterday"), "--since")

	s.ok(words("connection delete acme appspace"), "gone")
	s.fails(words("tenant delete acme"), "--yes")
	s.ok(words("tenant delete acme --yes"), "gone")
	s.fails(words("tenant show acme"), "404")
}
