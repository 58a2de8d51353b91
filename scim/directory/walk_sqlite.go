package directory

import (
	"context"
	"errors"
	"time"

	"scimgate/tenant"
)

// Resync implements Deliveries.
func (s *SQLite) Resync(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, now time.Time) (int, error) {
	return walkKinds(kinds, func(kind string) (int, error) {
		return s.walk(ctx, t, slot, kind, resyncing(now), false)
	})
}

// Replay implements Deliveries.
func (s *SQLite) Replay(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, which Pick, now time.Time) (int, error) {
	return walkKinds(kinds, func(kind string) (int, error) {
		return s.walk(ctx, t, slot, kind, replaying(slot, which, now), true)
	})
}

// Release implements Deliveries.
func (s *SQLite) Release(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string, now time.Time) (int, error) {
	return s.decide(ctx, t, slot, ids, releasing(now))
}

// Discard implements Deliveries.
func (s *SQLite) Discard(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string) (int, error) {
	return s.decide(ctx, t, slot, ids, discarding())
}

func (s *SQLite) decide(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string, next transition) (int, error) {
	return decide(ctx, s, t, slot, ids, func(keys []string) (int, error) { return s.walkAll(ctx, t, slot, keys, next, false) })
}

// walk makes a transition of every resource of a kind, in batches.
func (s *SQLite) walk(ctx context.Context, t tenant.ID, slot tenant.Slot, kind string, next transition, renew bool) (touched int, err error) {
	from, high := keysOfKind(t, kind)
	for {
		var keys []string
		err := s.read(ctx, func(n *session) error {
			return n.each(keysAfter, func(rows *resultRow) error {
				var key string
				err := rows.Scan(&key)
				keys = append(keys, key)
				return err
			}, from, high, walkAtOnce)
		})
		if err != nil || len(keys) == 0 {
			return touched, err
		}
		from = keys[len(keys)-1]
		n, err := s.walkAll(ctx, t, slot, keys, next, renew)
		touched += n
		if err != nil {
			return touched, err
		}
	}
}

func (s *SQLite) walkAll(ctx context.Context, t tenant.ID, slot tenant.Slot, keys []string, next transition, renew bool) (touched int, err error) {
	err = s.apply(ctx, func(n *session) error {
		touched = 0
		for _, key := range keys {
			row, was, err := n.hold(slot, key)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			after, changed, err := next(row, was)
			if err != nil {
				return err
			}
			if !changed {
				continue
			}
			if err := n.save(t, slot, row.rid, was, after, s.now()); err != nil {
				return err
			}
			if err := n.compareShares(slot, key, renew); err != nil {
				return err
			}
			touched++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return touched, nil
}
