package directory

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// byKey is the order of pages: ids are made in the order of creation.
var byKey = bson.D{{Key: "_id", Value: 1}}

// List implements Store.
func (s *Mongo) List(ctx context.Context, t tenant.ID, q Query) (*Page, error) {
	if q.Filter == nil {
		return s.pageOf(ctx, t, q)
	}
	where := bson.M{"part": part(t, q.Kind)}
	if look := plan(q.Kind, q.Filter); look != nil {
		look, err := s.resolveEnds(ctx, t, q.Kind, look)
		if err != nil {
			return nil, err
		}
		where = bson.M{"$and": bson.A{where, look.mongo(t, q.Kind)}}
	} else if n, err := s.resources.CountDocuments(ctx, where, options.Count().SetLimit(maxExamined+1)); err != nil {
		return nil, err
	} else if n > maxExamined {
		return nil, errTooMany()
	}
	c := newCollector(q, func(r *scim.Resource, n *needs) ([]Member, error) { return endsOf(ctx, s, t, r, n) })
	err := s.each(ctx, where, options.Find().SetSort(byKey).SetLimit(maxExamined+1), c.see)
	if err != nil {
		return nil, err
	}
	return &c.page, nil
}

func (s *Mongo) pageOf(ctx context.Context, t tenant.ID, q Query) (*Page, error) {
	where := bson.M{"part": part(t, q.Kind)}
	total, err := s.resources.CountDocuments(ctx, where)
	if err != nil {
		return nil, err
	}
	page := &Page{Total: int(total)}
	if q.Count == 0 || q.StartIndex > page.Total {
		return page, nil
	}
	some := options.Find().SetSort(byKey).SetSkip(int64(q.StartIndex - 1)).SetLimit(int64(q.Count))
	err = s.each(ctx, where, some, func(r *scim.Resource) error {
		page.Resources = append(page.Resources, r)
		return nil
	})
	return page, err
}

// each calls f for every resource that where finds.
func (s *Mongo) each(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(*scim.Resource) error) error {
	return s.eachRaw(ctx, where, how.SetProjection(withoutEntries), func(raw bson.Raw) error {
		own := append(bson.Raw(nil), raw...) // the cursor's bytes are its own
		return f(storedOf(own).resource)
	})
}

func (s *Mongo) eachRaw(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(bson.Raw) error) (err error) {
	cursor, err := s.resources.Find(ctx, where, how)
	if err != nil {
		return err
	}
	defer func() {
		if closing := cursor.Close(context.WithoutCancel(ctx)); err == nil {
			err = closing
		}
	}()
	for cursor.Next(ctx) {
		if err := f(cursor.Current); err != nil {
			return err
		}
	}
	return cursor.Err()
}

// mongo is the look-up as a query. A range must hold of one entry, hence
// $elemMatch; which of several conditions an index answers, the server decides.
func (l *lookup) mongo(t tenant.ID, kind string) bson.M {
	switch {
	case l.keys != nil:
		return bson.M{"_id": bson.M{"$in": l.keys}}
	case l.id != "":
		return bson.M{"_id": resourceKey(t, Ref{Kind: kind, ID: l.id})}
	case l.name != "":
		return bson.M{"name": part(t, kind) + "/" + l.name}
	case len(l.any) > 0:
		return bson.M{"$or": mongoParts(t, kind, l.any)}
	case len(l.all) > 0:
		return bson.M{"$and": mongoParts(t, kind, l.all)}
	case l.high == "":
		return bson.M{"entries": l.low}
	default:
		return bson.M{"entries": bson.M{"$elemMatch": bson.M{"$gte": l.low, "$lt": l.high}}}
	}
}

func mongoParts(t tenant.ID, kind string, parts []*lookup) bson.A {
	queries := make(bson.A, len(parts))
	for i, l := range parts {
		queries[i] = l.mongo(t, kind)
	}
	return queries
}
