package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// stored is a resource as a store holds it.
type stored struct {
	rid      int64 // SQLite's
	resource *scim.Resource
	deleted  bool
	request  string // that made the version, where the journal knows; read with a delivery only
	trace    string // of that request, the same
}

// stepper applies a transition to the delivery of the resource with a key at a
// slot, atomically: f is given what is stored (perhaps several times, after lost
// races), and what it returns is stored if it says so. The error is f's, or
// ErrNotFound, or a fault.
type stepper func(ctx context.Context, t tenant.ID, slot tenant.Slot, key string,
	f func(stored, record) (next record, save bool, err error)) error

// newClaim is Claim, by whichever store.
func newClaim(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, ref Ref, intent Intent, now time.Time) (*Claim, error) {
	c := &Claim{Tenant: t, Slot: slot}
	err := step(ctx, t, slot, resourceKey(t, ref), func(row stored, was record) (record, bool, error) {
		next, err := was.claim(intent, rand.Text(), now)
		c.Resource, c.Deleted, c.Request, c.Trace = row.resource, row.deleted, row.request, row.trace
		c.Delivery, c.Doubt = next.Delivery, was.doubtful()
		return next, err == nil || !next.Due.Equal(was.Due), err
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// settleClaim is Commit.
func settleClaim(ctx context.Context, step stepper, c *Claim, o Outcome, now func() time.Time) error {
	key := resourceKey(c.Tenant, Ref{Kind: c.Resource.Kind, ID: c.Resource.ID})
	return superseded(step(ctx, c.Tenant, c.Slot, key, func(row stored, was record) (record, bool, error) {
		next, err := was.commit(c.Delivery.Intent.ID, o, now())
		if err == nil && o.Attempt != nil {
			next.event, err = attempted(c.Tenant, row, was.Intent.Version, c.Request, o.Attempt, was.Intent.ID, now())
		}
		alive := errors.Is(err, ErrSuperseded) && next.Crashes != was.Crashes
		return next, err == nil || alive, err
	}))
}

// endVerification is Verified.
func endVerification(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, ref Ref, nonce string, ok bool, now time.Time) error {
	return superseded(step(ctx, t, slot, resourceKey(t, ref), func(row stored, was record) (record, bool, error) {
		next, err := was.verified(nonce, ok, now)
		if err == nil {
			next.event, err = attempted(t, row, was.Delivered, row.request, compared(slot, was, ok), nonce, now)
		}
		return next, err == nil, err
	}))
}

// compared is what the journal tells of a verification.
func compared(slot tenant.Slot, was record, ok bool) *Attempt {
	a := &Attempt{Slot: slot, Op: ToVerify, Outcome: WasDone, RulesRev: was.RulesRev}
	if !ok {
		a.Outcome = WasRenewed
	}
	return a
}

// superseded is what becomes of a claim on what is gone altogether.
func superseded(err error) error {
	if errors.Is(err, ErrNotFound) {
		return ErrSuperseded
	}
	return err
}

// takeOver is TakeOver.
func takeOver(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, ref Ref, remoteID string) (bool, error) {
	return transit(ctx, step, t, slot, resourceKey(t, ref), func(_ stored, was record) (record, bool, error) {
		next, taken := was.takeOver(remoteID)
		return next, taken, nil
	})
}

// firstLeaver picks the answer of Leaver among tombstones of the name, newest first.
func firstLeaver(items []Item) *Item {
	for i := range items {
		if d := items[i].Delivery; d.State != Clean || d.RemoteID != "" {
			return &items[i]
		}
	}
	return nil
}
