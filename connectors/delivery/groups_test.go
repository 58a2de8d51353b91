package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func groupRef(id string) directory.Ref { return directory.Ref{Kind: "Group", ID: id} }

// withGroups lets acme's connection be sent groups.
func (h *harness) withGroups() {
	h.edit(acme, func(t *tenant.Tenant) {
		t.Connections = slices.Clone(t.Connections)
		t.Connections[0].Groups = true
	})
}

func (h *harness) createGroup(id, name string, members ...string) {
	h.Helper()
	r := scim.NewResource("Group", id, value.NewObject(
		value.Member{Name: "schemas", Value: value.List(value.NewText(scim.GroupURN))},
		value.Member{Name: "id", Value: value.NewText(id)},
		value.Member{Name: "displayName", Value: value.NewText(name)},
	))
	r.Members = &scim.MemberChange{Add: members}
	h.create(acme, r)
}

func (h *harness) move(group string, m scim.MemberChange) {
	h.Helper()
	_, err := h.store.Update(h.Context(), acme, groupRef(group), h.owed, func(r *scim.Resource) (bool, error) {
		own := m
		r.Members = &own
		return true, nil
	})
	if err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(acme)
}

func (h *harness) removeGroup(id string) {
	h.Helper()
	if err := h.store.Delete(h.Context(), acme, groupRef(id), h.owed, nil); err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(acme)
}

func (h *harness) untilMembers(group, want string) {
	h.Helper()
	h.until(fmt.Sprintf("%s holds %q", group, want), func() bool { return h.account.membersOf(group) == want })
}

func (h *harness) untilGroup(id string, want directory.State) directory.Delivery {
	h.Helper()
	var d directory.Delivery
	h.until(fmt.Sprintf("%s is %s", id, want), func() bool {
		item, err := h.store.Delivery(h.Context(), acme, 0, groupRef(id))
		if err != nil {
			h.Fatal(err)
		}
		d = item.Delivery
		return d.State == want
	})
	return d
}

// A group is there before any of its members: nobody is added before the account
// has them, and everybody is in the end (promise 12).
func TestUsersComeBeforeTheirMemberships(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		h.createGroup("g1", "cooks", "u0", "u1", "u2", "nobody")
		h.untilGroup("g1", directory.Clean)
		if got := h.account.membersOf("cooks"); got != "" {
			h.Errorf("the account holds %q", got)
		}
		for i := range 3 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "Cook"))
		}
		// Who is there only now was named before: a change of the group tells of it.
		h.move("g1", scim.MemberChange{Remove: []string{"u2"}})
		h.move("g1", scim.MemberChange{Add: []string{"u2"}})
		h.move("g1", scim.MemberChange{Remove: []string{"u0", "u1"}})
		h.move("g1", scim.MemberChange{Add: []string{"u0", "u1"}})
		h.untilMembers("cooks", "user000@example.com user001@example.com user002@example.com")
		h.untilGroup("g1", directory.Clean)
		if h.account.early > 0 {
			h.Errorf("%d members were added before the account had them", h.account.early)
		}
	})
}

// A member who is known and not delivered yet is waited for, and comes in at once
// when it is, without anybody touching the group.
func TestAGroupWaitsForItsMember(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		release := make(chan struct{})
		h.account.told(func(ctx context.Context, c call) *answer {
			if c.method == "put" && c.ID == "u1" {
				return hold(ctx, release)
			}
			return nil
		})
		h.start()
		h.create(acme, user("u0", email(0), "Cook"))
		h.create(acme, user("u1", email(1), "Cook"))
		h.createGroup("g1", "cooks", "u0", "u1")
		h.untilMembers("cooks", "user000@example.com")
		h.until("the group says what it waits for", func() bool {
			item, err := h.store.Delivery(h.Context(), acme, 0, groupRef("g1"))
			return err == nil && item.Delivery.Failure != nil && item.Delivery.Failure.Class == classWaiting &&
				item.Delivery.Due.After(time.Now().Add(time.Minute))
		})
		close(release)
		h.untilMembers("cooks", "user000@example.com user001@example.com")
		h.untilGroup("g1", directory.Clean)
		if h.account.early > 0 {
			h.Errorf("%d members were added before the account had them", h.account.early)
		}
	})
}

