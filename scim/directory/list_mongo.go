package directory

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// byKey is the order of pages: ids are made in the order of creation.
var byKey = bson.D{{Key: "_id", Value: 1}}

// List implements Store.
func (s *Mongo) List(ctx context.Context, t tenant.ID, q Query) (*Page, error) {
	if w := walkOf(q); q.Filter == nil && (w != noWalk || q.SortBy == nil) {
		return s.walkPage(ctx, t, q, w)
	}
	where := bson.M{"part": part(t, q.Kind)}
	if look := planOf(q); look != nil {
		look, err := s.resolveEnds(ctx, t, q.Kind, look)
		if err != nil {
			return nil, err
		}
		where = bson.M{"$and": bson.A{where, look.mongo(t, q.Kind)}}
	} else if n, err := s.resources.CountDocuments(ctx, where, options.Count().SetLimit(int64(q.most()+1))); err != nil {
		return nil, err
	} else if n > int64(q.most()) {
		return nil, errTooMany()
	}
	c := newCollector(q, func(r *scim.Resource, n *needs) ([]Member, error) { return endsOf(ctx, s, t, r, n) })
	err := s.each(ctx, where, options.Find().SetSort(byKey).SetLimit(int64(q.most()+1)), c.see)
	if err != nil {
		return nil, err
	}
	return c.finish(func(id string) (*scim.Resource, error) { return s.Get(ctx, t, Ref{Kind: q.Kind, ID: id}) })
}

// walkPage reads a page along an index, by id where the Query names no order.
func (s *Mongo) walkPage(ctx context.Context, t tenant.ID, q Query, w walk) (*Page, error) {
	where, page := bson.M{"part": part(t, q.Kind)}, &Page{}
	if !q.Uncounted {
		total, err := s.resources.CountDocuments(ctx, where)
		page.Total = int(total)
		if err != nil || q.Count == 0 || q.After == nil && q.StartIndex > page.Total {
			return page, err
		}
	}
	how, err := walkMongo(t, q, w, where)
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, where, how.SetLimit(int64(q.Count+1)), func(r *scim.Resource) error {
		page.Resources = append(page.Resources, r)
		return nil
	})
	return page.cut(q, w), err
}

// walkMongo bounds where to what a walk goes along, and says in which order.
func walkMongo(t tenant.ID, q Query, w walk, where bson.M) (*options.FindOptionsBuilder, error) {
	field, step, follows := "_id", 1, "$gt"
	if w == byNameKey {
		field = "name"
	}
	if q.Descending && q.SortBy != nil {
		step, follows = -1, "$lt"
	}
	how := options.Find().SetSort(bson.D{{Key: field, Value: step}})
	switch {
	case q.After == nil:
		return how.SetSkip(int64(q.StartIndex - 1)), nil
	case *q.After != "":
		from, err := walkFrom(part(t, q.Kind), *q.After)
		where[field] = bson.M{follows: from}
		return how, err
	default:
		return how, nil
	}
}

// each calls f for every resource that where finds.
func (s *Mongo) each(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(*scim.Resource) error) error {
	return s.eachRaw(ctx, where, how.SetProjection(withoutEntries), func(raw bson.Raw) error {
		own := append(bson.Raw(nil), raw...) // the cursor's bytes are its own
		return f(storedOf(own).resource)
	})
}

func (s *Mongo) eachRaw(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(bson.Raw) error) error {
	return eachOf(ctx, s.resources, where, how, f)
}

// eachOf calls f for every document of a collection that where finds, until f fails.
// What f is given is valid until it returns.
func eachOf(ctx context.Context, c *mongo.Collection, where bson.M, how *options.FindOptionsBuilder, f func(bson.Raw) error) (err error) {
	cursor, err := c.Find(ctx, where, how)
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
