package delivery

import (
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// What the Journal tells of an attempt goes to the store with its outcome: the one
// is not written without the other. A verification is told by the store itself. A
// claim that was superseded is settled by nobody and not told.

// heldClass is the class of what the mass-change guard stops.
const heldClass = "guard"

// knows notes by which version of the tenant an attempt is made.
func (p *push) knows(t *tenant.Tenant) {
	p.told.RulesRev, p.leaves = t.RulesRev, directory.ToSuspend
	p.kind = kindOf(t, p.lane.slot)
	if t.Settings.OnDelete == tenant.Delete || p.ref.Kind == groupKind {
		p.leaves = directory.ToDelete
	}
	for _, c := range t.Connections {
		if c.Slot == p.lane.slot {
			p.told.Connection = c.ID
		}
	}
}

// attempted is what the Journal tells of an attempt: what it was about to do and
// what became of it, nothing of what it sent.
func (p *push) attempted(c *directory.Claim, o directory.Outcome, took time.Duration) *directory.Attempt {
	a := p.told
	a.Slot, a.Millis, a.Idle = p.lane.slot, took.Milliseconds(), o.Done != nil && !p.result.sent
	a.Op = p.opAt(c)
	var failure *directory.Failure
	switch {
	case o.Done != nil && o.Done.Rest != nil: // of a group: members are yet to come
		a.Outcome, failure = directory.WasInPart, o.Done.Rest.Failure
	case o.Done != nil:
		a.Outcome = directory.WasDone
	case o.Park != nil:
		a.Outcome, failure = directory.WasParked, o.Park
	default:
		a.Outcome, failure, a.Unknown = directory.WillRetry, &o.Retry.Failure, o.Retry.Unknown
	}
	if failure != nil {
		a.Class, a.Status = failure.Class, failure.Status
	}
	if a.Class == heldClass {
		a.Outcome = directory.WasHeld
	}
	return &a
}

// opAt is what a claim was about to do at the account.
func (p *push) opAt(c *directory.Claim) directory.AttemptOp {
	switch c.Delivery.Intent.Op {
	case directory.Creating:
		return directory.ToCreate
	case directory.Removing:
		if p.leaves != "" {
			return p.leaves
		}
		return directory.ToSuspend
	default:
		return directory.ToUpdate
	}
}
