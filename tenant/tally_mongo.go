package tenant

import (
	"context"
	"time"
)

// AddToTally implements Tallies.
func (s *Mongo) AddToTally(ctx context.Context, id ID, more Tallied, last time.Time) error {
	return s.editKept(ctx, s.tallies, id, string(id), addingToTally(more, last))
}

// Tally implements Tallies.
func (s *Mongo) Tally(ctx context.Context, id ID) (Tally, error) {
	_, doc, err := kept(ctx, s.tallies, string(id))
	if err != nil {
		return Tally{}, err
	}
	return decodeTally(doc)
}
