package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// Surveyed is one resource with what is known of its delivery.
type Surveyed struct {
	Item

	Resource *scim.Resource // a tombstone's has no attributes but id
}

// suspect asks for a comparison of what is clean and was delivered: the account
// may hold something else by now.
func (d record) suspect(nonce string, now time.Time) (record, bool) {
	if d.State != Clean || d.RemoteID == "" || d.Delivered < d.version || d.Departure == Refused {
		return d, false
	}
	d.State, d.Due, d.Verify = Due, now, &Verify{Nonce: nonce, After: now}
	return d, true
}

// adopt gives a record that is parked, or was never delivered, the account user
// that somebody chose. It is ours when a push has succeeded.
func (d record) adopt(known, chosen string, now time.Time) (record, bool) {
	open := d.State == Parked || d.State == Due && d.Delivered == 0
	if d.deleted || !open || d.Adopting || d.RemoteID != known || d.underWay() || chosen == "" {
		return d, false
	}
	d.Former, d.RemoteID, d.Adopting = known, chosen, true
	d.State, d.Due = Due, now
	d.recount()
	return d, true
}

// underWay reports whether an attempt is, or may be: one that was parked is not.
func (d record) underWay() bool { return d.Intent != nil && d.State != Parked }

// adopted ends an adoption, the account's user being ours or not.
func (d *record) adopted(ours bool) {
	if d.Adopting && !ours {
		d.RemoteID = d.Former
	}
	d.Adopting, d.Former = false, ""
}

// suspectOf is Suspect, by whichever store.
func suspectOf(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, page []Surveyed, now time.Time) (touched int, err error) {
	for _, s := range page {
		if s.Delivery.State != Clean {
			continue
		}
		err := step(ctx, t, slot, resourceKey(t, s.Ref), func(_ stored, was record) (next record, save bool, err error) {
			next, save = was.suspect(rand.Text(), now)
			if save {
				touched++
			}
			return next, save, nil
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return touched, err
		}
	}
	return touched, nil
}

// nextAfter is where a walk by pages goes on; "" if it has seen everything.
func nextAfter(page []Surveyed, limit int) string {
	if len(page) == 0 || len(page) < limit {
		return ""
	}
	return page[len(page)-1].Ref.ID
}

// adoptOf is Adopt.
func adoptOf(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, ref Ref, known, chosen string, now time.Time) (adopted bool, err error) {
	err = step(ctx, t, slot, resourceKey(t, ref), func(_ stored, was record) (next record, save bool, err error) {
		next, adopted = was.adopt(known, chosen, now)
		return next, adopted, nil
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return adopted && err == nil, err
}

// surveyedKeys is the half-open range of the keys of a kind after an id.
func surveyedKeys(t tenant.ID, kind, after string) (low, high string) {
	p := part(t, kind)
	return p + "/" + after, p + "0" // "0" follows "/"
}
