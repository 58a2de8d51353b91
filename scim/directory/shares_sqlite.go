package directory

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"scimgate/tenant"
)

// oweMoved makes the changed edges of a group owed to a slot. Where all went at
// once, all are compared later, some at a time.
func (n *session) oweMoved(slot tenant.Slot, group string, moved *edgeChange) error {
	if moved == nil {
		return nil
	}
	if moved.reset {
		if _, err := n.exec(oweAll, int64(slot), group, false); err != nil {
			return err
		}
	}
	for _, ids := range [][]string{moved.add, moved.remove} {
		if len(ids) == 0 {
			continue
		}
		if _, err := n.exec(oweShares, int64(slot), group, listed(ids)); err != nil {
			return err
		}
	}
	return nil
}

// compareShares has all shares compared, or sent, of a resource that is a group.
func (n *session) compareShares(slot tenant.Slot, key string, renew bool) error {
	if _, ref := splitKey(key); ref.Kind != "Group" {
		return nil
	}
	_, err := n.exec(oweAll, int64(slot), key, renew)
	return err
}

// OwedShares implements Shares.
func (s *SQLite) OwedShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group, after string, limit int) (shares []Share, err error) {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	if err := s.compareAll(ctx, slot, key); err != nil {
		return nil, err
	}
	err = s.read(ctx, func(n *session) error {
		epoch, found, err := n.epoch(key)
		if err != nil || !found {
			return err
		}
		return n.each(sharesOwed, func(rows *resultRow) error {
			var share Share
			err := rows.Scan(&share.Member, &share.mark, &share.Held, &share.Wanted, &share.RemoteID)
			shares = append(shares, share)
			return err
		}, int64(slot), key, after, epoch, string(t), limit)
	})
	return shares, err
}

// compareAll does what a share of nobody stands for: it makes owed what is wanted
// and not held, and what is held and not wanted, some at a time. Who is
// interrupted begins again, and what was sent meanwhile is not owed once more.
func (s *SQLite) compareAll(ctx context.Context, slot tenant.Slot, group string) error {
	mark, everything := int64(0), false
	asked := func(n *session) (found bool, err error) {
		return n.one(allOwed, []any{&mark, &everything}, int64(slot), group)
	}
	var owed bool
	err := s.read(ctx, func(n *session) (err error) {
		owed, err = asked(n)
		return err
	})
	if err != nil || !owed {
		return err
	}
	if err := s.inRanges(ctx, edgesFurther, []any{group}, func(n *session, from, to string) error {
		return n.compareEdges(slot, group, from, to, everything)
	}); err != nil {
		return err
	}
	if err := s.inRanges(ctx, sharesFurther, []any{int64(slot), group}, func(n *session, from, to string) error {
		return n.compareHeld(slot, group, from, to)
	}); err != nil {
		return err
	}
	return s.apply(ctx, func(n *session) error {
		_, err := n.exec(allCompared, int64(slot), group, mark)
		return err
	})
}

func (n *session) compareEdges(slot tenant.Slot, group, from, to string, everything bool) error {
	epoch, found, err := n.epoch(group)
	if err != nil || !found {
		return err
	}
	_, err = n.exec(oweMissing, int64(slot), group, from, to, epoch, everything)
	return err
}

func (n *session) compareHeld(slot tenant.Slot, group, from, to string) error {
	epoch, found, err := n.epoch(group)
	if err != nil || !found {
		return err
	}
	_, err = n.exec(oweStray, int64(slot), group, from, to, epoch)
	return err
}

// inRanges writes one range of members after another; to is "" in the last.
// further finds the member that ends a range, given args, where it begins and how
// far it goes.
func (s *SQLite) inRanges(ctx context.Context, further query, args []any, write func(n *session, from, to string) error) error {
	for from := ""; ; {
		to := ""
		err := s.read(ctx, func(n *session) error {
			_, err := n.one(further, []any{&to}, append(append([]any{}, args...), from, sharesAtOnce)...)
			return err
		})
		if err != nil {
			return err
		}
		if err := s.apply(ctx, func(n *session) error { return write(n, from, to) }); err != nil || to == "" {
			return err
		}
		from = to
	}
}

// AskShares implements Shares.
func (s *SQLite) AskShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share) error {
	return s.apply(ctx, func(n *session) error {
		_, err := n.exec(askShares, int64(slot), resourceKey(t, Ref{Kind: "Group", ID: group}), askedAs(shares))
		return err
	})
}

// askedAs lists shares with the ids that the account may hold from now on; null
// is as before.
func askedAs(shares []Share) string {
	rows := make([][2]any, len(shares))
	for i, share := range shares {
		rows[i][0] = share.Member
		if share.Wanted {
			rows[i][1] = share.RemoteID
		}
	}
	text, _ := json.Marshal(rows) // strings cannot fail
	return string(text)
}

// SettleShares implements Shares.
func (s *SQLite) SettleShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share, sure bool) error {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	return s.apply(ctx, func(n *session) error {
		members := make([]string, len(shares))
		for i, share := range shares {
			members[i] = share.Member
			if _, err := n.exec(settleShare, int64(slot), key, share.Member, share.mark, nullable(share.held()), sure); err != nil {
				return err
			}
		}
		_, err := n.exec(dropShares, int64(slot), key, listed(members))
		return err
	})
}

// held is what the account holds of it once it was told.
func (s Share) held() string {
	if s.Wanted {
		return s.RemoteID
	}
	return ""
}

// RecheckShares implements Shares.
func (s *SQLite) RecheckShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string) (owed bool, err error) {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	err = s.apply(ctx, func(n *session) error {
		_, err := n.exec(recheckShares, int64(slot), key)
		return err
	})
	if err != nil {
		return false, err
	}
	shares, err := s.OwedShares(ctx, t, slot, group, "", 1)
	return len(shares) > 0, err
}

// RenewShares implements Shares.
func (s *SQLite) RenewShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string) error {
	return s.apply(ctx, func(n *session) error {
		return n.compareShares(slot, resourceKey(t, Ref{Kind: "Group", ID: group}), true)
	})
}

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
	return s.nudge(ctx, t, slot, groups, leavingIf(remoteID == ""), due)
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
	return s.nudge(ctx, t, slot, []string{key}, Grouping, due)
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
	return s.nudge(ctx, t, slot, groups, Grouping, due)
}

func (s *SQLite) nudge(ctx context.Context, t tenant.ID, slot tenant.Slot, groups []string, p Priority, due time.Time) error {
	next := nudging(p, due)
	for _, key := range groups {
		err := s.step(ctx, t, slot, key, next)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return nil
}

// purgeSharesOf removes what is left of a tombstone's shares.
func (n *session) purgeSharesOf(t tenant.ID, ref Ref) error {
	low, high := keysOfKind(t, "Group")
	for slot := range int64(tenant.MaxConnections) {
		if ref.Kind == "Group" {
			if _, err := n.exec(purgeShares, slot, resourceKey(t, ref)); err != nil {
				return err
			}
		}
		if _, err := n.exec(purgeSharesOf, ref.ID, slot, low, high); err != nil {
			return err
		}
	}
	return nil
}

// forgetAllShares removes those of every slot in a range of groups.
func (n *session) forgetAllShares(low, high string) error {
	for slot := range int64(tenant.MaxConnections) {
		if _, err := n.exec(forgetShares, slot, low, high); err != nil {
			return err
		}
	}
	return nil
}
