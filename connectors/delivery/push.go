package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
)

// push is one attempt at one resource. It runs in a goroutine of its own and of
// its lane uses only what does not change, the target apart.
type push struct {
	lane    *lane
	ref     directory.Ref
	success time.Time       // the connection's latest, when the push began
	pace    ratelimit.Limit // of the connection; zero: none
	groups  bool            // the connection is sent groups, too
	result  result

	decided  directory.Departure // by the guard, in this attempt
	takeover bool                // the account user that was taken over is active
	told     directory.Attempt   // to the journal, as far as it is known
	leaves   directory.AttemptOp // how who is deleted leaves the account
	kind     string              // of the connection
	settled  bool                // the outcome is noted
}

// fault is what a version of the tenant met at the connection.
type fault struct {
	err     *connectors.Error
	version uint64
}

// postponed means that this is not the time; nobody has failed.
type postponed struct {
	class, reason string
	until         time.Time // not before; zero: a little later
	err           error     // for the log
}

func (e *postponed) Error() string { return e.reason }
func (e *postponed) Unwrap() error { return e.err }

// errChanged means that the claim returned something else than was expected.
var errChanged = &postponed{class: classWaiting, reason: "the resource or the rules changed while it was claimed"}

// storeFault is a postponement because the store failed.
func storeFault(err error) *postponed {
	return &postponed{class: classOurs, reason: "the gateway's own store did not answer", err: err}
}

// run makes the attempt. What it could not settle is tried again a little later:
// the list may be older than what the push has found.
func (p *push) run() result {
	p.result = result{lane: p.lane, ref: p.ref, later: p.lane.now().Add(p.lane.Backoff.Least)}
	p.guarded(p.lane.grace)
	return p.result
}

// guarded survives a connector that panics. The claim is left as a dead process
// would leave it, so that the resource is parked if it happens each time.
func (p *push) guarded(ctx context.Context) {
	defer func() {
		if cause := recover(); cause != nil {
			p.log().ErrorContext(ctx, "a push panicked", "stack", string(debug.Stack()))
		}
	}()
	p.try(ctx)
}

func (p *push) try(ctx context.Context) {
	l := p.lane
	item, err := l.worker.Work.Delivery(ctx, l.id, l.slot, p.ref)
	switch {
	case errors.Is(err, directory.ErrNotFound):
	case err != nil:
		p.log().ErrorContext(ctx, "a delivery cannot be read", "error", err)
	case item.Delivery.State != directory.Due:
		p.result.later = time.Time{}
	case !p.paced(ctx):
	case l.toVerify(item) && p.verify(ctx, item):
	default:
		p.deliver(ctx, item)
	}
}

// deliver claims the resource, pushes what the claim returned and commits what
// became of it. The time by which the last request must have started is taken
// before the claim, so that it ends before the claim's intent does.
func (p *push) deliver(ctx context.Context, item *directory.Item) {
	l, now := p.lane, p.lane.now()
	sendBy := now.Add(l.SendBy)
	intent := directory.Intent{
		ID: rand.Text(), Op: opOf(item), QuietUntil: sendBy.Add(l.Timeout + l.Grace), Name: p.doubtfulName(ctx, item),
	}
	c, err := l.worker.Work.Claim(ctx, l.id, l.slot, p.ref, intent, now)
	switch {
	case errors.Is(err, directory.ErrNotDue):
		p.result.later = now.Add(l.Backoff.Least / 50) // changed a moment ago, or in other hands
		return
	case err != nil:
		p.log().ErrorContext(ctx, "a resource cannot be claimed", "error", err)
		return
	}
	c.Delivery.Due = item.Delivery.Due // the claim of what creates moves it
	ctx = p.watched(ctx, c)
	sending, cancel := context.WithDeadline(connectors.WithSendBy(ctx, sendBy), sendBy.Add(l.Timeout))
	defer cancel()
	done, err := p.attempt(sending, c)
	outcome := directory.Outcome{Done: done}
	if err != nil {
		outcome = p.failed(c, err)
	}
	p.remember(outcome)
	outcome.Attempt = p.attempted(c, outcome, l.now().Sub(now))
	p.commit(ctx, c, outcome)
	p.tell(ctx, c, done)
	p.report(ctx, c, outcome, err, l.now().Sub(now))
	p.seen(ctx, c, outcome, now)
}

func opOf(item *directory.Item) directory.Op {
	switch {
	case item.Deleted:
		return directory.Removing
	case item.Delivery.RemoteID == "":
		return directory.Creating
	default:
		return directory.Updating
	}
}

// attempt makes the account equal to the claim. The tenant is read after the
// claim: rules that are published later find the intent, and make the resource
// due again.
func (p *push) attempt(ctx context.Context, c *directory.Claim) (*directory.Done, error) {
	l := p.lane
	if c.Delivery.Crashes >= crashes {
		return nil, &postponed{class: classKiller, reason: "each attempt at this resource has ended its worker"}
	}
	if c.Delivery.Intent.Op == directory.Updating && c.Delivery.RemoteID == "" && !c.Deleted {
		return nil, errChanged
	}
	t, err := l.worker.Tenants.Tenant(ctx, l.id)
	if err != nil {
		return nil, storeFault(err)
	}
	p.knows(t)
	to, err := l.target.prepare(ctx, l.worker, t, l.slot)
	if err != nil {
		return nil, p.blamed(ctx, to, t.Version, c, err)
	}
	p.groups = to.syncsGroups(l.slot)
	done, err := p.send(ctx, to, c)
	if err != nil {
		return nil, p.blamed(ctx, to, t.Version, c, err)
	}
	done.RulesRev = t.RulesRev
	return done, nil
}

