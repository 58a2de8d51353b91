package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// A change of a group's edges is one write of one document: the group's own takes
// the change into `pend`, in the write that raises its version. It is settled
// afterwards: each edge becomes a document of its own and the change leaves pend.
// Whoever reads merges what is pending, so that nobody sees the difference, and
// whoever dies between the two has lost nothing.
//
//	resources: epoch      edges of another epoch are none
//	           pend       [{v, epoch, add, remove}], in order
//	           unsettled  the tenant, where pend holds anything
//	edges:     _id        "acme/m/<group>/<member>"
//	           of         "acme/<member>"
//	           epoch, v   of the group, when it was last written
//	           on         whether it is an edge; one that is not keeps a late
//	                      settler from making it one again

// groupState is what a group's document says of its edges.
type groupState struct {
	key     string
	version int64
	epoch   int64
	pend    []pendingChange
}

// pendingChange is one entry of pend.
type pendingChange struct {
	V      int64    `bson:"v"`
	Epoch  int64    `bson:"epoch"`
	Add    []string `bson:"add"`
	Remove []string `bson:"remove"`
}

func groupOf(raw bson.Raw) *groupState {
	g := &groupState{key: textOf(raw, "_id"), version: numberOf(raw, "v"), epoch: numberOf(raw, "epoch")}
	if pend, ok := raw.Lookup("pend").ArrayOK(); ok {
		values, _ := pend.Values() // an array of ours
		for _, v := range values {
			var p pendingChange
			if v.Unmarshal(&p) == nil && p.Epoch == g.epoch {
				g.pend = append(g.pend, p)
			}
		}
	}
	return g
}

// fate returns what is pending for each id: in or out, and of which version.
func (g *groupState) fate() map[string]fate {
	all := map[string]fate{}
	for _, p := range g.pend {
		for _, id := range p.Add {
			all[id] = fate{true, p.V}
		}
		for _, id := range p.Remove {
			all[id] = fate{false, p.V}
		}
	}
	return all
}

type fate struct {
	in bool
	v  int64
}

// with is the state after a change is pending, too.
func (g *groupState) with(c *change) *groupState {
	next := &groupState{key: c.key, version: c.row.version}
	if g != nil {
		next.epoch, next.pend = g.epoch, slices.Clone(g.pend)
	}
	if c.edges.reset {
		next.epoch, next.pend = next.epoch+1, nil
	}
	next.pend = append(next.pend, pendingChange{V: c.row.version, Epoch: next.epoch, Add: c.edges.add, Remove: c.edges.remove})
	return next
}

// fields are what a write sets in the group's document.
func (g *groupState) fields() bson.M {
	t, _ := splitKey(g.key)
	return bson.M{"epoch": g.epoch, "pend": g.pend, "unsettled": string(t)}
}

func edgeKey(group, member string) string {
	t, ref := splitKey(group)
	return string(t) + "/m/" + ref.ID + "/" + member
}

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
	cursor, err := s.edges.Find(ctx, where, how)
	if err != nil {
		return err
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }()
	for cursor.Next(ctx) {
		parts := strings.SplitN(textOf(cursor.Current, "_id"), "/", 4)
		f(parts[2], parts[3])
	}
	return cursor.Err()
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

// settle makes edges of what is pending in a group that was just written. What
// fails here is settled by whoever changes the group next.
func (s *Mongo) settle(ctx context.Context, t tenant.ID, g *groupState) error {
	models := make([]mongo.WriteModel, 0, len(g.pend))
	for id, f := range g.fate() {
		key := edgeKey(g.key, id)
		edge := bson.M{"v": f.v, "epoch": g.epoch, "on": f.in, "of": string(t) + "/" + id}
		older := bson.M{"_id": key, "v": bson.M{"$lt": f.v}}
		models = append(models, mongo.NewUpdateOneModel().SetFilter(older).SetUpdate(bson.M{"$set": edge}).SetUpsert(true))
	}
	for chunk := range slices.Chunk(models, atOnce) {
		_, err := s.edges.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(false))
		if err != nil && !onlyDuplicates(err) { // a newer edge is there already
			return err
		}
	}
	same := bson.M{"_id": g.key, "v": g.version}
	_, err := s.resources.UpdateOne(ctx, same, bson.M{"$unset": bson.M{"pend": "", "unsettled": ""}})
	return err
}

// onlyDuplicates reports whether all that failed of a bulk are duplicate keys.
func onlyDuplicates(err error) bool {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return false
	}
	for _, e := range bulk.WriteErrors {
		if e.Code != 11000 {
			return false
		}
	}
	return len(bulk.WriteErrors) > 0
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

// groupsNaming returns the keys of all groups that may have an edge to one of ids,
// in order: by their edges, and those of which something is pending.
func (s *Mongo) groupsNaming(ctx context.Context, t tenant.ID, ids []string) (keys []string, err error) {
	of := make([]string, len(ids))
	for i, id := range ids {
		of[i] = string(t) + "/" + id
	}
	err = s.eachEdge(ctx, bson.M{"of": bson.M{"$in": of}, "on": true}, options.Find(), func(group, _ string) {
		keys = append(keys, resourceKey(t, Ref{Kind: "Group", ID: group}))
	})
	if err != nil {
		return nil, err
	}
	err = s.eachRaw(ctx, bson.M{"unsettled": string(t)}, options.Find().SetProjection(bson.M{"_id": 1}), func(raw bson.Raw) error {
		keys = append(keys, textOf(raw, "_id"))
		return nil
	})
	slices.Sort(keys)
	return slices.Compact(keys), err
}

// resolveEnds looks up beforehand what a plan asks of edges.
func (s *Mongo) resolveEnds(ctx context.Context, t tenant.ID, kind string, l *lookup) (*lookup, error) {
	next := *l
	if l.end != "" {
		keys, err := s.keysByEnd(ctx, t, kind, l.end)
		next.keys = keys
		return &next, err
	}
	for _, parts := range []*[]*lookup{&next.any, &next.all} {
		*parts = slices.Clone(*parts)
		for i, p := range *parts {
			resolved, err := s.resolveEnds(ctx, t, kind, p)
			if err != nil {
				return nil, err
			}
			(*parts)[i] = resolved
		}
	}
	return &next, nil
}

// keysByEnd returns the keys of those of a kind whose edge leads to end; never nil.
func (s *Mongo) keysByEnd(ctx context.Context, t tenant.ID, kind, end string) ([]string, error) {
	keys := []string{}
	if kind == "Group" {
		groups, err := s.groupsNaming(ctx, t, []string{end})
		return append(keys, groups...), err
	}
	members, err := s.Members(ctx, t, end, "", maxExamined+1)
	if len(members) > maxExamined {
		return nil, errTooMany()
	}
	for _, m := range members {
		keys = append(keys, resourceKey(t, Ref{Kind: kind, ID: m.ID}))
	}
	return keys, err
}

// purgeEdges removes what edges are left of a tombstone.
func (s *Mongo) purgeEdges(ctx context.Context, key string) error {
	t, ref := splitKey(key)
	if ref.Kind == "Group" {
		of := bson.M{"$gt": edgeKey(key, ""), "$lt": edgeKey(key, "\x7f")}
		if _, err := s.edges.DeleteMany(ctx, bson.M{"_id": of}); err != nil {
			return err
		}
	}
	_, err := s.edges.DeleteMany(ctx, bson.M{"of": string(t) + "/" + ref.ID})
	return err
}
