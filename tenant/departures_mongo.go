package tenant

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// departuresDocument is what left one connection's account.
type departuresDocument struct {
	ID      string `bson:"_id"` // "<tenant>/<slot>"
	Version int64  `bson:"v"`
	Mark    string `bson:"mark"`
	Doc     []byte `bson:"doc"`
}

func departuresKey(id ID, slot Slot) string { return fmt.Sprintf("%s/%d", id, slot) }

// EditDepartures implements Counter. As with the ledger, the tenant is looked for
// once more afterwards: if it went meanwhile, so do the counts.
func (s *Mongo) EditDepartures(ctx context.Context, id ID, slot Slot, edit func(*Departures) bool) error {
	key := departuresKey(id, slot)
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		stored, err := find[departuresDocument](ctx, s.departures, byID(key))
		return stored.Version, stored.Doc, absent(err)
	}
	err := editDepartures(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		return s.swapDepartures(ctx, departuresDocument{ID: key, Version: next, Mark: uuid.NewString(), Doc: doc})
	})
	if err != nil {
		return err
	}
	_, err = s.Tenant(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return errors.Join(err, s.deleteDepartures(ctx, id))
}

// swapDepartures stores the next version if nobody else did.
func (s *Mongo) swapDepartures(ctx context.Context, next departuresDocument) (bool, error) {
	if next.Version == 1 {
		err := insert(ctx, s.departures, next.ID, next.Mark, next)
		if errors.Is(err, ErrExists) {
			return false, nil
		}
		return err == nil, err
	}
	before := bson.D{{Key: "_id", Value: next.ID}, {Key: "v", Value: next.Version - 1}}
	result, err := s.departures.ReplaceOne(ctx, before, next)
	if err != nil || result.MatchedCount == 1 {
		return err == nil, err
	}
	return marked(ctx, s.departures, next.ID, next.Mark)
}

func (s *Mongo) deleteDepartures(ctx context.Context, id ID) error {
	var keys []string
	for slot := range Slot(MaxConnections) {
		keys = append(keys, departuresKey(id, slot))
	}
	_, err := s.departures.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}})
	return err
}
