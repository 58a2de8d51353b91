package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/admin"
)

// house is a gateway with a tenant, its sandbox account, and a shell.
type house struct {
	second
	there, secret string // the account's own SCIM, for who acts behind our back
}

func newHouse(t *testing.T) house {
	t.Helper()
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	return house{
		second: second{
			account: account, token: enroll(t, gateway, account), base: tenantURL(t, gateway),
			shell: shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}},
		},
		there: account.text(t, "sandboxURL"), secret: account.text(t, "sandboxToken"),
	}
}

// employ has Entra create a user, and returns its id.
func (h house) employ(name string) string {
	h.Helper()
	return must(h.T, 201, "POST", h.base+"/Users", h.token, map[string]any{
		"userName": name, "externalId": "in-entra-" + name, "title": "Cook", "active": true,
	})["id"].(string)
}

// plant creates a user in the account by another hand.
func (h house) plant(name, externalID string, more map[string]any) {
	h.Helper()
	user := map[string]any{"userName": name, "externalId": externalID, "active": true}
	for k, v := range more {
		user[k] = v
	}
	must(h.T, 201, "POST", h.there+"/Users", h.secret, user)
}

func (h house) inAccount(name string) map[string]any { return lookUp(h.T, h.there, h.secret, name) }

// has waits until the account has a user with a title.
func (h house) has(name, title string) {
	h.Helper()
	eventually(h.T, 20*time.Second, name+" is there as "+title, func() bool {
		user := h.inAccount(name)
		return user != nil && user["title"] == title
	})
}

// audit runs one with --json and returns its findings as "kind userName-or-id".
func (h house) audit(status int, flags ...string) (admin.AuditView, []string) {
	h.Helper()
	out, complaint, got := h.run(append([]string{"audit", "acme", "--json"}, flags...)...)
	var view admin.AuditView
	if err := json.Unmarshal([]byte(out), &view); err != nil || got != status {
		h.Fatalf("exit status %d, want %d: %s%s", got, status, out, complaint)
	}
	found := []string{}
	for _, f := range view.Findings {
		found = append(found, strings.TrimSpace(fmt.Sprint(f.Kind, " ", or(f.UserName, f.ID), " ", strings.Join(f.Paths, ","))))
	}
	slices.Sort(found)
	return view, found
}

// settles waits until an audit finds just that.
func (h house) settles(status int, want ...string) {
	h.Helper()
	var found []string
	slices.Sort(want)
	defer func() {
		if h.Failed() {
			h.Logf("found %q\nwant  %q", found, want)
		}
	}()
	eventually(h.T, 30*time.Second, "an audit finds what it should", func() bool {
		var view admin.AuditView
		view, found = h.audit(status)
		return view.Owed == 0 && slices.Equal(found, want)
	})
}

