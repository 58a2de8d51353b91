package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// held is what the mass-change guard holds of acme.
func (s second) held() (names []string) {
	s.Helper()
	var all struct {
		Items []struct{ ID, UserName, Connection string }
	}
	if err := json.Unmarshal([]byte(s.ok(words("deliveries list acme --state held --json"))), &all); err != nil {
		s.Fatal(err)
	}
	for _, item := range all.Items {
		if item.ID == "" || item.Connection != "appspace" {
			s.Errorf("held: %+v", item)
		}
		names = append(names, item.UserName)
	}
	return names
}

// enabled is how many of the first n users are active at the account.
func (s second) enabled(n int) (enabled int) {
	s.Helper()
	for i := range n {
		user := lookUp(s.T, s.account.text(s.T, "sandboxURL"), s.account.text(s.T, "sandboxToken"), userName(i))
		if user != nil && user["active"] != false {
			enabled++
		}
	}
	return enabled
}

// TestMassChange has "Entra" disable and delete more users than the tenant's
// threshold allows: the operator sees who is held, lets some go and keeps others.
func TestMassChange(t *testing.T) {
	const users = 8
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	s := second{
		account: account, token: enroll(t, gateway, account), base: tenantURL(t, gateway),
		shell: shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}},
	}
	s.fails(words("tenant set acme --guard-percent 101"), "percent")
	s.ok(words("tenant set acme --guard-least 3 --guard-percent 1"), "3 users or 1 % of them within an hour")
	var ids []string
	for i := range users {
		ids = append(ids, s.user(i))
	}
	eventually(t, 10*time.Second, "all are enabled", func() bool { return s.enabled(users) == users })
	for i, id := range ids[:6] {
		if i%2 == 0 {
			s.enable(id, "False")
		} else {
			must(t, 204, "DELETE", s.base+"/Users/"+id, s.token, nil)
		}
	}
	eventually(t, 10*time.Second, "three are held", func() bool { return len(s.held()) == 3 && s.enabled(users) == users-3 })
	for _, name := range s.held() {
		if !strings.HasPrefix(name, "user000") {
			t.Errorf("held is %q", name)
		}
	}
	s.ok(words("deliveries list acme --state held"), "user000", "threshold", "held")
	s.fails(words("deliveries release acme"), "--all")
	s.fails(words("deliveries release acme --all --connection nope"), "404")

	var first struct{ Items []struct{ ID string } }
	if err := json.Unmarshal([]byte(s.ok(words("deliveries list acme --state held --json"))), &first); err != nil {
		t.Fatal(err)
	}
	s.ok(words("deliveries release acme --id "+first.Items[0].ID), "1 may leave now")
	eventually(t, 10*time.Second, "it has left", func() bool { return s.enabled(users) == users-4 })
	s.ok(words("deliveries discard acme --all"), "2 stay")
	if n := s.enabled(users); len(s.held()) != 0 || n != users-4 {
		t.Errorf("%d are enabled, held: %v", n, s.held())
	}
	s.ok(words("tenant set acme --guard-off"), "off")
	s.enable(ids[6], "False")
	eventually(t, 10*time.Second, "it leaves unasked", func() bool { return s.enabled(users) == users-5 })
	gateway.stop(t)
	if log := gateway.stderr.String(); strings.Contains(log, "user000") || !strings.Contains(log, "mass-change") {
		t.Errorf("the log should tell of the guard and name nobody:\n%s", log)
	}
}
