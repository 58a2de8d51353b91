package directory

import (
	"context"
	"maps"
	"slices"

	"scimgate/scim"
	"scimgate/tenant"
)

// edgeChange is what a write of a group does to its Edges: exactly those that are
// not as they shall be.
type edgeChange struct {
	reset  bool // those there were go with their epoch
	add    []string
	remove []string
}

// roll is what a store knows of the Edges of one group as it was read. A change of
// any of them raises the group's version, so that what roll tells holds for as
// long as the write that it is asked for can succeed.
type roll interface {
	// among returns those of ids that have an Edge, their other end living or not.
	among(ids []string) ([]string, error)
	// some returns the ids of up to limit Edges.
	some(limit int) ([]string, error)
	// living returns how many of ids name a living resource.
	living(ids []string) (int, error)
}

// fewEdges are read to find out whether replacing them all would change any.
const fewEdges = 1000

// effective is what remains of a wanted change where part of it is so already; nil
// if nothing. It tells in m how many of those to be added name nobody.
func effective(m *scim.MemberChange, r roll) (*edgeChange, error) {
	change, err := difference(m, r)
	if err != nil || !change.reset && len(change.add)+len(change.remove) == 0 {
		return nil, err
	}
	living, err := r.living(change.add)
	m.Unresolved = len(change.add) - living
	return change, err
}

// noteUnresolved tells in the members of a new group how many name nobody.
func noteUnresolved(m *scim.MemberChange, r roll) error {
	living, err := r.living(m.Add)
	m.Unresolved = len(m.Add) - living
	return err
}

func difference(m *scim.MemberChange, r roll) (*edgeChange, error) {
	if m.Reset {
		return replacement(m.Add, r)
	}
	there, err := r.among(slices.Concat(m.Add, m.Remove))
	if err != nil {
		return nil, err
	}
	has := setOf(there)
	return &edgeChange{
		add:    keep(m.Add, func(id string) bool { return !has[id] }),
		remove: keep(m.Remove, func(id string) bool { return has[id] }),
	}, nil
}

// replacement replaces all Edges: one by one where that is about as little as what
// was sent, else all at once by a new epoch.
func replacement(by []string, r roll) (*edgeChange, error) {
	most := max(fewEdges, 2*len(by))
	there, err := r.some(most + 1)
	if err != nil {
		return nil, err
	}
	if len(there) > most {
		return &edgeChange{reset: true, add: by}, nil
	}
	has, wanted := setOf(there), setOf(by)
	return &edgeChange{
		add:    keep(by, func(id string) bool { return !has[id] }),
		remove: keep(there, func(id string) bool { return !wanted[id] }),
	}, nil
}

func setOf(ids []string) map[string]bool {
	set := make(map[string]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func keep(ids []string, f func(string) bool) []string {
	var kept []string
	for _, id := range ids {
		if f(id) {
			kept = append(kept, id)
		}
	}
	return kept
}

// memberOf makes a Member of a resource that was read.
func memberOf(r *scim.Resource) Member {
	return Member{Kind: r.Kind, ID: r.ID, Display: r.Display()}
}

// endKeys are the keys that the other end of an Edge can have.
func endKeys(tenantID, member string) (user, group string) {
	return tenantID + "/User/" + member, tenantID + "/Group/" + member
}

// ender is the part of a store that endsOf asks.
type ender interface {
	Edges
	membersAmong(ctx context.Context, t tenant.ID, group string, ids []string) ([]Member, error)
}

// endsOf returns what n needs of the Edges of r.
func endsOf(ctx context.Context, s ender, t tenant.ID, r *scim.Resource, n *needs) ([]Member, error) {
	switch {
	case r.Kind == "User":
		groups, err := s.GroupsOf(ctx, t, []string{r.ID})
		return groups[r.ID], err
	case n.whole:
		return s.Members(ctx, t, r.ID, "", maxExamined+1)
	default:
		return s.membersAmong(ctx, t, r.ID, slices.Sorted(maps.Keys(n.ids)))
	}
}
