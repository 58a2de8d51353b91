package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// apiKeyDocument is one API key.
type apiKeyDocument struct {
	ID       string `bson:"_id"`
	Mark     string `bson:"mark"`
	Tenant   ID     `bson:"tenant"`
	Role     Role   `bson:"role"`
	Name     string `bson:"label"` // "name" is what tenants' ids are searched in (remains)
	Author   string `bson:"author"`
	Hash     []byte `bson:"hash"`
	Created  int64  `bson:"created"`
	Expires  int64  `bson:"expires"`
	LastUsed int64  `bson:"used"`
}

func (d apiKeyDocument) apiKey() (*APIKey, error) {
	return &APIKey{
		ID: d.ID, Tenant: d.Tenant, Role: d.Role, Name: d.Name, Author: d.Author, Hash: d.Hash,
		Created: fromMillis(d.Created), Expires: fromMillis(d.Expires), LastUsed: fromMillis(d.LastUsed),
	}, nil
}

// CreateAPIKey implements APIKeys.
func (s *Mongo) CreateAPIKey(ctx context.Context, k *APIKey) error {
	mark := uuid.NewString()
	return insert(ctx, s.apiKeys, k.ID, mark, apiKeyDocument{
		ID: k.ID, Mark: mark, Tenant: k.Tenant, Role: k.Role, Name: k.Name, Author: k.Author, Hash: k.Hash,
		Created: toMillis(k.Created), Expires: toMillis(k.Expires), LastUsed: toMillis(k.LastUsed),
	})
}

// APIKey implements APIKeys.
func (s *Mongo) APIKey(ctx context.Context, id string) (*APIKey, error) {
	stored, err := find[apiKeyDocument](ctx, s.apiKeys, byID(id))
	if err != nil {
		return nil, err
	}
	return stored.apiKey()
}

// APIKeys implements APIKeys.
func (s *Mongo) APIKeys(ctx context.Context, t ID, after string, limit int) ([]*APIKey, error) {
	if limit <= 0 { // 0 means "no limit" to the server
		return []*APIKey{}, nil
	}
	which := bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: after}}}}
	if t != "" {
		which = append(bson.D{{Key: "tenant", Value: t}}, which...)
	}
	page := options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(limit))
	return list(ctx, s.apiKeys, which, page, apiKeyDocument.apiKey)
}

// DeleteAPIKey implements APIKeys.
func (s *Mongo) DeleteAPIKey(ctx context.Context, id string) error {
	result, err := s.apiKeys.DeleteOne(ctx, byID(id))
	if err == nil && result.DeletedCount == 0 {
		return ErrNotFound
	}
	return err
}

// TouchAPIKey implements APIKeys.
func (s *Mongo) TouchAPIKey(ctx context.Context, id string, at time.Time, hash []byte) error {
	older := append(byID(id), bson.E{Key: "used", Value: bson.D{{Key: "$lt", Value: toMillis(at)}}})
	_, err := s.apiKeys.UpdateOne(ctx, older, bson.D{{Key: "$set", Value: bson.D{
		{Key: "used", Value: toMillis(at)}, {Key: "hash", Value: hash},
	}}})
	return err
}
