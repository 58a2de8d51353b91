package tenant

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// Mongo is a Store in a MongoDB database, written for what MongoDB, Azure
// DocumentDB and Amazon DocumentDB share. Some of them apply a write twice when
// the driver sends it again after a broken connection, so each write of a
// document carries a random mark by which it recognises itself.
type Mongo struct {
	tenants, tokens, rules, ledgers, leases, departures, dataKeys *mongo.Collection
	passes, credentials, apiKeys, changes, tallies, notes         *mongo.Collection

	clock serverClock
}

// tenantDocument is one tenant. The bodies of documents are opaque, so that nothing in
// them meets the rules for field names; instants are milliseconds since 1970.
type tenantDocument struct {
	ID      ID     `bson:"_id"`
	Version int64  `bson:"v"`
	Mark    string `bson:"mark"`
	Doc     []byte `bson:"doc"`
}

// OpenMongo uses thirteen collections of db, tenants, tokens, rules, ledgers, leases,
// departures, passes, credentials, apiKeys, changes, tallies, notes and dataKeys, and
// makes the indexes that it needs. The client is the caller's to close.
func OpenMongo(ctx context.Context, db *mongo.Database) (*Mongo, error) {
	own := options.Collection().SetWriteConcern(writeconcern.Majority()).SetReadPreference(readpref.Primary())
	s := &Mongo{
		tenants: db.Collection("tenants", own),
		tokens:  db.Collection("tokens", own),
		rules:   db.Collection("rules", own),
		ledgers: db.Collection("ledgers", own),
		passes:  db.Collection("passes", own),
		leases:  db.Collection("leases", own),

		departures:  db.Collection("departures", own),
		credentials: db.Collection("credentials", own),
		notes:       db.Collection("notes", own),
		apiKeys:     db.Collection("apiKeys", own),
		changes:     db.Collection("changes", own),
		tallies:     db.Collection("tallies", own),
		dataKeys:    db.Collection("dataKeys", own),
	}
	if err := s.makeIndexes(ctx); err != nil {
		return nil, fmt.Errorf("prepare the tenant store: %w", err)
	}
	return s, nil
}

// makeIndexes makes those by which is found what a tenant has many of.
func (s *Mongo) makeIndexes(ctx context.Context) error {
	ofTenant := bson.D{{Key: "tenant", Value: 1}}
	for _, index := range []struct {
		of   *mongo.Collection
		keys bson.D
	}{
		{s.tokens, ofTenant},
		{s.passes, ofTenant},
		{s.credentials, ofTenant},
		{s.apiKeys, append(ofTenant[:1:1], bson.E{Key: "_id", Value: 1})},
		{s.changes, append(ofTenant[:1:1], bson.E{Key: "_id", Value: -1})},
	} {
		if _, err := index.of.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: index.keys}); err != nil {
			return err
		}
	}
	return nil
}

// Ping implements Store.
func (s *Mongo) Ping(ctx context.Context) error {
	err := s.tenants.FindOne(ctx, byID("")).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	return err
}

// CreateTenant implements Store.
func (s *Mongo) CreateTenant(ctx context.Context, t *Tenant) error {
	t.Version = 1
	doc, err := encode(t)
	if err != nil {
		return err
	}
	mark := uuid.NewString()
	return insert(ctx, s.tenants, string(t.ID), mark, tenantDocument{ID: t.ID, Version: 1, Mark: mark, Doc: doc})
}

// Tenant implements Store.
func (s *Mongo) Tenant(ctx context.Context, id ID) (*Tenant, error) {
	stored, err := find[tenantDocument](ctx, s.tenants, byID(string(id)))
	if err != nil {
		return nil, err
	}
	return decode(stored.Doc)
}

// Tenants implements Store.
func (s *Mongo) Tenants(ctx context.Context, after ID, limit int) ([]*Tenant, error) {
	if limit <= 0 { // 0 means "no limit" to the server
		return []*Tenant{}, nil
	}
	later := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}
	page := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit))
	return list(ctx, s.tenants, later, page, func(d tenantDocument) (*Tenant, error) { return decode(d.Doc) })
}

// UpdateTenant implements Store.
func (s *Mongo) UpdateTenant(ctx context.Context, id ID, edit func(*Tenant) error) (*Tenant, error) {
	load := func() (*Tenant, error) { return s.Tenant(ctx, id) }
	return update(ctx, edit, load, func(next *Tenant) (bool, error) { return s.swap(ctx, next) })
}

func (s *Mongo) swap(ctx context.Context, next *Tenant) (bool, error) {
	doc, err := encode(next)
	if err != nil {
		return false, err
	}
	mark, version := uuid.NewString(), int64(next.Version)
	before := bson.D{{Key: "_id", Value: next.ID}, {Key: "v", Value: version - 1}}
	result, err := s.tenants.UpdateOne(ctx, before, bson.D{{Key: "$set", Value: bson.D{ // what a newer build put beside it stays
		{Key: "v", Value: version}, {Key: "mark", Value: mark}, {Key: "doc", Value: doc},
	}}})
	if err != nil {
		return false, err
	}
	if result.MatchedCount == 1 {
		return true, nil
	}
	return marked(ctx, s.tenants, string(next.ID), mark)
}

// DeleteTenant implements Store. It is several writes: the data key goes first,
// the tenant after its dependents, so that who is interrupted can delete it again,
// and these once more at the end, for what was made meanwhile.
func (s *Mongo) DeleteTenant(ctx context.Context, id ID) error {
	if err := s.deleteDependents(ctx, id); err != nil {
		return err
	}
	result, err := s.tenants.DeleteOne(ctx, byID(string(id)))
	if err != nil {
		return err
	}
	if err := s.deleteDependents(ctx, id); err != nil {
		return err
	}
	if result.DeletedCount == 0 {
		return ErrNotFound
	}
	return nil
}

// deleteDependents removes all that is kept of a tenant besides itself.
func (s *Mongo) deleteDependents(ctx context.Context, id ID) error {
	for _, c := range []*mongo.Collection{s.dataKeys, s.ledgers, s.leases, s.tallies} {
		if _, err := c.DeleteOne(ctx, byID(string(id))); err != nil {
			return err
		}
	}
	for _, c := range []*mongo.Collection{s.tokens, s.credentials, s.passes, s.apiKeys, s.changes} {
		if _, err := c.DeleteMany(ctx, bson.D{{Key: "tenant", Value: id}}); err != nil {
			return err
		}
	}
	if _, err := s.rules.DeleteMany(ctx, rulesOf(id)); err != nil {
		return err
	}
	return errors.Join(s.deleteDepartures(ctx, id), s.DropNotes(ctx, id, ""))
}
