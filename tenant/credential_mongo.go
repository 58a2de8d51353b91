package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// credentialDocument is one credential. Its body is opaque, as others are.
type credentialDocument struct {
	ID       string `bson:"_id"`
	Tenant   ID     `bson:"tenant"`
	Version  int64  `bson:"v"`
	Mark     string `bson:"mark"`
	Doc      []byte `bson:"doc"`
	Created  int64  `bson:"created"`
	LastUsed int64  `bson:"used"`
}

func (d credentialDocument) credential() (*Credential, error) {
	return decodeCredential(d.Doc, d.LastUsed)
}

// CreateCredential implements Credentials.
func (s *Mongo) CreateCredential(ctx context.Context, c *Credential) error {
	doc, err := encodeCredential(c)
	if err != nil {
		return err
	}
	mark := uuid.NewString()
	return insert(ctx, s.credentials, c.ID, mark, credentialDocument{
		ID: c.ID, Tenant: c.Tenant, Version: 1, Mark: mark, Doc: doc,
		Created: toMillis(c.Created), LastUsed: toMillis(c.LastUsed),
	})
}

// Credential implements Credentials.
func (s *Mongo) Credential(ctx context.Context, id string) (*Credential, error) {
	stored, err := find[credentialDocument](ctx, s.credentials, byID(id))
	if err != nil {
		return nil, err
	}
	return stored.credential()
}

// Credentials implements Credentials.
func (s *Mongo) Credentials(ctx context.Context, t ID) ([]*Credential, error) {
	newest := options.Find().SetSort(bson.D{{Key: "created", Value: -1}, {Key: "_id", Value: 1}})
	return list(ctx, s.credentials, bson.D{{Key: "tenant", Value: t}}, newest, credentialDocument.credential)
}

// UpdateCredential implements Credentials.
func (s *Mongo) UpdateCredential(ctx context.Context, t ID, id string, edit func(*Credential) error) (*Credential, error) {
	return race(ctx, func() (*Credential, bool, error) {
		stored, err := find[credentialDocument](ctx, s.credentials, byID(id))
		if err != nil {
			return nil, false, err
		}
		old, err := stored.credential()
		if err != nil {
			return nil, false, err
		}
		next, err := editCredential(old, t, edit)
		if err != nil {
			return nil, false, err
		}
		won, err := s.swapCredential(ctx, next, stored.Version)
		return next, won, err
	})
}

// swapCredential stores the next version if nobody else did.
func (s *Mongo) swapCredential(ctx context.Context, next *Credential, version int64) (bool, error) {
	doc, err := encodeCredential(next)
	if err != nil {
		return false, err
	}
	mark := uuid.NewString()
	result, err := s.credentials.UpdateOne(ctx, bson.D{{Key: "_id", Value: next.ID}, {Key: "v", Value: version}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "v", Value: version + 1}, {Key: "mark", Value: mark}, {Key: "doc", Value: doc}}}})
	if err != nil || result.MatchedCount == 1 {
		return err == nil, err
	}
	return marked(ctx, s.credentials, next.ID, mark)
}

// DeleteCredential implements Credentials.
func (s *Mongo) DeleteCredential(ctx context.Context, t ID, id string) error {
	result, err := s.credentials.DeleteOne(ctx, tokenOf(t, id))
	if err == nil && result.DeletedCount == 0 {
		return ErrNotFound
	}
	return err
}

// TouchCredential implements Credentials.
func (s *Mongo) TouchCredential(ctx context.Context, t ID, id string, at time.Time) error {
	older := append(tokenOf(t, id), bson.E{Key: "used", Value: bson.D{{Key: "$lt", Value: toMillis(at)}}})
	_, err := s.credentials.UpdateOne(ctx, older,
		bson.D{{Key: "$set", Value: bson.D{{Key: "used", Value: toMillis(at)}}}})
	return err
}
