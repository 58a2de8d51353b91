package directory

import (
	"context"
	"encoding/json"

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
