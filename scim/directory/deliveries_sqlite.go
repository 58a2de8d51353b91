package directory

import (
	"context"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// Owing implements Deliveries.
func (s *SQLite) Owing(ctx context.Context, after tenant.ID, now time.Time, limit int) ([]tenant.ID, error) {
	return owing(after, now, limit, s.firstEntry(ctx))
}

func (s *SQLite) firstEntry(ctx context.Context) firstEntry {
	return func(slot tenant.Slot, low, high string) (work string, err error) {
		err = s.read(ctx, func(n *session) error {
			_, err := n.one(firstWork, []any{&work}, int64(slot), low, high)
			return err
		})
		return work, err
	}
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
	return nextDue(slot, t, s.firstEntry(ctx))
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
