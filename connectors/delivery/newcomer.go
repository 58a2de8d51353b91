package delivery

import (
	"context"
	"slices"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// newcomer completes the object of a resource that has no account user yet. Before
// anything is sent its name stands in the intent, and nothing of an account user
// that it takes over is a default.
func (p *push) newcomer(ctx context.Context, to *prepared, c *directory.Claim, object *connectors.Object) error {
	fresh, err := to.project(c.Resource, true)
	if err != nil {
		return err
	}
	if nameIn(c.Resource.Kind, fresh) != c.Delivery.Intent.Name {
		return errChanged
	}
	if err := p.inherit(ctx, c, object); err != nil {
		return err
	}
	if object.RemoteID == "" {
		object.Attributes = fresh
		intent := c.Delivery.Intent
		object.Earlier, err = p.untaken(ctx, slices.DeleteFunc(intent.Names(), func(name string) bool { return name == intent.Name }))
	}
	return err
}

// inherit lets a re-hire wait until the earlier user of its name has left, and
// then take over that one's account user (design 6.14). From then on the account
// user is known by its name alone, until this attempt is committed: that is a
// doubt to keep if the attempt fails, and if nobody knows whether the store took
// it over: its answer may be lost, and asked again it says no.
func (p *push) inherit(ctx context.Context, c *directory.Claim, object *connectors.Object) error {
	l := p.lane
	leaver, err := l.worker.Work.Leaver(ctx, l.id, l.slot, c.Resource)
	if err != nil {
		return storeFault(err)
	}
	if leaver == nil {
		return nil
	}
	if d := leaver.Delivery; d.State != directory.Clean && d.State != directory.Held {
		wait := &postponed{class: classWaiting, reason: "an earlier user of that name is still leaving the account"}
		if late := l.now().Add(5 * l.Backoff.Least); d.State == directory.Parked || d.Due.After(late) {
			wait.until = late
		}
		return wait
	}
	remoteID := leaver.Delivery.RemoteID
	c.Doubt = true
	taken, err := l.worker.Work.TakeOver(ctx, l.id, l.slot, leaver.Ref, remoteID)
	switch {
	case err != nil:
		return storeFault(err)
	case !taken:
		return errChanged
	}
	p.takeover = !leaver.Delivery.Away
	object.Doubt = true
	object.RemoteID, object.Sent = remoteID, leaver.Delivery.Sent
	return nil
}

// doubtfulName is the name that the account may know the resource by when the
// attempt stays without an answer. It goes into the intent, because a resource
// that is deleted then keeps no name of its own, and a user whom nobody removes
// would stay active in the account.
func (p *push) doubtfulName(ctx context.Context, item *directory.Item) string {
	switch {
	case item.Delivery.RemoteID != "":
		return ""
	case item.Deleted:
		if item.Delivery.Intent == nil {
			return ""
		}
		return item.Delivery.Intent.Name
	}
	projection, err := p.foreseen(ctx)
	if err != nil {
		return "" // it comes again when it matters
	}
	return nameIn(p.ref.Kind, projection)
}

// foreseen is the projection that a creation is likely to send.
func (p *push) foreseen(ctx context.Context) (*value.Object, error) {
	l := p.lane
	to, err := l.target.latest(ctx, l)
	if err != nil {
		return nil, err
	}
	r, err := l.worker.Work.Get(ctx, l.id, p.ref)
	if err != nil {
		return nil, err
	}
	return to.project(r, true)
}

// untaken are those of the names under which the account may hold the resource that
// no other has come to the account with by now: what is found there is that one's.
func (p *push) untaken(ctx context.Context, names []string) (left []string, err error) {
	for _, name := range names {
		taken, err := p.taken(ctx, name)
		if err != nil {
			return nil, storeFault(err)
		}
		if !taken {
			left = append(left, name)
		}
	}
	return left, nil
}

// taken reports whether another resource has the name and has, or may have, an
// account user of its own. Who has not been sent yet waits for the name, or will
// find what is there not to be theirs.
func (p *push) taken(ctx context.Context, name string) (bool, error) {
	l := p.lane
	same := &filter.Compare{Path: filter.Path{Name: nameOf(p.ref.Kind)}, Op: filter.Equal, Value: value.NewText(name)}
	named, err := filter.Bind(same, scim.Define(nil).Type(p.ref.Kind))
	if err != nil {
		return false, err
	}
	page, err := l.worker.Work.List(ctx, l.id, directory.Query{Kind: p.ref.Kind, Filter: named, StartIndex: 1, Count: 1})
	if err != nil || len(page.Resources) == 0 || page.Resources[0].ID == p.ref.ID {
		return false, err
	}
	other, err := l.worker.Work.Delivery(ctx, l.id, l.slot, directory.Ref{Kind: p.ref.Kind, ID: page.Resources[0].ID})
	if err != nil {
		return false, gone(err)
	}
	d := other.Delivery
	return d.RemoteID != "" && !d.Adopting || d.Intent != nil, nil
}
