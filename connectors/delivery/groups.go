package delivery

import (
	"context"
	"errors"
	"net/http"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

const groupKind = "Group"

// A group is delivered in two steps, each committed by itself: first the group,
// so that its id at the account is never forgotten, and then its members, as many
// at a time as the account is asked to take at once. A member whom the account
// does not have yet is not sent: it is looked for again when it has come, and
// now and then besides, should nobody have said so.
const (
	membersAtOnce = 100             // in one request, at most
	waitForMember = 5 * time.Minute // between two looks for who is not there yet
)

// syncsGroups reports whether the connection is sent groups, and can be.
func (to *prepared) syncsGroups(s tenant.Slot) bool {
	c, ok := connection(to.tenant, s)
	_, can := to.Connector.(connectors.Grouper)
	return ok && c.Groups && can
}

// leaveAsIs is the end of a group that is owed to a connection which is no longer sent
// groups, and of what is there to try the service only. What the account holds stays
// noted, for the day on which it is.
func (p *push) leaveAsIs(c *directory.Claim) *directory.Done {
	d := c.Delivery
	return &directory.Done{RemoteID: d.RemoteID, Sent: d.Sent, SentHash: d.SentHash}
}

// putGroup makes the account hold the claimed group, and as many of its members
// as there is time for.
func (p *push) putGroup(ctx context.Context, to *prepared, c *directory.Claim) (*directory.Done, error) {
	done, err := p.put(ctx, to, c)
	if err != nil {
		return nil, err
	}
	if done.RemoteID != c.Delivery.RemoteID {
		if c.Delivery.RemoteID != "" { // made anew: none of its members is in it
			if err := p.lane.worker.Work.RenewShares(ctx, p.lane.id, p.lane.slot, p.ref.ID); err != nil {
				return nil, storeFault(err)
			}
		}
		done.Rest = &directory.Rest{At: p.lane.now()}
		return done, nil
	}
	r := &roll{push: p, to: to, claim: c, object: objectOf(to, c), sure: p.nothingFlies(c), added: map[string]bool{}}
	rest, err := r.run(ctx)
	switch {
	case r.anew != nil:
		done, rest = r.anew, &directory.Rest{At: p.lane.now()}
	case errors.Is(err, errNoTime):
		rest = &directory.Rest{At: p.lane.now()}
	case err != nil:
		return nil, err
	}
	done.Rest = rest
	return done, nil
}

// nothingFlies reports whether no earlier attempt at the claimed group can land
// any more, so that what is settled now is settled for good.
func (p *push) nothingFlies(c *directory.Claim) bool {
	v := c.Delivery.Verify
	return !c.Doubt && (v == nil || !p.lane.now().Before(v.After))
}

// membersStand makes owed again what an attempt of unknown outcome may have
// changed, and reports whether all members are as they shall be.
func (p *push) membersStand(ctx context.Context) (bool, error) {
	owed, err := p.lane.worker.Work.RecheckShares(ctx, p.lane.id, p.lane.slot, p.ref.ID)
	return !owed, err
}

// moved tells the groups that a user is in when the account has got another one in
// its place, or none. It comes before the commit, and their due time after it: who
// dies in between has told them all the same.
//
// Whom it got may have been another one's before, a re-hire the account user of who
// has left (design 6.14): the memberships are handed over with it, or a group that is
// to take out the one would take out the other, in a later attempt.
func (p *push) moved(ctx context.Context, c *directory.Claim, remoteID string) error {
	l, was := p.lane, c.Delivery.RemoteID
	if !p.groups || was == remoteID {
		return nil
	}
	if remoteID != "" {
		due := l.now().Add(l.SendBy + l.Timeout)
		if err := l.worker.Work.InheritShares(ctx, l.id, l.slot, p.ref.ID, remoteID, due); err != nil {
			return storeFault(err)
		}
	}
	if was == "" {
		return nil
	}
	due := l.now()
	if remoteID != "" {
		due = due.Add(l.SendBy + l.Timeout)
	}
	if err := l.worker.Work.MoveShares(ctx, l.id, l.slot, p.ref.ID, remoteID, due); err != nil {
		return storeFault(err)
	}
	return nil
}

// tell hints, after the commit, to the groups that wait for this one that the
// account has it now.
func (p *push) tell(ctx context.Context, c *directory.Claim, done *directory.Done) {
	if !p.groups || done == nil || done.RemoteID == "" || done.RemoteID == c.Delivery.RemoteID {
		return
	}
	l := p.lane
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	if err := l.worker.Work.MoveShares(ctx, l.id, l.slot, p.ref.ID, done.RemoteID, l.now()); err != nil {
		p.log().WarnContext(ctx, "the groups that wait for it look again later", "error", err)
		return
	}
	l.worker.Wake(l.id)
}

// roll sends what is owed of one group's members.
type roll struct {
	*push
	to      *prepared
	claim   *directory.Claim
	object  connectors.Object
	sure    bool            // nothing of an earlier attempt can land any more
	waiting int             // members who are not at the account yet
	refused error           // the first refusal of a single member
	stands  bool            // the account was asked whether it has the group
	anew    *directory.Done // it had not, and has another now
	added   map[string]bool // the account's ids of those who were sent as members
}

// errNoTime ends an attempt whose time to begin requests is nearly over; errAnew
// one whose group turned out to be gone.
var (
	errNoTime = errors.New("delivery: no time for more members")
	errAnew   = errors.New("delivery: the account's group is another one")
)

// run sends until nothing is left that can be sent, or the time to begin
// something is over.
func (r *roll) run(ctx context.Context) (*directory.Rest, error) {
	if r.sure {
		if _, err := r.membersStand(ctx); err != nil {
			return nil, storeFault(err)
		}
	}
	l := r.lane
	for after := ""; ; {
		shares, err := l.worker.Work.OwedShares(ctx, l.id, l.slot, r.ref.ID, after, membersAtOnce)
		if err != nil {
			return nil, storeFault(err)
		}
		if len(shares) == 0 {
			return r.rest(), r.refused
		}
		after = shares[len(shares)-1].Member
		if err := r.send(ctx, shares); err != nil {
			return nil, err
		}
	}
}

// rest is what is left: nothing, or members who are yet to come.
func (r *roll) rest() *directory.Rest {
	if r.waiting == 0 {
		return nil
	}
	now := r.lane.now()
	return &directory.Rest{
		At:      now.Add(spread(waitForMember, r.lane.random)),
		Failure: &directory.Failure{Class: classWaiting, Reason: "some of its members are not in the account yet", At: now},
	}
}

// send has the account take shares, and settles them. Those that it refuses
// together are sent in halves, so that one does not keep out the others.
func (r *roll) send(ctx context.Context, shares []directory.Share) error {
	ready := r.ready(shares)
	if len(ready) == 0 {
		return nil
	}
	l := r.lane
	if change := r.change(ready); len(change.Add)+len(change.Remove) > 0 {
		if !connectors.InTime(ctx, l.SendBy/10) {
			return errNoTime
		}
		if err := l.worker.Work.AskShares(ctx, l.id, l.slot, r.ref.ID, ready); err != nil {
			return storeFault(err)
		}
		if err := r.to.Connector.(connectors.Grouper).Change(ctx, r.object, change); err != nil {
			return r.divide(ctx, ready, err)
		}
		r.result.sent = true
	}
	if err := l.worker.Work.SettleShares(ctx, l.id, l.slot, r.ref.ID, ready, r.sure); err != nil {
		return storeFault(err)
	}
	return nil
}

// ready leaves out who is wanted and not at the account yet.
func (r *roll) ready(shares []directory.Share) []directory.Share {
	var ready []directory.Share
	for _, s := range shares {
		if s.Wanted && s.RemoteID == "" {
			r.waiting++
			continue
		}
		ready = append(ready, s)
	}
	return ready
}

// change is what the account is asked. Nobody who was put in is taken out, whose
// Shares were handed over while they were read.
func (r *roll) change(shares []directory.Share) (m connectors.Members) {
	for _, s := range shares {
		if s.Wanted {
			m.Add = append(m.Add, s.RemoteID)
			r.added[s.RemoteID] = true
		}
	}
	for _, s := range shares {
		if !s.Wanted && s.Held != "" && !r.added[s.Held] {
			m.Remove = append(m.Remove, s.Held)
		}
	}
	return m
}

// divide goes on after a failure: in halves if the account refused what it was
// sent, past a single one that it refuses, and not at all otherwise.
func (r *roll) divide(ctx context.Context, shares []directory.Share, err error) error {
	e := connectors.AsError(err)
	missing := e.Status == http.StatusNotFound
	if missing && !r.stands {
		if err := r.stand(ctx); err != nil {
			return err
		}
	}
	if e.Unknown || e.Fault != connectors.Rejected && !missing {
		return e
	}
	if len(shares) == 1 {
		if r.refused == nil {
			r.refused = &connectors.Error{Fault: connectors.Rejected, Status: e.Status, Reason: "the account refuses one of the group's members"}
		}
		return nil
	}
	half := len(shares) / 2
	if err := r.send(ctx, shares[:half]); err != nil {
		return err
	}
	return r.send(ctx, shares[half:])
}

// stand finds out what is not there, the group or one of the members: it tells
// the account the group itself once more. One that it no longer had is another one
// now, and none of its members is in it.
func (r *roll) stand(ctx context.Context) error {
	r.claim.Delivery.SentHash = ""
	done, err := r.put(ctx, r.to, r.claim)
	if err != nil {
		return err
	}
	r.stands = true
	if done.RemoteID == r.object.RemoteID {
		return nil
	}
	l := r.lane
	if err := l.worker.Work.RenewShares(ctx, l.id, l.slot, r.ref.ID); err != nil {
		return storeFault(err)
	}
	r.anew = done
	return errAnew
}
