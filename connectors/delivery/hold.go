package delivery

import (
	"context"
	"errors"
	"sync"

	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// The mass-change guard. A mistake at the identity provider, one wrong scope or
// one wrong rule, disables a whole company, and each of its changes looks like
// any other. So departures are counted at the last moment, when it is known what
// would be sent: a user whom the account holds as active by our hand and would no
// longer, or a removal. Users are counted before they are sent, and a count is
// never given back: an attempt that fails is remembered as Granted, and its next
// one is not counted. What finds the threshold reached is Held; all else,
// creations and changes of others among it, flows on.

// guard counts one connection's departures in the store that all processes share.
// The pushes of one process ask it one by one.
type guard struct {
	mu    sync.Mutex
	holds bool // since the last one that it let go
}

// errWithheld means that too many leave.
var errWithheld = &postponed{
	class:  heldClass,
	reason: "more users were to leave the account within an hour than the tenant's threshold allows: release or discard",
}

// errKept means that the account is to keep the user as it is.
var errKept = errors.New("delivery: the account keeps the user until its next change")

// depart asks whether the claimed resource may leave the account now. leaves says
// that the account holds it as active.
func (p *push) depart(ctx context.Context, to *prepared, c *directory.Claim, leaves bool) error {
	l := p.lane
	before := c.Delivery.Departure
	switch {
	case p.ref.Kind != "User" || before == directory.Granted:
		return nil
	case before == directory.Refused && leaves:
		return errKept
	case l.worker.Departures == nil || to.tenant.Settings.Guard.Off:
		return nil
	case before != directory.Withheld && !leaves:
		return nil
	}
	p.decided = directory.Withheld
	if before == directory.Withheld {
		return errWithheld
	}
	ok, err := l.count(ctx, to.tenant, c.Deleted)
	if err != nil {
		p.decided = ""
		return storeFault(err)
	}
	if !ok {
		return errWithheld
	}
	p.decided = directory.Granted
	return nil
}

// count counts one departure if the tenant's threshold allows one more. How many
// users the tenant has is asked only if it matters.
func (l *lane) count(ctx context.Context, t *tenant.Tenant, deleted bool) (ok bool, err error) {
	g := &l.guard
	g.mu.Lock()
	defer g.mu.Unlock()
	ok, err = l.countAmong(ctx, t, 0, deleted)
	if err != nil || ok {
		g.holds = g.holds && !ok
		return ok, err
	}
	page, err := l.worker.Work.List(ctx, t.ID, directory.Query{Kind: "User", StartIndex: 1})
	if err != nil {
		return false, err
	}
	if ok, err = l.countAmong(ctx, t, page.Total, deleted); err != nil {
		return false, err
	}
	if !ok && !g.holds {
		l.alert(ctx, AlertMassChange, "the mass-change guard holds departures until they are released or discarded")
	}
	g.holds = !ok
	return ok, nil
}

func (l *lane) countAmong(ctx context.Context, t *tenant.Tenant, users int, deleted bool) (ok bool, err error) {
	now := l.now()
	err = l.worker.Departures.EditDepartures(ctx, t.ID, l.slot, func(d *tenant.Departures) bool {
		if ok = t.Settings.Guard.Allows(*d, users, deleted, now); ok {
			d.Add(deleted, now)
		}
		return ok
	})
	return ok && err == nil, err
}

// remember puts the guard's decision into an outcome that is tried again.
func (p *push) remember(o directory.Outcome) {
	if o.Retry != nil {
		o.Retry.Departure = p.decided
	}
}

// kept is what is delivered of a resource that the account is to keep as it is.
func kept(c *directory.Claim) *directory.Done {
	d := c.Delivery
	return &directory.Done{
		RemoteID: d.RemoteID, Sent: d.Sent, SentHash: d.SentHash, RulesRev: d.RulesRev,
		Away: d.Away, Name: d.Name, Departure: directory.Refused,
	}
}

// active reports whether the account holds the claimed resource as active by our
// hand.
func active(c *directory.Claim) bool { return c.Delivery.RemoteID != "" && !c.Delivery.Away }

// away reports whether a projection is of a user that is not active.
func away(projection *value.Object) bool {
	v, ok := projection.Get("active")
	return ok && !v.True()
}
