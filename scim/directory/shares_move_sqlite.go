package directory

import (
	"context"
	"time"

	"scimgate/tenant"
)

// MoveShares implements Shares.
func (s *SQLite) MoveShares(ctx context.Context, t tenant.ID, slot tenant.Slot, member, remoteID string, due time.Time) error {
	if _, has := s.grouped.Load(t); !has {
		return nil
	}
	low, high := keysOfKind(t, "Group")
	var groups []string
	err := s.apply(ctx, func(n *session) error {
		groups = nil
		if _, err := n.exec(moveShares, int64(slot), member, remoteID, low, high); err != nil {
			return err
		}
		return n.each(groupsOwing, func(rows *resultRow) error {
			var key string
			err := rows.Scan(&key)
			groups = append(groups, key)
			return err
		}, int64(slot), member, low, high)
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	return nudge(ctx, s.step, t, slot, groups, leavingIf(remoteID == ""), due)
}

// HoldShares implements Shares.
func (s *SQLite) HoldShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share, due time.Time) error {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	lives := false
	err := s.apply(ctx, func(n *session) (err error) {
		if _, lives, err = n.epoch(key); err != nil || !lives {
			return err
		}
		for _, share := range shares {
			if _, err := n.exec(holdShare, int64(slot), key, share.Member, share.RemoteID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || !lives {
		return err
	}
	return nudge(ctx, s.step, t, slot, []string{key}, Grouping, due)
}

// InheritShares implements Shares.
func (s *SQLite) InheritShares(ctx context.Context, t tenant.ID, slot tenant.Slot, member, remoteID string, due time.Time) error {
	if _, has := s.grouped.Load(t); !has {
		return nil
	}
	low, high := keysOfKind(t, "Group")
	var groups []string
	args := []any{int64(slot), member, remoteID, low, high}
	collect := func(rows *resultRow) error {
		var key string
		err := rows.Scan(&key)
		groups = append(groups, key)
		return err
	}
	err := s.read(ctx, func(n *session) error { groups = nil; return n.each(groupsHolding, collect, args...) })
	if err != nil || len(groups) == 0 {
		return err
	}
	err = s.apply(ctx, func(n *session) error {
		if _, err := n.exec(inheritShares, args...); err != nil {
			return err
		}
		_, err := n.exec(leaveShares, args...)
		return err
	})
	if err != nil {
		return err
	}
	return nudge(ctx, s.step, t, slot, groups, Grouping, due)
}
