package tenant

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
)

// ledgerDocument is the ledger of one tenant, or its tally. Its body is opaque, as
// others are.
type ledgerDocument struct {
	Tenant  ID     `bson:"_id"`
	Version int64  `bson:"v"`
	Mark    string `bson:"mark"`
	Doc     []byte `bson:"doc"`
}

// AddToLedger implements Ledger. The tenant is looked for once more afterwards: if
// it went meanwhile, so does the ledger, and DeleteTenant removes the ledger after
// the tenant. Whichever comes last, nothing is left to whoever takes the name.
func (s *Mongo) AddToLedger(ctx context.Context, id ID, entries []LedgerEntry) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		stored, err := find[ledgerDocument](ctx, s.ledgers, byID(string(id)))
		return stored.Version, stored.Doc, absent(err)
	}
	err := addToLedger(ctx, entries, load, func(next int64, doc []byte) (bool, error) {
		return swapLedger(ctx, s.ledgers, ledgerDocument{Tenant: id, Version: next, Mark: uuid.NewString(), Doc: doc})
	})
	if err != nil {
		return err
	}
	_, err = s.Tenant(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	_, fault := s.ledgers.DeleteOne(ctx, byID(string(id)))
	return errors.Join(err, fault)
}

// swapLedger stores the next version if nobody else did.
func swapLedger(ctx context.Context, c *mongo.Collection, next ledgerDocument) (bool, error) {
	if next.Version == 1 {
		err := insert(ctx, c, string(next.Tenant), next.Mark, next)
		if errors.Is(err, ErrExists) {
			return false, nil
		}
		return err == nil, err
	}
	before := bson.D{{Key: "_id", Value: next.Tenant}, {Key: "v", Value: next.Version - 1}}
	result, err := c.ReplaceOne(ctx, before, next)
	if err != nil || result.MatchedCount == 1 {
		return err == nil, err
	}
	return marked(ctx, c, string(next.Tenant), next.Mark)
}

// Ledger implements Ledger.
func (s *Mongo) Ledger(ctx context.Context, id ID) ([]LedgerEntry, error) {
	stored, err := find[ledgerDocument](ctx, s.ledgers, byID(string(id)))
	if absent(err) != nil {
		return nil, err
	}
	return decodeLedger(stored.Doc)
}
