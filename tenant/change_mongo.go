package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// changeDocument is one change. Its body is opaque, as others are.
type changeDocument struct {
	ID     string `bson:"_id"`
	Mark   string `bson:"mark"`
	Tenant ID     `bson:"tenant"`
	Actor  string `bson:"actor"`
	Name   string `bson:"actorName"`
	Doc    []byte `bson:"doc"`
}

// BeginChange implements Changes.
func (s *Mongo) BeginChange(ctx context.Context, c *Change) error {
	doc, err := encodeChange(c)
	if err != nil {
		return err
	}
	mark := uuid.NewString()
	return insert(ctx, s.changes, c.ID, mark, changeDocument{
		ID: c.ID, Mark: mark, Tenant: c.Tenant, Actor: c.Actor.String(), Name: c.Actor.Name, Doc: doc,
	})
}

// EndChange implements Changes. Sent twice it sets the same twice.
func (s *Mongo) EndChange(ctx context.Context, c *Change) error {
	doc, err := encodeChange(c)
	if err != nil {
		return err
	}
	result, err := s.changes.UpdateOne(ctx, byID(c.ID), bson.D{{Key: "$set", Value: bson.D{
		{Key: "tenant", Value: c.Tenant}, {Key: "doc", Value: doc},
	}}})
	if err == nil && result.MatchedCount == 0 {
		return ErrNotFound
	}
	return err
}

// Changes implements Changes.
func (s *Mongo) Changes(ctx context.Context, q ChangeQuery) ([]*Change, error) {
	if q.Limit <= 0 { // 0 means "no limit" to the server
		return []*Change{}, nil
	}
	which := bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: q.from()}, {Key: "$lt", Value: q.to()}}}}
	if q.Tenant != "" {
		which = append(bson.D{{Key: "tenant", Value: q.Tenant}}, which...)
	}
	if q.Actor != "" { // ";" follows ":"
		kind := bson.D{{Key: "$gte", Value: q.Actor + ":"}, {Key: "$lt", Value: q.Actor + ";"}}
		which = append(which, bson.E{Key: "$or", Value: bson.A{
			bson.D{{Key: "actor", Value: q.Actor}}, bson.D{{Key: "actor", Value: kind}}, bson.D{{Key: "actorName", Value: q.Actor}},
		}})
	}
	newest := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}}).SetLimit(int64(q.Limit))
	return list(ctx, s.changes, which, newest, func(d changeDocument) (*Change, error) { return decodeChange(d.Doc) })
}

// PurgeChanges implements Changes.
func (s *Mongo) PurgeChanges(ctx context.Context, before time.Time) error {
	_, err := s.changes.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lt", Value: changeIDAt(before)}}}})
	return err
}
