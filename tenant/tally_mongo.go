package tenant

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// AddToTally implements Tallies. The tenant is looked for once more afterwards, as
// AddToLedger does.
func (s *Mongo) AddToTally(ctx context.Context, id ID, more Tallied, last time.Time) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		stored, err := find[ledgerDocument](ctx, s.tallies, byID(string(id)))
		return stored.Version, stored.Doc, absent(err)
	}
	err := addToTally(ctx, more, last, load, func(next int64, doc []byte) (bool, error) {
		return swapLedger(ctx, s.tallies, ledgerDocument{Tenant: id, Version: next, Mark: uuid.NewString(), Doc: doc})
	})
	if err != nil {
		return err
	}
	_, err = s.Tenant(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	_, fault := s.tallies.DeleteOne(ctx, byID(string(id)))
	return errors.Join(err, fault)
}

// Tally implements Tallies.
func (s *Mongo) Tally(ctx context.Context, id ID) (Tally, error) {
	stored, err := find[ledgerDocument](ctx, s.tallies, byID(string(id)))
	if absent(err) != nil {
		return Tally{}, err
	}
	return decodeTally(stored.Doc)
}
