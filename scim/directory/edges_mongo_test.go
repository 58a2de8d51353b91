package directory

import (
	"slices"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// unsettled writes a group's change as a process does that dies before it settles.
func unsettled(t *testing.T, s *Mongo, id, words string) *groupState {
	t.Helper()
	raw, err := s.find(t.Context(), bson.M{"_id": resourceKey(acme, groupRef(id))})
	if err != nil {
		t.Fatal(err)
	}
	r, g := storedOf(raw).resource, groupOf(raw)
	c, err := edition(acme, r, nil, move(words), s.roll(t.Context(), acme, g), time.Now())
	if err != nil || c == nil || c.edges == nil {
		t.Fatalf("%s: %+v, %v", words, c, err)
	}
	next := g.with(c)
	if err := s.update(t.Context(), c, next, nil); err != nil {
		t.Fatal(err)
	}
	return next
}

// What was accepted and never settled is seen by every reader, and settled with
// the next change.
func TestMongoUnsettledEdges(t *testing.T) {
	s := openMongo(t)
	people(t, s, acme, 6)
	create(t, s, acme, group("g", "All", "u0", "u1"))
	unsettled(t, s, "g", "-u0 +u2")
	unsettled(t, s, "g", "+u3 -u2")
	wantMembers(t, s, acme, "g", "u1", "u3")
	groups, err := s.GroupsOf(t.Context(), acme, []string{"u0", "u1", "u2", "u3"})
	if err != nil || len(groups) != 2 || groups["u1"] == nil || groups["u3"] == nil {
		t.Errorf("groups: %v, %v", groups, err)
	}
	for text, want := range map[string][]string{`members eq "u3"`: {"g"}, `members eq "u0"`: nil, `members eq "u2"`: nil} {
		if got := list(t, s, acme, "Group", text); !slices.Equal(got, want) {
			t.Errorf("%s: %v", text, got)
		}
	}
	if got := list(t, s, acme, "User", `groups.value eq "g"`); !slices.Equal(got, []string{"u1", "u3"}) {
		t.Errorf("users of the group: %v", got)
	}
	update(t, s, acme, groupRef("g"), move("+u4"))
	wantMembers(t, s, acme, "g", "u1", "u3", "u4")
	g, err := s.group(t.Context(), resourceKey(acme, groupRef("g")))
	if err != nil || len(g.pend) != 0 {
		t.Errorf("still pending: %+v, %v", g, err)
	}
	unsettled(t, s, "g", "reset +u5")
	wantMembers(t, s, acme, "g", "u5")
}

// A settler that comes late, perhaps twice, undoes nothing that is newer.
func TestMongoLateSettler(t *testing.T) {
	s := openMongo(t)
	people(t, s, acme, 4)
	create(t, s, acme, group("g", "All", "u0"))
	late := unsettled(t, s, "g", "+u1 -u0")
	update(t, s, acme, groupRef("g"), move("-u1 +u0 +u2"))
	for range 2 {
		if err := s.settle(t.Context(), acme, late); err != nil {
			t.Fatal(err)
		}
		wantMembers(t, s, acme, "g", "u0", "u2")
	}
}
