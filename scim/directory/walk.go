package directory

import (
	"context"
	"errors"
	"time"

	"scimgate/tenant"
)

// walkAtOnce is how many resources one write of a walk touches.
const walkAtOnce = 200

// transition is what a walk over a tenant's resources does with each.
type transition func(row stored, was record) (next record, changed bool, err error)

// transit makes a transition of the resource with a key and reports whether that
// changed it; what is gone is not changed.
func transit(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, key string, next transition) (changed bool, err error) {
	err = step(ctx, t, slot, key, func(row stored, was record) (after record, save bool, err error) {
		after, changed, err = next(row, was) // of the last time, where a race was lost
		return after, changed, err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return changed && err == nil, err
}

// walkKinds walks one kind after another and returns how many resources that touched.
func walkKinds(kinds []string, walk func(kind string) (int, error)) (touched int, err error) {
	for _, kind := range kinds {
		n, err := walk(kind)
		touched += n
		if err != nil {
			return touched, err
		}
	}
	return touched, nil
}

func resyncing(now time.Time) transition {
	return func(row stored, was record) (record, bool, error) {
		next, changed := was.resync(now)
		return next.ranked(row), changed || hasShares(row), nil
	}
}

func replaying(slot tenant.Slot, which Pick, now time.Time) transition {
	return func(row stored, was record) (record, bool, error) {
		meant, err := which(itemOf(row, was, slot), row.resource)
		if err != nil || !meant {
			return was, false, err
		}
		next, changed := was.replay(now)
		return next.ranked(row), changed || hasShares(row), nil
	}
}

// resync makes the record due now and reports whether that changed it. A
// tombstone that left nothing at the account is left in peace.
func (d record) resync(now time.Time) (record, bool) {
	due := d.State == Due && !d.Due.After(now)
	gone := d.deleted && d.State == Clean && d.RemoteID == ""
	if gone || due && d.Intent == nil || due && d.Again {
		return d, false
	}
	d.Again = d.Intent != nil
	if d.State == Clean {
		d.Priority = Staying
	}
	d.State, d.Due = Due, now
	d.recount()
	return d, true
}

// replay makes the record due now and forgets that anything was delivered, so
// that it is sent whatever the account is believed to hold.
func (d record) replay(now time.Time) (record, bool) {
	next, changed := d.resync(now)
	gone := d.deleted && d.State == Clean && d.RemoteID == ""
	if !gone && next.Delivered > 0 {
		next.Delivered, changed = 0, true
	}
	next.reconsider()
	return next, changed
}

// hasShares reports whether more than the record may be owed of a resource: the
// walk must not pass by a group that is due already.
func hasShares(row stored) bool { return row.resource.Kind == "Group" && !row.deleted }

// ranked is the record with the priority of its kind, unless it goes first.
func (d record) ranked(row stored) record {
	if row.resource.Kind == "Group" && d.Priority == Staying {
		d.Priority = Grouping
	}
	return d
}
