package directory

import (
	"context"
	"time"

	"scimgate/tenant"
)

// Share is one membership of a group as it concerns one connection: what the
// directory wants, and what the account holds by our hand.
type Share struct {
	Member   string // id of the other end
	Wanted   bool   // there is such an Edge, and its other end lives
	RemoteID string // the account's id of the other end, if Wanted; "" if it has none yet
	Held     string // the account's id under which it is, or may be, a member there; "" if not
	mark     string // of the change that made it owed
}

// Shares is what accounts are owed of memberships. A group that is owed to a slot
// brings its changed Edges along as owed Shares, in the same atomic write; the
// group's own delivery says when they are sent (a Share has no time of its own),
// and the group is clean only when none is owed any more. What changes costs, and
// not how large the group is.
//
// The protocol is that of the resource. Before anything is sent of a Share,
// AskShares notes that it may be held from now on. A Share whose attempt ended
// without an answer is owed once more when nothing of that attempt can land any
// more (RecheckShares): what the account hears last is then what is wanted.
type Shares interface {
	// OwedShares returns up to limit Shares of a group that are owed, with a member
	// greater than after and by member; none where the group does not live.
	OwedShares(ctx context.Context, t tenant.ID, s tenant.Slot, group, after string, limit int) ([]Share, error)
	// AskShares notes that these are about to be sent.
	AskShares(ctx context.Context, t tenant.ID, s tenant.Slot, group string, shares []Share) error
	// SettleShares notes that the account took these, as they were returned. Those
	// that changed meanwhile stay owed. Unless sure, an earlier attempt may land
	// yet: they are looked at by the next RecheckShares, and who was removed is
	// still held to be there, perhaps.
	SettleShares(ctx context.Context, t tenant.ID, s tenant.Slot, group string, shares []Share, sure bool) error
	// RecheckShares makes those owed again that were asked and not settled for
	// sure, and reports whether any Share of the group is owed then. It may be
	// called once nothing of an earlier attempt can land any more.
	RecheckShares(ctx context.Context, t tenant.ID, s tenant.Slot, group string) (owed bool, err error)
	// RenewShares makes all of a group owed: the account has a new group in its
	// place, or is not to be believed.
	RenewShares(ctx context.Context, t tenant.ID, s tenant.Slot, group string) error
	// MoveShares makes those of a member owed again that the account holds under
	// another id than remoteID ("" if the member has left), and every group that
	// owes any of the member due at a time, with priority Leaving if it has left.
	MoveShares(ctx context.Context, t tenant.ID, s tenant.Slot, member, remoteID string, due time.Time) error
	// HoldShares notes that the account holds these members of a group, each under its
	// RemoteID, whoever put them there: they are owed anew, and the group is due at a
	// time. None where the group does not live.
	HoldShares(ctx context.Context, t tenant.ID, s tenant.Slot, group string, shares []Share, due time.Time) error
	// InheritShares makes what the account holds under remoteID of whomever else a
	// member's, who is about to have that account user, and every such group due at a
	// time. From then on no Share of the others can take the membership away. It may be
	// repeated.
	InheritShares(ctx context.Context, t tenant.ID, s tenant.Slot, member, remoteID string, due time.Time) error
}

// sharesAtOnce is how many Shares one write touches.
const sharesAtOnce = 1000

// nudge makes a group due at a time, if it would not be before.
func (d record) nudge(p Priority, at time.Time) (record, bool) {
	if d.State != Due {
		d.Priority = p
	}
	before := d.State == Due && !d.Due.After(at) && d.Priority <= p
	if d.deleted || before && (d.Intent == nil || d.Again) {
		return d, false
	}
	if d.State != Due || d.Due.After(at) {
		d.Due = at
	}
	d.Again = d.Intent != nil
	d.State, d.Priority = Due, min(d.Priority, p)
	return d, true
}

func nudging(p Priority, at time.Time) transition {
	return func(_ stored, was record) (record, bool, error) {
		next, changed := was.nudge(p, at)
		return next, changed, nil
	}
}

// nudge makes groups, by their keys, due at a time; those that are gone are passed by.
func nudge(ctx context.Context, step stepper, t tenant.ID, slot tenant.Slot, groups []string, p Priority, due time.Time) error {
	next := nudging(p, due)
	for _, key := range groups {
		if _, err := transit(ctx, step, t, slot, key, next); err != nil {
			return err
		}
	}
	return nil
}

// leavingIf is the priority of a group that owes a member who has left, or not.
func leavingIf(left bool) Priority {
	if left {
		return Leaving
	}
	return Grouping
}
