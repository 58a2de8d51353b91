package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// tokenDocument is one token.
type tokenDocument struct {
	KeyID    string `bson:"_id"`
	Tenant   ID     `bson:"tenant"`
	Mark     string `bson:"mark"`
	Hash     []byte `bson:"hash"`
	Label    string `bson:"label"`
	Created  int64  `bson:"created"`
	Expires  int64  `bson:"expires"`
	LastUsed int64  `bson:"used"`
}

func (d tokenDocument) token() *Token {
	return &Token{
		KeyID: d.KeyID, Tenant: d.Tenant, Hash: d.Hash, Label: d.Label,
		Created: fromMillis(d.Created), Expires: fromMillis(d.Expires), LastUsed: fromMillis(d.LastUsed),
	}
}

// CreateToken implements Store.
func (s *Mongo) CreateToken(ctx context.Context, t *Token) error {
	mark := uuid.NewString()
	return insert(ctx, s.tokens, t.KeyID, mark, tokenDocument{
		KeyID: t.KeyID, Tenant: t.Tenant, Mark: mark, Hash: t.Hash, Label: t.Label,
		Created: toMillis(t.Created), Expires: toMillis(t.Expires), LastUsed: toMillis(t.LastUsed),
	})
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

func tokenOf(id ID, keyID string) bson.D {
	return bson.D{{Key: "_id", Value: keyID}, {Key: "tenant", Value: id}}
}
