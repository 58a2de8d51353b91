package directory

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

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
