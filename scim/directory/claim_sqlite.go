package directory

import (
	"context"
	"time"

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
