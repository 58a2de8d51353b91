package delivery

import (
	"slices"
	"strings"
	"testing"

	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// plans is what acme's shadow would send, by id.
func (h *harness) plans() map[string]Plan {
	h.Helper()
	t, err := h.Tenant(h.Context(), acme)
	if err != nil {
		h.Fatal(err)
	}
	list, _, err := Shadow{Work: h.store, Rules: h.rules}.Plans(h.Context(), t, 0, "", 100, true)
	if err != nil {
		h.Fatal(err)
	}
	plans := make(map[string]Plan)
	for _, p := range list {
		plans[p.Ref.ID] = p
	}
	return plans
}

// A shadow sends nothing, forgets nothing and tells what it would send; ended, it
// sends that.
func TestShadow(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		for i, id := range []string{"same", "changed", "disabled", "deleted", "cleared"} {
			h.create(acme, user(id, email(i), "0"))
			h.untilState(acme, id, directory.Clean)
		}
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = []tenant.Connection{{ID: "appspace", Kind: "appspace", Shadow: true}}
		})
		before := len(h.account.heard(nil))
		h.retitle(acme, "same", "1")
		h.retitle(acme, "same", "0")
		h.retitle(acme, "changed", "1")
		h.disable("disabled")
		h.remove(acme, "deleted")
		h.change(acme, "cleared", "title", value.NewText(""))
		h.create(acme, user("new", email(9), "0"))
		h.create(acme, user("never", email(10), "0"))
		h.remove(acme, "never")
		h.quietly("nothing is sent, and all is due", func() bool {
			return len(h.account.heard(nil)) == before && h.count(directory.Due) == 7
		})
		plans := h.plans()
		for id, want := range map[string]PlannedOp{
			"same": PlanNothing, "changed": PlanUpdate, "disabled": PlanSuspend, "deleted": PlanSuspend,
			"cleared": PlanUpdate, "new": PlanCreate, "never": PlanNothing,
		} {
			if got := plans[id].Op; got != want {
				h.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		if p := plans["new"]; !slices.Contains(p.Paths, "userName") || !strings.Contains(string(p.Values), email(9)) || len(p.Clears) != 0 {
			h.Errorf("new: %+v", p)
		}
		if p := plans["cleared"]; !slices.Equal(p.Clears, []string{"title"}) || slices.Contains(p.Paths, "title") {
			h.Errorf("cleared: %+v", p)
		}
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = []tenant.Connection{{ID: "appspace", Kind: "appspace"}}
		})
		h.until("all is sent", func() bool { return h.count(directory.Due) == 0 })
		h.holds(email(1), "1")
		h.holds(email(9), "0")
		if n := h.account.actives(); n != 4 {
			h.Errorf("%d are active", n)
		}
	})
}
