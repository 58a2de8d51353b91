package directory

import (
	"context"
	"strings"
	"time"

	"scimgate/tenant"
)

// Forget implements Deliveries.
func (s *SQLite) Forget(ctx context.Context, t tenant.ID, slot tenant.Slot) error {
	return s.apply(ctx, func(n *session) error {
		if _, err := n.exec(forgetShares, int64(slot), string(t)+"/", string(t)+"0"); err != nil {
			return err
		}
		_, err := n.exec(forgetSlot, int64(slot), string(t)+"/", string(t)+"0")
		return err
	})
}

// Purge implements Deliveries.
func (s *SQLite) Purge(ctx context.Context, before time.Time, limit int) (purged int, err error) {
	err = s.apply(ctx, func(n *session) error {
		gone, err := n.purgeable(before, limit)
		if err != nil {
			return err
		}
		purged = len(gone)
		for rid, key := range gone {
			if err := n.purge(rid, key); err != nil {
				return err
			}
		}
		return n.purgeOutlived()
	})
	if err != nil {
		return 0, err
	}
	return purged, nil
}

// purgeable returns the tombstones to be removed, key by rid.
func (n *session) purgeable(before time.Time, limit int) (map[int64]string, error) {
	gone := map[int64]string{}
	err := n.each(purgeable, func(rows *resultRow) error {
		var (
			rid int64
			key string
		)
		err := rows.Scan(&rid, &key)
		gone[rid] = key
		return err
	}, before.UnixMilli(), limit)
	return gone, err
}

func (n *session) purge(rid int64, key string) error {
	if _, err := n.exec(purgeDeliveries, rid); err != nil {
		return err
	}
	if _, err := n.exec(purgeResource, rid); err != nil {
		return err
	}
	return n.purgeEdgesOf(key)
}

// purgeEdgesOf removes what edges are left of a tombstone.
func (n *session) purgeEdgesOf(key string) error {
	t, ref := splitKey(key)
	if strings.EqualFold(ref.Kind, "Group") {
		if _, err := n.exec(purgeEdges, key); err != nil {
			return err
		}
	}
	if err := n.purgeSharesOf(t, ref); err != nil {
		return err
	}
	_, err := n.exec(purgeMemberships, ref.ID, string(t)+"/", string(t)+"0")
	return err
}

// edgesAtOnce is how many outlived edges one write removes.
const edgesAtOnce = 5000

// purgeOutlived removes edges of older epochs, some at a time.
func (n *session) purgeOutlived() error {
	var group string
	found, err := n.one(firstOutlived, []any{&group})
	if err != nil || !found {
		return err
	}
	res, err := n.exec(purgeOutlived, group, edgesAtOnce)
	if err != nil {
		return err
	}
	if gone, err := res.RowsAffected(); err != nil || gone == edgesAtOnce {
		return err
	}
	_, err = n.exec(endOutlived, group)
	return err
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
