package directory

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"scimgate/scim"
	"scimgate/tenant"
)

// Mongo is a Store, Deliveries and Journal in four collections of a MongoDB database:
// resources, the edges between them, the shares that accounts have of these, and
// what is told of them. It is written for what MongoDB, Azure DocumentDB and Amazon
// DocumentDB share. Every
// write is one operation on one document and names the version that it expects,
// so that a write which is sent twice does nothing the second time; a random mark
// tells a writer that the first was its own.
//
// A document:
//
//	_id       "acme/User/<id>"
//	part      "acme/User"                absent on tombstones, as are
//	name      "acme/User/<folded name>"  unique
//	body      the attributes, opaque
//	entries   what it is found by, see index.go
//	v, created, modified, mark           version, milliseconds, who wrote last
//	leaver, gone                         on tombstones: hash of the name; milliseconds
//	epoch, pend, unsettled               of groups, see edges_state_mongo.go
//	w0 … w3   work-list entry of a slot, absent when clean (key.go)
//	d0 … d3   delivery record of a slot, JSON (delivery.go)
//	m0 … m3   mark of that record
//	req, evt, untold  see journal_mongo.go
type Mongo struct {
	resources *mongo.Collection
	edges     *mongo.Collection
	shares    *mongo.Collection
	journal   *mongo.Collection
	turns     turns
	now       func() time.Time
}

var (
	_ Store      = (*Mongo)(nil)
	_ Deliveries = (*Mongo)(nil)
	_ Journal    = (*Mongo)(nil)
)

// OpenMongo uses the collections "resources", "edges", "shares" and "journal" of db
// and makes the
// indexes that it needs. Reads go to the primary and writes to a majority, whatever db says. The
// client is the caller's to close.
func OpenMongo(ctx context.Context, db *mongo.Database) (*Mongo, error) {
	journaled := writeconcern.Majority()
	journaled.Journal = new(true)
	own := options.Collection().SetWriteConcern(journaled).SetReadPreference(readpref.Primary())
	s := &Mongo{
		resources: db.Collection("resources", own), edges: db.Collection("edges", own),
		shares: db.Collection("shares", own), journal: db.Collection("journal", own),
		turns: newTurns(), now: time.Now,
	}
	if _, err := s.resources.Indexes().CreateMany(ctx, mongoIndexes()); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	if _, err := s.edges.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "of", Value: 1}}}); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	if _, err := s.shares.Indexes().CreateMany(ctx, shareIndexes()); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	return s, s.openJournal(ctx)
}

func mongoIndexes() []mongo.IndexModel {
	sparse := func(field string) mongo.IndexModel {
		return mongo.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetSparse(true)}
	}
	name := sparse("name")
	name.Options.SetUnique(true)
	models := []mongo.IndexModel{
		name, sparse("leaver"), sparse("gone"), sparse("unsettled"), sparse("untold"),
		{Keys: bson.D{{Key: "part", Value: 1}, {Key: "_id", Value: 1}}},
		{Keys: bson.D{{Key: "part", Value: 1}, {Key: "entries", Value: 1}}},
	}
	for slot := range tenant.Slot(tenant.MaxConnections) {
		models = append(models, sparse(workField(slot)))
	}
	return models
}

func workField(s tenant.Slot) string   { return "w" + strconv.Itoa(int(s)) }
func recordField(s tenant.Slot) string { return "d" + strconv.Itoa(int(s)) }
func markField(s tenant.Slot) string   { return "m" + strconv.Itoa(int(s)) }

// withoutEntries leaves out of an answer what only the server needs.
var withoutEntries = bson.D{{Key: "entries", Value: 0}}

// Ping implements Store.
func (s *Mongo) Ping(ctx context.Context) error {
	err := s.resources.FindOne(ctx, bson.M{"_id": ""}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	return err
}

// Get implements Store.
func (s *Mongo) Get(ctx context.Context, t tenant.ID, ref Ref) (*scim.Resource, error) {
	raw, err := s.find(ctx, bson.M{"_id": resourceKey(t, ref), "part": part(t, ref.Kind)})
	if err != nil {
		return nil, err
	}
	return storedOf(raw).resource, nil
}

func (s *Mongo) find(ctx context.Context, filter bson.M) (bson.Raw, error) {
	raw, err := s.resources.FindOne(ctx, filter, options.FindOne().SetProjection(withoutEntries)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, ErrNotFound
	}
	return raw, err
}

// Erase implements Store.
func (s *Mongo) Erase(ctx context.Context, t tenant.ID) error {
	if _, err := s.resources.DeleteMany(ctx, bson.M{"_id": keysOf(t)}); err != nil {
		return err
	}
	for _, of := range []*mongo.Collection{s.shares, s.edges, s.journal} {
		if _, err := of.DeleteMany(ctx, bson.M{"_id": keysOf(t)}); err != nil {
			return err
		}
	}
	return nil
}

// keysOf is the range of a tenant's keys: "0" follows "/".
func keysOf(t tenant.ID) bson.M { return bson.M{"$gte": string(t) + "/", "$lt": string(t) + "0"} }

func textOf(raw bson.Raw, field string) string {
	s, _ := raw.Lookup(field).StringValueOK()
	return s
}

func numberOf(raw bson.Raw, field string) int64 {
	n, _ := raw.Lookup(field).AsInt64OK()
	return n
}

// storedOf reads a document.
func storedOf(raw bson.Raw) stored {
	_, ref := splitKey(textOf(raw, "_id"))
	_, body, live := raw.Lookup("body").BinaryOK()
	row := stored{deleted: !live}
	if v := uint64(numberOf(raw, "v")); live {
		row.resource = scim.StoredResource(ref.Kind, ref.ID, v, body)
	} else {
		row.resource = tombstone(ref, v)
	}
	row.originFrom(textOf(raw, "req"))
	row.resource.Created = time.UnixMilli(numberOf(raw, "created")).UTC()
	row.resource.LastModified = time.UnixMilli(numberOf(raw, "modified")).UTC()
	return row
}
