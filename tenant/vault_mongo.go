package tenant

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// dataKeyDocument is one tenant's data key.
type dataKeyDocument struct {
	ID     ID     `bson:"_id"`
	Mark   string `bson:"mark"`
	Sealed []byte `bson:"sealed"`
}

// DataKey implements DataKeys.
func (s *Mongo) DataKey(ctx context.Context, id ID) ([]byte, error) {
	stored, err := find[dataKeyDocument](ctx, s.dataKeys, byID(string(id)))
	return stored.Sealed, err
}

// SwapDataKey implements DataKeys.
func (s *Mongo) SwapDataKey(ctx context.Context, id ID, was, next []byte) error {
	doc := dataKeyDocument{ID: id, Mark: uuid.NewString(), Sealed: next}
	if was == nil {
		err := insert(ctx, s.dataKeys, string(id), doc.Mark, doc)
		if errors.Is(err, ErrExists) {
			return ErrConflict
		}
		return err
	}
	before := append(byID(string(id)), bson.E{Key: "sealed", Value: was})
	result, err := s.dataKeys.ReplaceOne(ctx, before, doc)
	if err != nil || result.MatchedCount == 1 {
		return err
	}
	mine, err := marked(ctx, s.dataKeys, string(id), doc.Mark)
	if err == nil && !mine {
		return ErrConflict
	}
	return err
}
