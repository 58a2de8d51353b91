package directory

import (
	"context"

	"scimgate/tenant"
)

// Having implements Backlog.
func (s *SQLite) Having(ctx context.Context, state State, after tenant.ID, limit int) ([]tenant.ID, error) {
	return having(state, after, limit, s.firstEntry(ctx))
}

// Count implements Backlog.
func (s *SQLite) Count(ctx context.Context, t tenant.ID, slot tenant.Slot, state State, limit int) (n int, err error) {
	low, high := workRange(marks[state], t)
	err = s.read(ctx, func(db *session) error {
		_, err := db.one(countWork, []any{&n}, int64(slot), low, high, max(limit, 0))
		return err
	})
	return n, err
}
