package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// rollMongo reads the edges of one group; none if group is nil, a new one.
type rollMongo struct {
	store  *Mongo
	ctx    context.Context
	tenant tenant.ID
	group  *groupState
}

func (s *Mongo) roll(ctx context.Context, t tenant.ID, g *groupState) roll {
	return rollMongo{s, ctx, t, g}
}

func (r rollMongo) among(ids []string) ([]string, error) {
	if r.group == nil || len(ids) == 0 {
		return nil, nil
	}
	there, err := r.store.settledAmong(r.ctx, r.group, ids)
	pending := r.group.fate()
	return keep(ids, func(id string) bool {
		if f, ok := pending[id]; ok {
			return f.in
		}
		return there[id]
	}), err
}

// atOnce bounds how many keys stand in one query.
const atOnce = 1000

// settledAmong returns which of ids have an edge document of the group's epoch.
func (s *Mongo) settledAmong(ctx context.Context, g *groupState, ids []string) (map[string]bool, error) {
	there := map[string]bool{}
	for chunk := range slices.Chunk(ids, atOnce) {
		keys := make([]string, len(chunk))
		for i, id := range chunk {
			keys[i] = edgeKey(g.key, id)
		}
		err := s.eachEdge(ctx, bson.M{"_id": bson.M{"$in": keys}, "epoch": g.epoch, "on": true}, options.Find(), func(_, member string) {
			there[member] = true
		})
		if err != nil {
			return nil, err
		}
	}
	return there, nil
}

// eachEdge calls f with the group's id and the member of each edge.
func (s *Mongo) eachEdge(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(group, member string)) error {
	return eachOf(ctx, s.edges, where, how, func(raw bson.Raw) error {
		parts := strings.SplitN(textOf(raw, "_id"), "/", 4)
		f(parts[2], parts[3])
		return nil
	})
}

func (r rollMongo) some(limit int) ([]string, error) {
	if r.group == nil {
		return nil, nil
	}
	return r.store.idsAfter(r.ctx, r.group, "", limit)
}

// idsAfter returns up to limit ids of edges greater than after, settled or not, in
// order.
func (s *Mongo) idsAfter(ctx context.Context, g *groupState, after string, limit int) (ids []string, err error) {
	pending := g.fate()
	for id, f := range pending {
		if f.in && id > after {
			ids = append(ids, id)
		}
	}
	where := bson.M{"_id": bson.M{"$gt": edgeKey(g.key, after), "$lt": edgeKey(g.key, "\x7f")}, "epoch": g.epoch, "on": true}
	how := options.Find().SetSort(byKey).SetLimit(int64(limit + len(pending)))
	err = s.eachEdge(ctx, where, how, func(_, member string) {
		if _, ok := pending[member]; !ok {
			ids = append(ids, member)
		}
	})
	slices.Sort(ids)
	return ids[:min(len(ids), limit)], err
}

func (r rollMongo) living(ids []string) (int, error) {
	ends, err := r.store.resolve(r.ctx, r.tenant, ids)
	return len(ends), err
}

// resolve returns who the living ones among ids are, by id.
func (s *Mongo) resolve(ctx context.Context, t tenant.ID, ids []string) (map[string]Member, error) {
	ends := make(map[string]Member, len(ids))
	for chunk := range slices.Chunk(ids, atOnce) {
		keys := make([]string, 0, 2*len(chunk))
		for _, id := range chunk {
			user, group := endKeys(string(t), id)
			keys = append(keys, user, group)
		}
		where := bson.M{"_id": bson.M{"$in": keys}, "body": bson.M{"$exists": true}}
		err := s.each(ctx, where, options.Find(), func(r *scim.Resource) error {
			ends[r.ID] = memberOf(r)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return ends, nil
}

// group reads a living group's state; nil if there is none.
func (s *Mongo) group(ctx context.Context, key string) (*groupState, error) {
	raw, err := s.find(ctx, bson.M{"_id": key, "body": bson.M{"$exists": true}})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return groupOf(raw), nil
}

// readingTries is how often a reader looks again because the group has moved.
const readingTries = 4

// steady lets f read the edges of a group while the group stays the same: what
// becomes settled meanwhile must be seen whole or not at all.
func (s *Mongo) steady(ctx context.Context, t tenant.ID, group string, f func(*groupState) error) error {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	g, err := s.group(ctx, key)
	for range readingTries {
		if err != nil || g == nil {
			return err
		}
		if err := f(g); err != nil {
			return err
		}
		again, err := s.group(ctx, key)
		if err != nil || again == nil || again.version == g.version {
			return err
		}
		g = again
	}
	return f(g)
}

// Members implements Edges.
func (s *Mongo) Members(ctx context.Context, t tenant.ID, group, after string, limit int) (members []Member, err error) {
	err = s.steady(ctx, t, group, func(g *groupState) error {
		members = nil
		for from, more := after, true; more && len(members) < limit; {
			ids, err := s.idsAfter(ctx, g, from, limit)
			if err != nil {
				return err
			}
			ends, err := s.resolve(ctx, t, ids)
			if err != nil {
				return err
			}
			members = appendEnds(members, ids, ends)
			if more = len(ids) == limit; more {
				from = ids[limit-1]
			}
		}
		members = members[:min(len(members), limit)]
		return nil
	})
	return members, err
}

func appendEnds(members []Member, ids []string, ends map[string]Member) []Member {
	for _, id := range ids {
		if m, ok := ends[id]; ok {
			members = append(members, m)
		}
	}
	return members
}

// Among implements Edges.
func (s *Mongo) Among(ctx context.Context, t tenant.ID, group string, ids []string) (there []string, err error) {
	members, err := s.membersAmong(ctx, t, group, ids)
	for _, m := range members {
		there = append(there, m.ID)
	}
	return there, err
}

func (s *Mongo) membersAmong(ctx context.Context, t tenant.ID, group string, ids []string) (members []Member, err error) {
	g, err := s.group(ctx, resourceKey(t, Ref{Kind: "Group", ID: group}))
	if err != nil || g == nil {
		return nil, err
	}
	there, err := s.roll(ctx, t, g).among(ids)
	if err != nil {
		return nil, err
	}
	ends, err := s.resolve(ctx, t, there)
	return appendEnds(nil, there, ends), err
}

// GroupsOf implements Edges.
func (s *Mongo) GroupsOf(ctx context.Context, t tenant.ID, ids []string) (map[string][]Member, error) {
	candidates, err := s.groupsNaming(ctx, t, ids)
	if err != nil || len(candidates) == 0 {
		return nil, err
	}
	all := map[string][]Member{}
	for _, key := range candidates {
		raw, err := s.find(ctx, bson.M{"_id": key, "body": bson.M{"$exists": true}})
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		there, err := s.roll(ctx, t, groupOf(raw)).among(ids)
		if err != nil {
			return nil, err
		}
		for _, id := range there {
			all[id] = append(all[id], memberOf(storedOf(raw).resource))
		}
	}
	return all, nil
}
