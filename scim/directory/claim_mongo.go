package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"scimgate/tenant"
)

// held is one delivery as it was read: what a write of it must find unchanged.
type held struct {
	stored
	record record
	mark   string // of the record; "" if there is none yet
	full   error  // ErrJournalFull, or nil
}

func heldOf(raw bson.Raw, slot tenant.Slot) (h held, err error) {
	h.stored, h.mark, h.full = storedOf(raw), textOf(raw, markField(slot)), room(raw)
	h.record, err = loadRecord(textOf(raw, workField(slot)), []byte(textOf(raw, recordField(slot))),
		h.resource.Version, h.deleted)
	return h, err
}

func (s *Mongo) hold(ctx context.Context, slot tenant.Slot, key string) (held, error) {
	raw, err := s.find(ctx, bson.M{"_id": key})
	if err != nil {
		return held{}, err
	}
	return heldOf(raw, slot)
}

// step is a stepper: a delivery is read, and written only if neither the
// resource's version nor the record's mark, which is never the same twice, has
// changed since. That makes the two one atomic step.
func (s *Mongo) step(ctx context.Context, t tenant.ID, slot tenant.Slot, key string,
	f func(stored, record) (next record, save bool, err error),
) error {
	return untilWon(ctx, func() error {
		h, err := s.hold(ctx, slot, key)
		if err != nil {
			return err
		}
		next, save, failed := f(h.stored, h.record)
		if !save {
			return failed
		}
		if h.full != nil && claims(h.record, next) {
			return h.full
		}
		w, err := h.write(t, slot, key, next, s.now())
		if err != nil {
			return err
		}
		return errors.Join(s.swap(ctx, w.filter, w.update(), markField(slot), w.mark), failed)
	})
}

// claims reports whether a transition is a claim: what is claimed already may
// still be told when there is no room for more.
func claims(was, next record) bool {
	return next.Intent != nil && (was.Intent == nil || was.Intent.ID != next.Intent.ID)
}

// deliveryWrite is the conditional update from one record to the next.
type deliveryWrite struct {
	filter, set, unset bson.M
	mark               string
	event              *event
}

func (w deliveryWrite) update() bson.M { return w.event.with(updates(w.set, w.unset)) }

func (h held) write(t tenant.ID, slot tenant.Slot, key string, next record, at time.Time) (w deliveryWrite, err error) {
	data, err := next.encode()
	if err != nil {
		return w, err
	}
	w.mark, w.event = rand.Text(), next.event
	w.filter = bson.M{"_id": key, "v": int64(h.resource.Version), markField(slot): h.mark}
	if h.mark == "" {
		w.filter[markField(slot)] = bson.M{"$exists": false}
	}
	w.set = bson.M{recordField(slot): string(data), markField(slot): w.mark}
	if work := workKey(t, next.Delivery); work != "" {
		w.set[workField(slot)] = work
	} else {
		w.unset = bson.M{workField(slot): ""}
	}
	if next.confirmed() && !h.record.confirmed() {
		w.set["gone"] = at.UnixMilli()
	}
	return w, nil
}

// Claim implements Deliveries.
func (s *Mongo) Claim(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, intent Intent, now time.Time) (*Claim, error) {
	return newClaim(ctx, s.step, t, slot, ref, intent, now)
}

// Commit implements Deliveries.
func (s *Mongo) Commit(ctx context.Context, c *Claim, o Outcome) error {
	return settleClaim(ctx, s.step, c, o, s.now)
}

// Verified implements Deliveries.
func (s *Mongo) Verified(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, nonce string, ok bool, now time.Time) error {
	return endVerification(ctx, s.step, t, slot, ref, nonce, ok, now)
}

// TakeOver implements Deliveries.
func (s *Mongo) TakeOver(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, remoteID string) (bool, error) {
	return takeOver(ctx, s.step, t, slot, ref, remoteID)
}
