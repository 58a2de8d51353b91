package delivery

import (
	"context"
	"errors"
	"slices"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
)

// toVerify reports whether all that a resource is due for is a comparison: it is
// delivered, and nothing of it is under way.
func (l *life) toVerify(item *directory.Item) bool {
	d := item.Delivery
	return d.Verify != nil && d.Intent == nil && d.Delivered == item.Version && !l.now().Before(d.Verify.After)
}

// verify compares account and store after an attempt of unknown outcome, whose
// request may have landed late, and has the resource sent anew if they differ.
// It reports whether it could tell; if not, the resource is better delivered.
func (p *push) verify(ctx context.Context, item *directory.Item) bool {
	l := p.lane
	ctx, cancel := context.WithTimeout(ctx, l.Timeout)
	defer cancel()
	t, err := l.worker.Tenants.Tenant(ctx, l.id)
	if err != nil {
		p.log().ErrorContext(ctx, "the tenant cannot be read", "error", err)
		return true
	}
	to, err := l.target.prepare(ctx, l.worker, t, l.slot)
	if err != nil {
		p.cannotVerify(ctx, t.Version, err)
		return true
	}
	object, ok := p.expected(ctx, to, item)
	if !ok {
		return false
	}
	same := item.Deleted && object.RemoteID == "" // nothing that could be looked up
	if !same {
		same, err = p.compare(ctx, to, object)
	}
	if err == nil && same && p.ref.Kind == groupKind && !item.Deleted {
		same, err = p.membersStand(ctx)
	}
	if err != nil {
		p.cannotVerify(ctx, t.Version, connectors.AsError(err))
	} else {
		p.verified(ctx, item, same)
	}
	return true
}

// compare asks the account. One that cannot be asked is told once more: by now
// nothing else is under way, so what it hears last is what is.
func (p *push) compare(ctx context.Context, to *prepared, object connectors.Object) (bool, error) {
	same, err := to.Matches(ctx, object)
	switch {
	case errors.Is(err, connectors.ErrCannotAsk):
		p.log().InfoContext(ctx, "sent again after an unknown outcome", "reason", err.Error())
		return false, nil
	case err != nil:
		return false, err
	case !same:
		p.log().WarnContext(ctx, "the account does not hold what was delivered; it is sent again")
	}
	p.result.sent = true
	return same, nil
}

// expected is what the account should hold of an item; false if it has changed
// since, or has no projection any more.
func (p *push) expected(ctx context.Context, to *prepared, item *directory.Item) (connectors.Object, bool) {
	object := connectors.Object{Kind: p.ref.Kind, ID: p.ref.ID, RemoteID: item.Delivery.RemoteID, Doubt: true}
	if item.Deleted {
		return object, true
	}
	r, err := p.lane.worker.Work.Get(ctx, p.lane.id, p.ref)
	if err != nil || r.Version != item.Version {
		return object, false
	}
	object.Sent = slices.DeleteFunc(slices.Clone(item.Delivery.Sent), to.rules.Leaves)
	object.Attributes, err = to.project(r, false)
	return object, err == nil
}

func (p *push) verified(ctx context.Context, item *directory.Item, same bool) {
	l := p.lane
	err := l.worker.Work.Verified(ctx, l.id, l.slot, p.ref, item.Delivery.Verify.Nonce, same, l.now())
	if err != nil && !errors.Is(err, directory.ErrSuperseded) {
		p.log().ErrorContext(ctx, "a verification cannot be noted", "error", err)
		return
	}
	p.result.later = time.Time{}
}

// cannotVerify tries again later. Nothing is noted: the doubt stands as it is.
func (p *push) cannotVerify(ctx context.Context, version uint64, err error) {
	var e *connectors.Error
	if errors.As(err, &e) {
		p.result.fault = &fault{err: e, version: version}
	}
	p.result.later = p.lane.now().Add(spread(30*p.lane.Backoff.Least, p.lane.random))
	p.log().InfoContext(ctx, "not verified", "reason", err.Error())
}
