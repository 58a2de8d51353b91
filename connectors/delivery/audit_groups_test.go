package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// auditGroups runs an audit, and returns what it found of groups and memberships.
func (h *harness) auditGroups() (*AuditReport, []string) {
	h.Helper()
	r, err := h.worker.Audit(h.Context(), acme, "appspace", nil)
	if err != nil {
		h.Fatal(err)
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", f.Kind, f.About, f.Group, f.ID, strings.Join(f.Paths, ","))))
	}
	return r, found
}

// mend does what the operator's API does with what was found.
func (h *harness) mend(r *AuditReport) {
	h.Helper()
	for _, f := range r.Findings {
		var err error
		switch {
		case !f.Mends():
		case f.About == AboutMembership:
			err = h.store.HoldShares(h.Context(), acme, 0, f.Group, []directory.Share{{Member: f.ID, RemoteID: f.RemoteID}}, time.Now())
		default:
			only := func(i directory.Item, _ *scim.Resource) (bool, error) {
				return i.Ref.Kind == f.About && i.Ref.ID == f.ID, nil
			}
			_, err = h.store.Replay(h.Context(), acme, 0, []string{"User", "Group"}, only, time.Now())
		}
		if err != nil {
			h.Fatal(err)
		}
	}
	h.worker.Wake(acme)
}

func (h *harness) untilGroups(ids ...string) {
	h.Helper()
	for _, id := range ids {
		h.untilGroup(id, directory.Clean)
	}
}

// Groups that were changed behind our back, and memberships: all is found, what is
// ours is repaired, what is not is left alone.
func TestAuditOfGroups(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		h.settledUsers(6)
		h.createGroup("g1", "cooks", "0", "1", "2")
		h.createGroup("g2", "waiters", "3")
		h.createGroup("g3", "gone", "0", "1")
		h.createGroup("g4", "renamed")
		h.untilGroups("g1", "g2", "g3", "g4")
		if r, found := h.auditGroups(); len(found) > 0 || r.Groups == nil || r.Groups.Same != 4 || r.Groups.Compared != 4 || r.Groups.Memberships != 6 || r.Same != 6 || r.Held != 6 {
			h.Fatalf("%q, %+v, %+v", found, r, r.Groups)
		}
		cooks, waiters, renamed := h.account.idOf(h, "cooks"), h.account.idOf(h, "waiters"), h.account.idOf(h, "renamed")
		ids := map[string]string{}
		for i := range 6 {
			ids[fmt.Sprint(i)] = h.account.idOf(h, email(i))
		}
		h.account.plant("x-local", "local@example.com", "")
		h.account.drop(h, "gone")
		h.account.meddle(func(users map[string]*accountUser) {
			delete(users[cooks].members, ids["1"])
			users[cooks].members[ids["4"]] = true      // one of ours
			users[cooks].members["x-local"] = true     // and one who is not
			users[waiters].members = map[string]bool{} // emptied
			users[renamed].attributes.Set("displayName", value.NewText("other"))
			users["x-group"] = &accountUser{name: "theirs", members: map[string]bool{}, attributes: value.NewObject(value.Member{Name: "displayName", Value: value.NewText("theirs")})}
		})
		r, found := h.auditGroups()
		want := []string{
			"different Group  g4 displayName", "extra User", "extra Group", "extra Membership g1", "extra Membership g1 4",
			"missing Group  g3", "missing Membership g1 1", "missing Membership g2 3",
		}
		if !slices.Equal(found, want) {
			h.Errorf("found %q\nwant  %q", found, want)
		}
		h.mend(r)
		h.untilGroups("g1", "g2", "g3", "g4")
		if _, left := h.auditGroups(); !slices.Equal(left, []string{"extra User", "extra Group", "extra Membership g1"}) {
			h.Errorf("left %q", left)
		}
		h.untilMembers("cooks", strings.Join([]string{"local@example.com", email(0), email(1), email(2)}, " "))
		h.untilMembers("waiters", email(3))
		h.untilMembers("gone", email(0)+" "+email(1))
		if h.account.user(h, "theirs") == nil {
			h.Error("a group that is not ours was touched")
		}
	})
}

// What changes while it is read is no finding, nor who is not at the account yet.
func TestAuditOfMovingGroups(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		h.settledUsers(4)
		h.createGroup("g1", "cooks", "0", "1")
		h.createGroup("g2", "waiters", "2", "nobody")
		h.untilGroups("g1", "g2")
		moved := false
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "members" && !moved {
				moved = true
				for _, g := range []string{"g1", "g2"} {
					h.move(g, scim.MemberChange{Add: []string{"3"}, Remove: []string{"0"}})
				}
				h.untilGroups("g1", "g2")
			}
			return nil
		})
		if r, found := h.auditGroups(); len(found) > 0 || r.Groups.Owed != 2 || r.Groups.Compared != 0 {
			h.Errorf("%q, %+v", found, r.Groups)
		}
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "members" {
				return &answer{fault: connectors.Error{Fault: connectors.Protocol, Err: connectors.ErrTooLong}}
			}
			return nil
		})
		if r, found := h.auditGroups(); len(found) > 0 || r.Groups.Unread != 2 {
			h.Errorf("%q, %+v", found, r.Groups)
		}
	})
}
