package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// passDocument is one pass. Taker is "" until somebody takes it, and then the
// random mark of whoever did.
type passDocument struct {
	ID      string   `bson:"_id"` // "<kind>/<id>"
	Mark    string   `bson:"mark"`
	Kind    PassKind `bson:"kind"`
	Pass    string   `bson:"pass"` // the id alone
	Tenant  ID       `bson:"tenant"`
	Body    []byte   `bson:"body"`
	Created int64    `bson:"created"`
	Expires int64    `bson:"expires"`
	Seen    int64    `bson:"seen"`
	Taker   string   `bson:"taker"`
}

func (d passDocument) toPass() (*Pass, error) {
	return &Pass{
		Kind: d.Kind, ID: d.Pass, Tenant: d.Tenant, Body: d.Body,
		Created: fromMillis(d.Created), Expires: fromMillis(d.Expires), Seen: fromMillis(d.Seen),
	}, nil
}

func passKey(kind PassKind, id string) string { return string(kind) + "/" + id }

// livingPass adds to a filter that nobody has taken the pass and that it has not expired.
func livingPass(filter bson.D, now time.Time) bson.D {
	return append(filter, bson.E{Key: "taker", Value: ""},
		bson.E{Key: "expires", Value: bson.D{{Key: "$gt", Value: toMillis(now)}}})
}

// SavePass implements Passes.
func (s *Mongo) SavePass(ctx context.Context, p *Pass) error {
	key, mark := passKey(p.Kind, p.ID), uuid.NewString()
	return insert(ctx, s.passes, key, mark, passDocument{
		ID: key, Mark: mark, Kind: p.Kind, Pass: p.ID, Tenant: p.Tenant, Body: p.Body,
		Created: toMillis(p.Created), Expires: toMillis(p.Expires), Seen: toMillis(p.Seen),
	})
}

// Pass implements Passes.
func (s *Mongo) Pass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error) {
	stored, err := find[passDocument](ctx, s.passes, livingPass(byID(passKey(kind, id)), now))
	if err != nil {
		return nil, err
	}
	return stored.toPass()
}

// Passes implements Passes.
func (s *Mongo) Passes(ctx context.Context, kind PassKind, t ID, now time.Time) ([]*Pass, error) {
	newest := options.Find().SetSort(bson.D{{Key: "created", Value: -1}, {Key: "_id", Value: 1}})
	of := bson.D{{Key: "tenant", Value: t}, {Key: "kind", Value: kind}}
	return list(ctx, s.passes, livingPass(of, now), newest, passDocument.toPass)
}

// SeePass implements Passes.
func (s *Mongo) SeePass(ctx context.Context, kind PassKind, id string, at time.Time) error {
	older := append(byID(passKey(kind, id)), bson.E{Key: "seen", Value: bson.D{{Key: "$lt", Value: toMillis(at)}}})
	_, err := s.passes.UpdateOne(ctx, older, bson.D{{Key: "$set", Value: bson.D{{Key: "seen", Value: toMillis(at)}}}})
	return err
}

// TakePass implements Passes. A pass that was taken stays until it expires, so
// that a taking that the driver sends twice knows its own mark again.
func (s *Mongo) TakePass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error) {
	mark, key := uuid.NewString(), byID(passKey(kind, id))
	_, err := s.passes.UpdateOne(ctx, livingPass(byID(passKey(kind, id)), now),
		bson.D{{Key: "$set", Value: bson.D{{Key: "taker", Value: mark}}}})
	if err != nil {
		return nil, err
	}
	stored, err := find[passDocument](ctx, s.passes, append(key, bson.E{Key: "taker", Value: mark}))
	if err != nil {
		return nil, err
	}
	return stored.toPass()
}

// DropPass implements Passes.
func (s *Mongo) DropPass(ctx context.Context, kind PassKind, id string) error {
	_, err := s.passes.DeleteOne(ctx, byID(passKey(kind, id)))
	return err
}

// PurgePasses implements Passes.
func (s *Mongo) PurgePasses(ctx context.Context, before time.Time) error {
	_, err := s.passes.DeleteMany(ctx, bson.D{{Key: "expires", Value: bson.D{{Key: "$lt", Value: toMillis(before)}}}})
	return err
}
