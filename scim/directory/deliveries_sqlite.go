package directory

import (
	"context"
	"errors"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// step is a stepper: it runs inside the writer, where nothing comes between.
func (s *SQLite) step(ctx context.Context, t tenant.ID, slot tenant.Slot, key string,
	f func(stored, record) (next record, save bool, err error),
) error {
	var failed error
	err := s.apply(ctx, func(n *session) error {
		row, was, err := n.hold(slot, key)
		if err != nil {
			return err
		}
		next, save, err := f(row, was)
		failed = err
		if !save {
			return nil
		}
		return n.save(t, slot, row.rid, was, next, s.now())
	})
	if err != nil {
		return err
	}
	return failed
}

// hold reads one resource and its delivery to one slot.
func (n *session) hold(slot tenant.Slot, key string) (row stored, was record, err error) {
	err = n.each(oneDelivery, func(rows *resultRow) (err error) {
		var work string
		var data []byte
		var origin string
		if row, err = scanResource(rows, &work, &data, &origin); err != nil {
			return err
		}
		row.originFrom(origin)
		was, err = loadRecord(work, data, row.resource.Version, row.deleted)
		return last(err)
	}, key, int64(slot))
	if err == nil && row.resource == nil {
		err = ErrNotFound
	}
	return row, was, err
}

func (n *session) save(t tenant.ID, slot tenant.Slot, rid int64, was, next record, at time.Time) error {
	data, err := next.encode()
	if err != nil {
		return err
	}
	_, err = n.exec(saveDelivery, rid, int64(slot), nullable(workKey(t, next.Delivery)), data)
	if err == nil && next.confirmed() && !was.confirmed() {
		_, err = n.exec(confirmTombstone, rid, at.UnixMilli())
	}
	if err == nil {
		err = n.tell(next.event)
	}
	return err
}

// Claim implements Deliveries.
func (s *SQLite) Claim(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, intent Intent, now time.Time) (*Claim, error) {
	return newClaim(ctx, s.step, t, slot, ref, intent, now)
}

// Commit implements Deliveries.
func (s *SQLite) Commit(ctx context.Context, c *Claim, o Outcome) error {
	return settleClaim(ctx, s.step, c, o, s.now)
}

// Verified implements Deliveries.
func (s *SQLite) Verified(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, nonce string, ok bool, now time.Time) error {
	return endVerification(ctx, s.step, t, slot, ref, nonce, ok, now)
}

// TakeOver implements Deliveries.
func (s *SQLite) TakeOver(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, remoteID string) (bool, error) {
	return takeOver(ctx, s.step, t, slot, ref, remoteID)
}

// Owing implements Deliveries.
func (s *SQLite) Owing(ctx context.Context, after tenant.ID, now time.Time, limit int) ([]tenant.ID, error) {
	return owing(after, now, limit, func(slot tenant.Slot, low, high string) (string, error) {
		return s.firstWork(ctx, slot, low, high)
	})
}

// firstWork returns the first work-list entry of a slot in a range, or "".
func (s *SQLite) firstWork(ctx context.Context, slot tenant.Slot, low, high string) (work string, err error) {
	err = s.read(ctx, func(n *session) error {
		_, err := n.one(firstWork, []any{&work}, int64(slot), low, high)
		return err
	})
	return work, err
}

// DueNow implements Deliveries.
func (s *SQLite) DueNow(ctx context.Context, t tenant.ID, slot tenant.Slot, now time.Time, limit int) (refs []Ref, err error) {
	for _, p := range priorities {
		low, high := dueRange(t, p, now)
		err = s.read(ctx, func(n *session) error {
			return n.each(keysDue, func(rows *resultRow) error {
				var key string
				err := rows.Scan(&key)
				_, ref := splitKey(key)
				refs = append(refs, ref)
				return err
			}, int64(slot), low, high, limit-len(refs))
		})
		if err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// NextDue implements Deliveries.
func (s *SQLite) NextDue(ctx context.Context, t tenant.ID, slot tenant.Slot) (time.Time, error) {
	return nextDue(t, func(low, high string) (string, error) { return s.firstWork(ctx, slot, low, high) })
}

// Delivery implements Deliveries.
func (s *SQLite) Delivery(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref) (*Item, error) {
	i := &Item{Ref: ref, Slot: slot}
	err := s.read(ctx, func(n *session) error {
		row, was, err := n.hold(slot, resourceKey(t, ref))
		if err == nil {
			i.Version, i.Deleted, i.Delivery = row.resource.Version, row.deleted, was.Delivery
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return i, nil
}

// Deliveries implements Deliveries.
func (s *SQLite) Deliveries(ctx context.Context, t tenant.ID, slot tenant.Slot, state State, limit int) ([]Item, error) {
	items, _, err := s.DeliveriesAfter(ctx, t, slot, state, "", limit)
	return items, err
}

// DeliveriesAfter implements Deliveries.
func (s *SQLite) DeliveriesAfter(
	ctx context.Context, t tenant.ID, slot tenant.Slot, state State, after string, limit int,
) ([]Item, string, error) {
	return listAfter(t, state, after, limit, func(low, high string, skip, limit int) (items []Item, err error) {
		err = s.read(ctx, func(n *session) error {
			items, err = n.items(workBetween, slot, int64(slot), low, high, limit, skip)
			return err
		})
		return items, err
	})
}

// items reads rows of key, version, whether deleted, work and record.
func (n *session) items(q query, slot tenant.Slot, args ...any) (items []Item, err error) {
	err = n.each(q, func(rows *resultRow) error {
		var (
			key  string
			v    int64
			work string
			data []byte
			i    = Item{Slot: slot}
		)
		if err := rows.Scan(&key, &v, &i.Deleted, &work, &data); err != nil {
			return err
		}
		d, err := loadRecord(work, data, uint64(v), i.Deleted)
		_, i.Ref = splitKey(key)
		i.Version, i.Delivery = uint64(v), d.Delivery
		items = append(items, i)
		return err
	}, args...)
	return items, err
}

// Leaver implements Deliveries.
func (s *SQLite) Leaver(ctx context.Context, t tenant.ID, slot tenant.Slot, r *scim.Resource) (*Item, error) {
	name := leaverKey(nameKey(t, r))
	if name == "" {
		return nil, nil
	}
	var items []Item
	err := s.read(ctx, func(n *session) (err error) {
		items, err = n.items(leaversOf, slot, name, int64(slot))
		return err
	})
	return firstLeaver(items), err
}

// walkAtOnce is how many resources one write of a walk touches.
const walkAtOnce = 200

// Resync implements Deliveries.
func (s *SQLite) Resync(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, now time.Time) (int, error) {
	return s.walkKinds(ctx, t, slot, kinds, resyncing(now), false)
}

// Replay implements Deliveries.
func (s *SQLite) Replay(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, which Pick, now time.Time) (int, error) {
	return s.walkKinds(ctx, t, slot, kinds, replaying(slot, which, now), true)
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

func (s *SQLite) walkKinds(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, next transition, renew bool) (touched int, err error) {
	for _, kind := range kinds {
		n, err := s.walk(ctx, t, slot, kind, next, renew)
		touched += n
		if err != nil {
			return touched, err
		}
	}
	return touched, nil
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
