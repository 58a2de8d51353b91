package directory

import (
	"context"
	"crypto/rand"
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

// suspectUsers is Suspect, by whichever store.
func suspectUsers(ctx context.Context, of Deliveries, step stepper, t tenant.ID, slot tenant.Slot, after string, limit int, now time.Time) (next string, touched int, err error) {
	page, err := of.Survey(ctx, t, slot, "User", after, limit)
	if err != nil {
		return "", 0, err
	}
	for _, user := range page {
		if user.Delivery.State != Clean {
			continue
		}
		suspected, err := transit(ctx, step, t, slot, resourceKey(t, user.Ref), func(_ stored, was record) (record, bool, error) {
			next, changed := was.suspect(rand.Text(), now)
			return next, changed, nil
		})
		if err != nil {
			return nextAfter(page, limit), touched, err
		}
		if suspected {
			touched++
		}
	}
	return nextAfter(page, limit), touched, nil
}

// nextAfter is where a walk by pages goes on; "" if it has seen everything.
func nextAfter(page []Surveyed, limit int) string {
	if len(page) == 0 || len(page) < limit {
		return ""
	}
	return page[len(page)-1].Ref.ID
}

// adoptOf is Adopt.
func adoptOf(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, ref Ref, known, chosen string, now time.Time) (bool, error) {
	return transit(ctx, step, t, slot, resourceKey(t, ref), func(_ stored, was record) (record, bool, error) {
		next, adopted := was.adopt(known, chosen, now)
		return next, adopted, nil
	})
}

// surveyedKeys is the half-open range of the keys of a kind after an id.
func surveyedKeys(t tenant.ID, kind, after string) (low, high string) {
	p := part(t, kind)
	return p + "/" + after, p + "0" // "0" follows "/"
}