func (p *push) send(ctx context.Context, to *prepared, c *directory.Claim) (*directory.Done, error) {
	done, err := p.sendAs(ctx, to, c)
	if errors.Is(err, errKept) {
		return kept(c), nil
	}
	return done, err
}

func (p *push) sendAs(ctx context.Context, to *prepared, c *directory.Claim) (*directory.Done, error) {
	switch {
	case scim.IsDrill(p.ref.ID): // owed by mistake, as by a resync meanwhile
		return p.leaveAsIs(c), nil
	case p.ref.Kind == groupKind && !p.groups:
		return p.leaveAsIs(c), nil
	case c.Deleted:
		return p.remove(ctx, to, c)
	case p.ref.Kind == groupKind:
		return p.putGroup(ctx, to, c)
	default:
		return p.put(ctx, to, c)
	}
}

// blamed finds out whose fault a failed push is, and tells the lane if it is the
// whole connection's.
//
// An account may forbid us one user, an administrator say, which must not hold
// up all others. So when it refuses our credential it is asked whether it really
// does. If not, the resource is tried again by itself, and counts as refused
// once another one has succeeded meanwhile; a credential that may read but not
// write parks nothing.
func (p *push) blamed(ctx context.Context, to *prepared, version uint64, c *directory.Claim, err error) error {
	var e *connectors.Error
	if !errors.As(err, &e) {
		return err
	}
	if e.Fault == connectors.Unauthorized && to.Check(ctx) == nil {
		own := *e
		own.Fault = connectors.Transient
		if last := c.Delivery.Failure; last != nil && p.success.After(last.At) {
			own.Fault = connectors.Rejected
		}
		return &own
	}
	p.result.fault = &fault{err: e, version: version}
	return e
}

// failed turns an error into what the store notes of it.
func (p *push) failed(c *directory.Claim, err error) directory.Outcome {
	l, now := p.lane, p.lane.now()
	var (
		wait  *postponed
		rules *mapping.Error
	)
	switch {
	case errors.As(err, &rules):
		return directory.Outcome{Park: &directory.Failure{Class: classMapping, Reason: rules.Error(), At: now}}
	case !errors.As(err, &wait):
		return l.Backoff.Decide(connectors.AsError(err), c, now, l.random)
	case wait.class == classKiller:
		return directory.Outcome{Park: &directory.Failure{Class: wait.class, Reason: wait.reason, At: now}}
	}
	retry := &directory.Retry{
		At:      now.Add(spread(l.Backoff.Least/4, l.random)),
		Failure: directory.Failure{Class: wait.class, Reason: wait.reason, At: now},
		Spare:   true,
	}
	if wait.until.After(retry.At) {
		retry.At = wait.until
	}
	markDoubt(retry, &connectors.Error{}, c)
	return directory.Outcome{Retry: retry}
}

// commitTime bounds the commits of one outcome.
const commitTime = 5 * time.Second

// commit settles the claim, even while the worker is told to stop: a push that
// happened and is not noted happens again. A claim that somebody newer holds is
// theirs to settle.
func (p *push) commit(ctx context.Context, c *directory.Claim, o directory.Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	for {
		err := p.lane.worker.Work.Commit(ctx, c, o)
		if err == nil || errors.Is(err, directory.ErrSuperseded) {
			p.result.later, p.settled = time.Time{}, err == nil
			return
		}
		p.log().ErrorContext(ctx, "an outcome cannot be noted", "error", err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(commitTime / 10):
		}
	}
}

// report logs what became of an attempt.
func (p *push) report(ctx context.Context, c *directory.Claim, o directory.Outcome, err error, took time.Duration) {
	log := p.log().With("request_id", c.Request, "version", c.Resource.Version, "op", c.Delivery.Intent.Op, "took", took)
	if o.Done != nil {
		log.DebugContext(ctx, "delivered")
		return
	}
	log = log.With("attempts", c.Delivery.Attempts, "crashes", c.Delivery.Crashes)
	if cause := errors.Unwrap(err); cause != nil {
		log = log.With("error", cause)
	}
	if f := o.Park; f != nil {
		log.WarnContext(ctx, "parked", "class", f.Class, "status", f.Status, "reason", f.Reason)
		return
	}
	f := o.Retry.Failure
	log.InfoContext(ctx, "not delivered", "class", f.Class, "status", f.Status, "reason", f.Reason,
		"again_at", o.Retry.At, "unknown", o.Retry.Unknown)
}

// log is the lane's logger with the resource's id: no personal data.
func (p *push) log() *slog.Logger {
	l := p.lane
	return l.log.With("tenant", l.id, "slot", l.slot, "kind", p.ref.Kind, "id", p.ref.ID)
}