func TestMembersLeave(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		for i := range 4 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "Cook"))
		}
		h.createGroup("g1", "cooks", "u0", "u1", "u2", "u3")
		h.untilMembers("cooks", "user000@example.com user001@example.com user002@example.com user003@example.com")
		h.move("g1", scim.MemberChange{Remove: []string{"u0"}})
		h.untilMembers("cooks", "user001@example.com user002@example.com user003@example.com")
		h.remove(acme, "u1") // suspended: it must not stay a member, whoever has its account one day
		h.untilMembers("cooks", "user002@example.com user003@example.com")
		h.move("g1", scim.MemberChange{Reset: true, Add: []string{"u3", "u0"}})
		h.untilMembers("cooks", "user000@example.com user003@example.com")
		h.untilGroup("g1", directory.Clean)
		h.removeGroup("g1")
		h.until("the group is gone", func() bool { return h.account.user(h.TB, "cooks") == nil })
	})
}

// A thousand and more come, and all but one go at once, in requests of a bounded size.
func TestALargeGroupIsReplaced(t *testing.T) {
	h := newHarness(t, openSQLite(t)) // how stores replace is in their own suite
	h.withGroups()
	h.start()
	const n = 1200
	ids := make([]string, n)
	for i := range n {
		ids[i] = fmt.Sprint("u", i)
		h.create(acme, user(ids[i], email(i), "Cook"))
	}
	h.createGroup("g1", "cooks", ids...)
	h.until("all are in", func() bool { return strings.Count(h.account.membersOf("cooks"), "@") == n })
	h.move("g1", scim.MemberChange{Reset: true, Add: []string{"u7"}})
	h.untilMembers("cooks", "user007@example.com")
	h.untilGroup("g1", directory.Clean)
	for _, c := range h.account.heard(func(c call) bool { return c.method == "change" }) {
		if len(c.change.Add)+len(c.change.Remove) > membersAtOnce {
			h.Fatalf("%d members in one request", len(c.change.Add)+len(c.change.Remove))
		}
	}
}

// One member whom the account refuses keeps out nobody else.
func TestARefusedMemberIsAlone(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		var bad string
		h.account.told(func(_ context.Context, c call) *answer {
			if bad != "" && slices.Contains(c.change.Add, bad) {
				return fails(connectors.Rejected, 400)
			}
			return nil
		})
		h.start()
		var ids []string
		for i := range 10 {
			ids = append(ids, fmt.Sprint("u", i))
			h.create(acme, user(ids[i], email(i), "Cook"))
			h.untilState(acme, ids[i], directory.Clean)
		}
		bad = h.delivery(acme, "u4").Delivery.RemoteID
		h.createGroup("g1", "cooks", ids...)
		d := h.untilGroup("g1", directory.Parked)
		if n := strings.Count(h.account.membersOf("cooks"), "@"); n != 9 || d.Failure.Class != string(connectors.Rejected) {
			h.Errorf("%d members, %+v", n, d.Failure)
		}
		h.move("g1", scim.MemberChange{Remove: []string{"u4"}})
		h.untilGroup("g1", directory.Clean)
	})
}

// A group that somebody removed from the account is made again, with all in it.
func TestAGroupIsMadeAnew(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		for i := range 3 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "Cook"))
		}
		h.createGroup("g1", "cooks", "u0", "u1")
		h.untilMembers("cooks", "user000@example.com user001@example.com")
		h.untilGroup("g1", directory.Clean)
		h.account.mu.Lock()
		for id, u := range h.account.users {
			if u.name == "cooks" {
				delete(h.account.users, id)
			}
		}
		h.account.mu.Unlock()
		h.move("g1", scim.MemberChange{Add: []string{"u2"}})
		h.untilMembers("cooks", "user000@example.com user001@example.com user002@example.com")
		h.untilGroup("g1", directory.Clean)
	})
}

// What is not sent groups is not, and is made up for when it is.
func TestGroupSyncIsSwitchedOnLater(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u0", email(0), "Cook"))
		h.owed = nil
		h.createGroup("g1", "cooks", "u0")
		h.owed = owed
		h.untilState(acme, "u0", directory.Clean)
		if h.account.user(h.TB, "cooks") != nil {
			h.Error("the group was sent")
		}
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = slices.Clone(t.Connections)
			t.Connections[0].Groups = true
			t.Connections[0].Resync = []time.Time{time.Now()}
		})
		h.untilMembers("cooks", "user000@example.com")
		h.untilGroup("g1", directory.Clean)
	})
}

