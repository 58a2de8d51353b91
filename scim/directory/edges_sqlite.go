package directory

import (
	"context"
	"encoding/json"

	"scimgate/scim"
	"scimgate/tenant"
)

// rollSQLite reads the edges of one group.
type rollSQLite struct {
	store  *SQLite
	ctx    context.Context
	tenant tenant.ID
	key    string // of the group
}

func (s *SQLite) roll(ctx context.Context, t tenant.ID, ref Ref) roll {
	return rollSQLite{s, ctx, t, resourceKey(t, ref)}
}

// epoch returns that of a living group; false if there is none.
func (n *session) epoch(group string) (epoch int64, found bool, err error) {
	found, err = n.one(groupEpoch, []any{&epoch}, group)
	return epoch, found, err
}

func (r rollSQLite) among(ids []string) (there []string, err error) {
	err = r.store.read(r.ctx, func(n *session) error {
		epoch, found, err := n.epoch(r.key)
		if err != nil || !found {
			return err
		}
		return n.each(edgesAmong, appendID(&there), r.key, epoch, listed(ids))
	})
	return there, err
}

func appendID(ids *[]string) func(*resultRow) error {
	return func(rows *resultRow) error {
		var id string
		err := rows.Scan(&id)
		*ids = append(*ids, id)
		return err
	}
}

// listed is a list of ids as one argument of a statement: JSON, which SQLite reads.
func listed(ids []string) string {
	if len(ids) == 0 {
		return "[]" // where nil is null, which is a value
	}
	text, _ := json.Marshal(ids) // strings cannot fail
	return string(text)
}

func (r rollSQLite) some(limit int) (ids []string, err error) {
	err = r.store.read(r.ctx, func(n *session) error {
		epoch, _, err := n.epoch(r.key)
		if err != nil {
			return err
		}
		return n.each(someEdges, appendID(&ids), r.key, epoch, limit)
	})
	return ids, err
}

func (r rollSQLite) living(ids []string) (count int, err error) {
	err = r.store.read(r.ctx, func(n *session) error {
		_, err := n.one(livingEnds, []any{&count}, string(r.tenant), listed(ids))
		return err
	})
	return count, err
}

// moveEdges writes the change of a group's edges beside its row.
func (c *change) moveEdges(n *session, rid int64) error {
	if c.edges == nil {
		return nil
	}
	t, _ := splitKey(c.key)
	n.grouped.Store(t, true)
	if c.edges.reset {
		if _, err := n.exec(newEpoch, rid); err != nil {
			return err
		}
		if _, err := n.exec(outlive, c.key); err != nil {
			return err
		}
	}
	if len(c.edges.add) > 0 {
		if _, err := n.exec(addEdges, rid, listed(c.edges.add)); err != nil {
			return err
		}
	}
	if len(c.edges.remove) == 0 {
		return nil
	}
	_, err := n.exec(dropEdges, c.key, listed(c.edges.remove))
	return err
}

// findGrouped notes the tenants that have edges. Most users are read in tenants
// without any, who should not pay for looking. Nobody else writes the file.
func (s *SQLite) findGrouped(n *session) error {
	for from := ""; ; {
		var group string
		found, err := n.one(firstEdge, []any{&group}, from)
		if err != nil || !found {
			return err
		}
		t, _ := splitKey(group)
		s.grouped.Store(t, true)
		from = string(t) + "0" // "0" follows "/"
	}
}

// Members implements Edges.
func (s *SQLite) Members(ctx context.Context, t tenant.ID, group, after string, limit int) (members []Member, err error) {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	err = s.read(ctx, func(n *session) error {
		epoch, found, err := n.epoch(key)
		if err != nil || !found {
			return err
		}
		return n.each(membersAfter, appendMember(&members), key, epoch, after, limit, string(t))
	})
	return members, err
}

// appendMember reads the key and body of another end.
func appendMember(members *[]Member) func(*resultRow) error {
	return func(rows *resultRow) error {
		var (
			key  string
			body []byte
		)
		if err := rows.Scan(&key, &body); err != nil {
			return err
		}
		_, ref := splitKey(key)
		*members = append(*members, memberOf(scim.StoredResource(ref.Kind, ref.ID, 1, body)))
		return nil
	}
}

// Among implements Edges.
func (s *SQLite) Among(ctx context.Context, t tenant.ID, group string, ids []string) ([]string, error) {
	members, err := s.membersAmong(ctx, t, group, ids)
	var there []string
	for _, m := range members {
		there = append(there, m.ID)
	}
	return there, err
}

func (s *SQLite) membersAmong(ctx context.Context, t tenant.ID, group string, ids []string) (members []Member, err error) {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	err = s.read(ctx, func(n *session) error {
		epoch, found, err := n.epoch(key)
		if err != nil || !found {
			return err
		}
		return n.each(membersAmong, appendMember(&members), key, epoch, listed(ids), string(t))
	})
	return members, err
}

// GroupsOf implements Edges.
func (s *SQLite) GroupsOf(ctx context.Context, t tenant.ID, ids []string) (map[string][]Member, error) {
	if _, has := s.grouped.Load(t); !has {
		return nil, nil
	}
	var all map[string][]Member
	p := part(t, "Group")
	err := s.read(ctx, func(n *session) error {
		for _, id := range ids {
			var groups []Member
			if err := n.each(groupsOfMember, appendMember(&groups), id, p+"/", p+"0"); err != nil {
				return err
			}
			if len(groups) == 0 {
				continue
			}
			if all == nil {
				all = make(map[string][]Member)
			}
			all[id] = groups
		}
		return nil
	})
	return all, err
}

// ends returns what a filter needs of a resource's edges.
func (s *SQLite) ends(ctx context.Context, t tenant.ID) func(*scim.Resource, *needs) ([]Member, error) {
	return func(r *scim.Resource, n *needs) ([]Member, error) { return endsOf(ctx, s, t, r, n) }
}

// candidatesByEnd returns the rids of those of a kind whose edge leads to end.
func (n *session) candidatesByEnd(t tenant.ID, kind, end string, limit int) ([]int64, bool, error) {
	if kind == "Group" {
		p := part(t, kind)
		return n.rids(ridsOfMember, limit, end, p+"/", p+"0", limit+1)
	}
	return n.rids(ridsOfGroup, limit, resourceKey(t, Ref{Kind: "Group", ID: end}), part(t, kind), limit+1)
}
