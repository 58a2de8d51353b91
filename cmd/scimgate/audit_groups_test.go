package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// assemble has Entra create a group, and returns its id.
func (h house) assemble(name string, members ...string) string {
	h.Helper()
	var list []any
	for _, id := range members {
		list = append(list, map[string]any{"value": id})
	}
	return must(h.T, 201, "POST", h.base+"/Groups", h.token, map[string]any{"displayName": name, "members": list})["id"].(string)
}

// groupInAccount is what the account has of a group.
func (h house) groupInAccount(name string) map[string]any {
	page := must(h.T, http.StatusOK, "GET", h.there+"/Groups", h.secret, nil)
	list, _ := page["Resources"].([]any)
	for _, r := range list {
		if group, _ := r.(map[string]any); group["displayName"] == name {
			return group
		}
	}
	return nil
}

// meddle changes a group of the account by another hand.
func (h house) meddle(name string, operations ...any) {
	h.Helper()
	to := h.there + "/Groups/" + h.groupInAccount(name)["id"].(string) + "?excludedAttributes=members"
	must(h.T, http.StatusOK, "PATCH", to, h.secret, map[string]any{"Operations": operations})
}

func (h house) counts(name string, members int) {
	h.Helper()
	eventually(h.T, 20*time.Second, fmt.Sprintf("%s has %d members in the account", name, members), func() bool {
		list, _ := h.groupInAccount(name)["members"].([]any)
		return h.groupInAccount(name) != nil && len(list) == members
	})
}

// TestAuditOfGroupsFromAShell is the way of an operator who suspects that somebody
// changed groups in the account: what differs is listed, and one command mends it.
func TestAuditOfGroupsFromAShell(t *testing.T) {
	h := newHouse(t)
	must(t, http.StatusOK, "PATCH", h.environ["SCIMGATE_ADMIN_URL"]+"/api/v1/tenants/acme/connections/appspace", operatorKey, map[string]any{"groups": true})
	ana, ben, eva := h.employ("ana@example.com"), h.employ("ben@example.com"), h.employ("eva@example.com")
	cooks := h.assemble("cooks", ana, ben)
	h.assemble("waiters", eva)
	h.counts("cooks", 2)
	h.counts("waiters", 1)
	h.settles(0)

	remote := func(name string) string { return h.inAccount(name)["id"].(string) }
	h.plant("local@example.com", "", nil)
	h.meddle("cooks",
		map[string]any{"op": "remove", "path": `members[value eq "` + remote("ana@example.com") + `"]`},
		map[string]any{"op": "add", "path": "members", "value": []any{map[string]any{"value": remote("eva@example.com")}, map[string]any{"value": remote("local@example.com")}}})
	must(t, http.StatusNoContent, "DELETE", h.there+"/Groups/"+h.groupInAccount("waiters")["id"].(string), h.secret, nil)

	view, _ := h.audit(3)
	var found []string
	for _, f := range view.Findings {
		found = append(found, fmt.Sprint(f.Kind, " ", f.About, " ", f.Group == cooks, " ", f.ID != ""))
	}
	want := []string{"extra User false false", "extra Membership true false", "extra Membership true true", "missing Group false true", "missing Membership true true"}
	if !slices.Equal(found, want) || view.Groups == nil || view.Groups.Stored != 2 || view.Groups.Compared != 1 {
		t.Errorf("found %q, %+v\nwant  %q", found, view.Groups, want)
	}
	out, complaint, status := h.run(words("audit acme --repair")...)
	if status != 3 || !strings.Contains(out, "in group "+cooks) || !strings.Contains(complaint, "1 resources are due again, 2 memberships are told again") {
		t.Errorf("exit status %d: %s%s", status, out, complaint)
	}
	h.counts("cooks", 3) // ana and ben, and who is none of ours
	h.counts("waiters", 1)
	eventually(t, 20*time.Second, "only what is not ours is left", func() bool {
		view, _ := h.audit(3)
		return len(view.Findings) == 2 && view.Counts["extra"] == 2 && view.Groups.Owed == 0
	})
}
