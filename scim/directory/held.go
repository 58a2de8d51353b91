package directory

import (
	"context"
	"slices"
	"time"

	"scimgate/tenant"
)

// Departure is what was decided of a user's leaving an account, by the
// mass-change guard or by the operator that it asks. "" is nothing yet.
type Departure string

// The decisions.
const (
	Withheld Departure = "withheld" // it waits for the operator, and so do later versions that leave too
	Granted  Departure = "granted"  // it may leave and is not counted again
	Refused  Departure = "refused"  // the account keeps the user until the resource changes
)

// remember keeps a decision, if there is one.
func (d *record) remember(decided Departure) {
	if decided != "" {
		d.Departure = decided
	}
}

// reconsider forgets that the account was to keep the user: the resource has
// changed, or it is sent again by somebody's will.
func (d *record) reconsider() {
	if d.Departure == Refused {
		d.Departure = ""
	}
}

// stopped reports whether the record is Held, and nothing of it in doubt.
func (d record) stopped() bool { return d.State == Held && d.Intent == nil }

// release lets a record that is Held leave now.
func (d record) release(now time.Time) (record, bool) {
	if d.State != Held {
		return d, false
	}
	d.State, d.Due, d.Departure = Due, now, Granted
	d.recount()
	return d, true
}

// discard leaves the account as it is. One that may hold a user by an attempt of
// unknown outcome is not left alone before that is known.
func (d record) discard() (record, bool) {
	if !d.stopped() {
		return d, false
	}
	return d.leftAlone(Refused), true
}

// leftAlone is a record that owes nothing, though the account holds what was
// delivered before.
func (d record) leftAlone(decided Departure) record {
	d.Delivered, d.Counted, d.Departure = d.version, d.version, decided
	d.recount()
	d.adopted(false)
	if d.deleted {
		d.Name = ""
	}
	return d.settle()
}

func releasing(now time.Time) transition {
	return func(_ stored, was record) (record, bool, error) {
		next, changed := was.release(now)
		return next, changed, nil
	}
}

func discarding() transition {
	return func(_ stored, was record) (record, bool, error) {
		next, changed := was.discard()
		return next, changed, nil
	}
}

// decide makes a transition of users that are Held, in batches: of those with
// ids, or of all if ids is nil. walk makes it of those with some keys, and
// returns of how many.
func decide(ctx context.Context, held Deliveries, t tenant.ID, slot tenant.Slot, ids []string,
	walk func(keys []string) (int, error),
) (touched int, err error) {
	for batch := range slices.Chunk(ids, walkAtOnce) {
		n, err := walk(keysOfUsers(t, batch))
		touched += n
		if err != nil {
			return touched, err
		}
	}
	for ids == nil {
		items, err := held.Deliveries(ctx, t, slot, Held, walkAtOnce)
		if err != nil {
			return touched, err
		}
		keys := make([]string, len(items))
		for i, item := range items {
			keys[i] = resourceKey(t, item.Ref)
		}
		n, err := walk(keys)
		touched += n
		if err != nil || n == 0 {
			return touched, err
		}
	}
	return touched, nil
}

func keysOfUsers(t tenant.ID, ids []string) []string {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = resourceKey(t, Ref{Kind: "User", ID: id})
	}
	return keys
}
