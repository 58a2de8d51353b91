package tenant

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// The documents. Bodies are opaque, so that nothing in them meets the rules for
// field names; instants are milliseconds since 1970.
type (
	tenantDocument struct {
		ID      ID     `bson:"_id"`
		Version int64  `bson:"v"`
		Mark    string `bson:"mark"`
		Doc     []byte `bson:"doc"`
	}
	tokenDocument struct {
		KeyID    string `bson:"_id"`
		Tenant   ID     `bson:"tenant"`
		Mark     string `bson:"mark"`
		Hash     []byte `bson:"hash"`
		Label    string `bson:"label"`
		Created  int64  `bson:"created"`
		Expires  int64  `bson:"expires"`
		LastUsed int64  `bson:"used"`
	}
	rulesDocument struct {
		ID        string `bson:"_id"` // "<tenant>/<rev, 20 digits>"
		Mark      string `bson:"mark"`
		Rev       int64  `bson:"rev"`
		Rules     []byte `bson:"rules"`
		Author    string `bson:"author"`
		Published int64  `bson:"published"`
	}
)

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
	_, err := s.tokens.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "tenant", Value: 1}}})
	for _, prepare := range []func(context.Context) error{s.preparePasses, s.prepareCredentials, s.prepareAPIKeys, s.prepareChanges} {
		if err == nil {
			err = prepare(ctx)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("prepare the tenant store: %w", err)
	}
	return s, nil
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

// CreateToken implements Store.
func (s *Mongo) CreateToken(ctx context.Context, t *Token) error {
	mark := uuid.NewString()
	return insert(ctx, s.tokens, t.KeyID, mark, tokenDocument{
		KeyID: t.KeyID, Tenant: t.Tenant, Mark: mark, Hash: t.Hash, Label: t.Label,
		Created: toMillis(t.Created), Expires: toMillis(t.Expires), LastUsed: toMillis(t.LastUsed),
	})
}

func (d tokenDocument) token() *Token {
	return &Token{
		KeyID: d.KeyID, Tenant: d.Tenant, Hash: d.Hash, Label: d.Label,
		Created: fromMillis(d.Created), Expires: fromMillis(d.Expires), LastUsed: fromMillis(d.LastUsed),
	}
}

// Token implements Store.
func (s *Mongo) Token(ctx context.Context, keyID string) (*Token, error) {
	stored, err := find[tokenDocument](ctx, s.tokens, byID(keyID))
	if err != nil {
		return nil, err
	}
	return stored.token(), nil
}

// Tokens implements Store.
func (s *Mongo) Tokens(ctx context.Context, id ID) ([]*Token, error) {
	newest := options.Find().SetSort(bson.D{{Key: "created", Value: -1}, {Key: "_id", Value: 1}})
	return list(ctx, s.tokens, bson.D{{Key: "tenant", Value: id}}, newest,
		func(d tokenDocument) (*Token, error) { return d.token(), nil })
}

// UpdateToken implements Store. Sent twice it sets the same twice.
func (s *Mongo) UpdateToken(ctx context.Context, id ID, keyID string, edit func(*Token) error) (*Token, error) {
	return race(ctx, func() (*Token, bool, error) {
		old, next, err := editToken(ctx, s, id, keyID, edit)
		if err != nil {
			return nil, false, err
		}
		mark := uuid.NewString()
		same := append(tokenOf(id, keyID), bson.E{Key: "hash", Value: old.Hash},
			bson.E{Key: "label", Value: old.Label}, bson.E{Key: "expires", Value: toMillis(old.Expires)})
		result, err := s.tokens.UpdateOne(ctx, same, bson.D{{Key: "$set", Value: bson.D{
			{Key: "hash", Value: next.Hash},
			{Key: "label", Value: next.Label},
			{Key: "expires", Value: toMillis(next.Expires)},
			{Key: "mark", Value: mark},
		}}})
		if err != nil || result.MatchedCount == 1 {
			return next, err == nil, err
		}
		won, err := marked(ctx, s.tokens, keyID, mark)
		return next, won, err
	})
}

// RevokeToken implements Store.
func (s *Mongo) RevokeToken(ctx context.Context, id ID, keyID string) error {
	result, err := s.tokens.DeleteOne(ctx, tokenOf(id, keyID))
	if err == nil && result.DeletedCount == 0 {
		return ErrNotFound
	}
	return err
}

// TouchToken implements Store.
func (s *Mongo) TouchToken(ctx context.Context, id ID, keyID string, at time.Time) error {
	older := append(tokenOf(id, keyID), bson.E{Key: "used", Value: bson.D{{Key: "$lt", Value: toMillis(at)}}})
	_, err := s.tokens.UpdateOne(ctx, older,
		bson.D{{Key: "$set", Value: bson.D{{Key: "used", Value: toMillis(at)}}}})
	return err
}

// SaveRules implements Store.
func (s *Mongo) SaveRules(ctx context.Context, id ID, v RulesVersion) error {
	key, mark := fmt.Sprintf("%s/%020d", id, v.Rev), uuid.NewString()
	return insert(ctx, s.rules, key, mark, rulesDocument{
		ID: key, Mark: mark, Rev: int64(v.Rev), Rules: v.Rules,
		Author: v.Author, Published: toMillis(v.Published),
	})
}

// RulesVersions implements Store.
func (s *Mongo) RulesVersions(ctx context.Context, id ID) ([]RulesVersion, error) {
	newest := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}})
	return list(ctx, s.rules, rulesOf(id), newest, func(d rulesDocument) (RulesVersion, error) {
		return RulesVersion{
			Rev: uint64(d.Rev), Rules: d.Rules, Author: d.Author, Published: fromMillis(d.Published),
		}, nil
	})
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

func tokenOf(id ID, keyID string) bson.D {
	return bson.D{{Key: "_id", Value: keyID}, {Key: "tenant", Value: id}}
}

// rulesOf is the range of a tenant's rules: "0" is the character after "/".
func rulesOf(id ID) bson.D {
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: id + "/"}, {Key: "$lt", Value: id + "0"}}}}
}

// insert stores a new document; an id that is taken is ErrExists, unless the
// document there is this very one, stored by the first of two sendings.
func insert(ctx context.Context, c *mongo.Collection, id, mark string, doc any) error {
	_, err := c.InsertOne(ctx, doc)
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	mine, err := marked(ctx, c, id, mark)
	if err == nil && !mine {
		return ErrExists
	}
	return err
}

// marked reports whether the document of an id bears the mark.
func marked(ctx context.Context, c *mongo.Collection, id, mark string) (bool, error) {
	err := c.FindOne(ctx, append(byID(id), bson.E{Key: "mark", Value: mark})).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

func find[D any](ctx context.Context, c *mongo.Collection, filter bson.D) (doc D, err error) {
	err = c.FindOne(ctx, filter).Decode(&doc)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return doc, ErrNotFound
	}
	return doc, err
}

func list[D, T any](
	ctx context.Context, c *mongo.Collection, filter bson.D,
	order *options.FindOptionsBuilder, convert func(D) (T, error),
) ([]T, error) {
	cursor, err := c.Find(ctx, filter, order)
	if err != nil {
		return nil, err
	}
	var docs []D
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	all := make([]T, 0, len(docs))
	for _, doc := range docs {
		item, err := convert(doc)
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}