// TestAuditFromAShell changes an account behind the gateway's back in each of the
// five ways: all is found, what is ours is repaired, what is not stays untouched,
// and an administrator of the account is taken over by nobody.
func TestAuditFromAShell(t *testing.T) {
	h := newHouse(t)
	ids := map[string]string{}
	for _, name := range []string{"gone@example.com", "other@example.com", "twin@example.com", "same@example.com"} {
		ids[name] = h.employ(name)
		h.has(name, "Cook")
	}
	h.ok(words("audit acme"), "4 users here, 4 in the account: 4 the same, 0 new, 0 not compared")
	h.fails(words("audit adopt acme x"), "422")
	h.fails(words("audit nobody"), "404")
	h.fails(words("audit acme --connection nope"), "404")

	must(t, 204, "DELETE", h.there+"/Users/"+h.inAccount("gone@example.com")["id"].(string), h.secret, nil)
	must(t, 200, "PATCH", h.there+"/Users/"+h.inAccount("other@example.com")["id"].(string), h.secret, map[string]any{
		"Operations": []any{map[string]any{"op": "replace", "path": "title", "value": "Chef"}},
	})
	h.plant("stranger@example.com", "", nil)
	h.plant("twin.2@example.com", "in-entra-twin@example.com", nil)
	h.plant("late@example.com", "", nil)
	h.plant("boss@example.com", "", map[string]any{"roles": []any{map[string]any{"value": "Account Administrator"}}})
	late, evil := h.employ("late@example.com"), h.employ("boss@example.com")
	h.untilParked(2)

	left := []string{"conflict boss@example.com", "conflict late@example.com", "duplicate twin.2@example.com", "extra stranger@example.com"}
	h.settles(3, append(slices.Clone(left), "different "+ids["other@example.com"]+" title", "missing "+ids["gone@example.com"])...)
	out, complaint, status := h.run(words("audit acme --repair")...)
	if status != 3 || !strings.Contains(out, "stranger@example.com") || !strings.Contains(out, "protected") || !strings.Contains(complaint, "2 resources are due again") {
		t.Errorf("exit status %d: %s%s", status, out, complaint)
	}
	h.has("gone@example.com", "Cook")
	h.has("other@example.com", "Cook")
	h.settles(3, left...)

	h.fails(append(words("audit adopt acme"), late, evil), late, "adopted", evil, "administrator")
	h.has("late@example.com", "Cook")
	h.ok(words("connection adopt acme appspace userName"), "userName")
	h.untilParked(1)
	left = slices.DeleteFunc(left, func(f string) bool { return strings.Contains(f, "late") })
	// The first push gave the adopted user no address. That shows, and is repaired
	// when somebody says so.
	h.settles(3, append(slices.Clone(left), "different "+late+` emails[type eq "work"]`)...)
	h.audit(3, "--repair")
	h.settles(3, left...)
	must(t, 204, "DELETE", h.base+"/Users/"+evil, h.token, nil)
	h.untilParked(0)
	if boss := h.inAccount("boss@example.com"); boss["title"] != nil || boss["active"] != true || boss["externalId"] == "in-entra-boss@example.com" {
		t.Errorf("the administrator was touched: %v", boss)
	}
	h.untouched("stranger@example.com", "twin.2@example.com")
}

// untilParked waits until so many are parked and nobody is due.
func (h house) untilParked(n int) {
	h.Helper()
	count := func(state string) int {
		list := must(h.T, 200, "GET", h.environ["SCIMGATE_ADMIN_URL"]+"/api/v1/tenants/acme/deliveries?state="+state, operatorKey, nil)
		return len(list["items"].([]any))
	}
	eventually(h.T, 20*time.Second, fmt.Sprintf("%d are parked", n), func() bool { return count("due") == 0 && count("parked") == n })
}

func (h house) untouched(names ...string) {
	h.Helper()
	for _, name := range names {
		if user := h.inAccount(name); user == nil || user["title"] != nil || user["active"] != true {
			h.Errorf("%s was touched: %v", name, user)
		}
	}
}

// TestRenamedToAnAdministrator is the attack: whoever may rename a user at the
// identity provider gives it an administrator's address.
func TestRenamedToAnAdministrator(t *testing.T) {
	h := newHouse(t)
	h.plant("boss@example.com", "", map[string]any{"roles": []any{map[string]any{"value": "Admin"}}})
	h.ok(words("connection adopt acme appspace userName"))
	before := h.inAccount("boss@example.com")
	evil := h.employ("evil@example.com")
	h.has("evil@example.com", "Cook")
	must(t, 200, "PATCH", h.base+"/Users/"+evil, h.token, map[string]any{
		"Operations": []any{map[string]any{"op": "Replace", "path": "userName", "value": "boss@example.com"}},
	})
	h.untilParked(1)
	_, found := h.audit(3)
	if !slices.Contains(found, "conflict boss@example.com") {
		t.Errorf("found %v", found)
	}
	h.fails(append(words("audit adopt acme"), evil), "not adopted")
	h.ok(words("replay acme --all"))
	h.untilParked(1)
	must(t, 204, "DELETE", h.base+"/Users/"+evil, h.token, nil)
	h.untilParked(0)
	if after := h.inAccount("boss@example.com"); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("the administrator was %v and is %v", before, after)
	}
	if user := h.inAccount("evil@example.com"); user == nil || user["active"] != false {
		t.Errorf("who left is %v", user)
	}
}