// Somebody leaves and comes back, and joins the group that the account could not
// be told of meanwhile: the account user of both is a member in the end.
func TestAReHireStaysInItsGroup(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		h.create(acme, user("old", email(0), "Cook"))
		h.createGroup("g1", "cooks", "old")
		h.untilMembers("cooks", email(0))
		h.untilGroup("g1", directory.Clean)
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "change" {
				return fails(connectors.Transient, 500)
			}
			return nil
		})
		h.remove(acme, "old")
		h.untilState(acme, "old", directory.Clean)
		h.create(acme, user("new", email(0), "Cook"))
		h.untilState(acme, "new", directory.Clean)
		h.move("g1", scim.MemberChange{Add: []string{"new"}})
		h.account.told(nil)
		h.untilGroup("g1", directory.Clean)
		if got := h.account.membersOf("cooks"); got != email(0) {
			h.Errorf("the account holds %q", got)
		}
	})
}

// The same over several attempts: the re-hire was put in by one, and the one that
// takes out who has left comes later. The account user of both stays a member.
func TestAReHireStaysOverSeveralAttempts(t *testing.T) {
	onEach(t, func(h *harness) {
		h.withGroups()
		h.start()
		h.create(acme, user("z-old", email(500), "Cook"))
		h.createGroup("g1", "cooks", "z-old")
		h.untilMembers("cooks", email(500))
		h.untilGroup("g1", directory.Clean)
		var others []string
		for i := range membersAtOnce + 5 {
			others = append(others, fmt.Sprintf("m%03d", i))
			h.create(acme, user(others[i], email(i), "Cook"))
		}
		for _, id := range others {
			h.untilState(acme, id, directory.Clean)
		}
		var changes atomic.Int64
		var refuse atomic.Bool
		refuse.Store(true)
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method != "change" {
				return nil
			}
			if n := changes.Add(1); refuse.Load() || n == 2 { // of those that follow, the second does not come through
				return fails(connectors.Transient, 500)
			}
			return nil
		})
		h.remove(acme, "z-old")
		h.untilState(acme, "z-old", directory.Clean)
		h.create(acme, user("a-new", email(500), "Cook"))
		h.untilState(acme, "a-new", directory.Clean)
		h.move("g1", scim.MemberChange{Add: append([]string{"a-new"}, others...)})
		changes.Store(0)
		refuse.Store(false)
		h.untilGroup("g1", directory.Clean)
		if got := h.account.membersOf("cooks"); strings.Count(got, "@") != len(others)+1 || !strings.Contains(got, email(500)) {
			h.Errorf("the account holds %d members, %s among them: %v", strings.Count(got, "@"), email(500), strings.Contains(got, email(500)))
		}
	})
}

// Requests are lost, land late, and are refused, while memberships change all the
// time; in the end the account holds exactly what is wanted.
func TestMembershipsUnderFaults(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.withGroups()
		const users, groups = 12, 3
		for i := range users {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "Cook"))
		}
		for g := range groups {
			h.createGroup(fmt.Sprint("g", g), fmt.Sprint("group", g))
		}
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "matches" || rand.IntN(3) > 0 {
				return nil
			}
			return lost(func(apply func()) {
				// In time: a request that outlives the quiet time is the residue of the protocol.
				time.AfterFunc(rand.N(200*time.Millisecond), apply)
			})
		})
		h.start()
		wanted := make([]map[int]bool, groups)
		for g := range wanted {
			wanted[g] = map[int]bool{}
		}
		for range 60 {
			g, u := rand.IntN(groups), rand.IntN(users)
			in := !wanted[g][u]
			wanted[g][u] = in
			m := scim.MemberChange{Add: []string{fmt.Sprint("u", u)}}
			if !in {
				m = scim.MemberChange{Remove: m.Add}
			}
			h.move(fmt.Sprint("g", g), m)
			<-time.After(rand.N(8 * time.Millisecond)) // the load, not a wait for anything
		}
		h.account.told(nil)
		for g := range groups {
			h.untilGroup(fmt.Sprint("g", g), directory.Clean)
			var names []string
			for u := range users {
				if wanted[g][u] {
					names = append(names, email(u))
				}
			}
			if got, want := h.account.membersOf(fmt.Sprint("group", g)), strings.Join(names, " "); got != want {
				h.Errorf("group %d holds %s\nwant %s", g, got, want)
			}
		}
	})
}
