package delivery

import (
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// account is one tenant's deliveries while there are any: a goroutine of its own,
// so that a tenant whose account hangs holds up nobody else. It looks for what
// is due, starts pushes, and takes in what became of them; all of its state and
// its lanes' belongs to that goroutine.
type account struct {
	*life
	worker  *Worker
	id      tenant.ID
	hint    chan struct{} // of capacity 1: hints coalesce
	results chan result
	holds   chan elsewhere // hints of other workers
	lanes   map[tenant.Slot]*lane
	resyncs atomic.Bool // one is under way
	turns
	lease  lease
	seat   int  // at a tenant that several processes serve; 0 has what goes first
	served bool // counted as such
}

func newAccount(w *Worker, l *life, id tenant.ID) *account {
	return &account{
		life: l, worker: w, id: id,
		hint:    make(chan struct{}, 1),
		results: make(chan result, l.Pushes),
		holds:   make(chan elsewhere, tenant.MaxConnections),
		lanes:   make(map[tenant.Slot]*lane),
		turns:   turns{turn: make(chan struct{}, 1)},
	}
}

// peek is how long an account waits for a time that something else may hide.
const peek = time.Second

func (a *account) run() {
	defer a.serves(false)
	defer a.release()
	defer a.leavePace()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for look, rested := true, false; a.ctx.Err() == nil; {
		wait, err := a.pass(look)
		if err != nil && a.ctx.Err() == nil {
			a.log.ErrorContext(a.ctx, "deliveries cannot be read", "tenant", a.id, "error", err)
		}
		a.passOn()
		idle := wait == 0 && !a.flying() && !a.waits
		switch {
		case idle && rested && a.worker.retire(a):
			return
		case idle:
			wait = a.Linger
		}
		timer.Reset(or(wait, peek))
		look, rested = true, false
		select {
		case <-a.hint:
		case <-timer.C:
			rested = idle
		case r := <-a.results:
			look = a.settleAll(r)
		case <-a.turn:
			a.turned()
			look = false
		case h := <-a.holds:
			a.hold(h)
			look = false
		case <-a.ctx.Done():
		}
	}
	for a.flying() {
		a.settle(<-a.results)
	}
	a.worker.retire(a)
}

// settleAll takes in r and all results that are there, and reports whether a
// lane of theirs has run out of what it had found. A lane beside it that has
// nothing to do, or that hangs, is no reason to look.
func (a *account) settleAll(r result) (look bool) {
	for {
		a.settle(r)
		look = look || len(r.lane.found) == 0
		select {
		case r = <-a.results:
		default:
			return look
		}
	}
}

func (a *account) flying() bool {
	for _, l := range a.lanes {
		if len(l.flying) > 0 {
			return true
		}
	}
	return false
}

// pass starts what may start, after a fresh look at what is due if asked. It
// returns when to come back; 0 is when somebody calls.
func (a *account) pass(look bool) (time.Duration, error) {
	ours, wait := a.leased()
	a.serves(ours)
	if !ours {
		a.rest()
		return wait, nil
	}
	if look {
		if err := a.look(); err != nil {
			return 0, err
		}
	}
	wait = 0
	for _, l := range a.lanes {
		l.start()
		next, err := l.next()
		if err != nil {
			return 0, err
		}
		if next > 0 && (wait == 0 || next < wait) {
			wait = next
		}
	}
	return a.untilRenewal(wait), nil
}

// look reads the tenant and what is due on each of its connections.
func (a *account) look() error {
	a.rest()
	t, err := a.worker.Tenants.Tenant(a.ctx, a.id)
	if errors.Is(err, tenant.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	a.resync(t)
	for _, c := range t.Connections {
		if !c.Sends() {
			continue
		}
		l := a.lane(c.Slot)
		l.open = true
		l.connection, l.kind, l.limit = c.ID, c.Kind, c.Pace
		l.learn()
		l.gate.changed(t.Version)
		if err := l.look(); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) lane(s tenant.Slot) *lane {
	l := a.lanes[s]
	if l == nil {
		l = &lane{
			account: a, slot: s, gate: gate{most: a.Pushes},
			flying: make(map[directory.Ref]uint64), later: make(map[directory.Ref]time.Time),
		}
		a.lanes[s] = l
	}
	return l
}

func (a *account) settle(r result) { r.lane.settle(r) }

// lane is one connection of an account.
type lane struct {
	*account
	connection string          // its id, as of the last look
	kind       string          // and its kind
	told       ConnectionState // what was told last of its breaker
	since      time.Time       // when that came to be; of another process, by its clock
	untold     bool            // the other processes have not heard of it yet
	learnt     bool            // what they told of it is taken in

	slot   tenant.Slot
	open   bool            // the connection exists and is not paused
	limit  ratelimit.Limit // of the connection's pace, as of the last look
	slow   time.Time       // nothing begins before, for the pace's sake
	gate   gate
	target target
	guard  guard
	found  []directory.Ref             // due, in order, not started yet
	flying map[directory.Ref]uint64    // the gate's openings when each began; never two pushes of one resource
	later  map[directory.Ref]time.Time // due by the list, not to be tried before
}

// result is what became of one push.
type result struct {
	lane  *lane
	ref   directory.Ref
	fault *fault    // what went wrong at the account; nil if nothing did
	sent  bool      // the account answered well
	later time.Time // if set: the list still has it due, but it must not be tried before
	slow  time.Time // if set: the connection's pace lets nothing go before
}

// look asks the list for what is due, and a little more than can start at once.
func (l *lane) look() error {
	now := l.now()
	for ref, until := range l.later {
		if !now.Before(until) {
			delete(l.later, ref)
		}
	}
	if l.gate.allows(now) <= l.busy() {
		return nil
	}
	others := l.seat * ahead
	limit := 4*l.Pushes + len(l.flying) + len(l.later)
	refs, err := l.worker.Work.DueNow(l.ctx, l.id, l.slot, now, others+limit)
	l.found = slices.DeleteFunc(refs[min(others, len(refs)):], l.taken)
	return err
}

func (l *lane) taken(ref directory.Ref) bool {
	_, later := l.later[ref]
	_, flying := l.flying[ref]
	return later || flying
}

// busy is how many pushes take a place of those that the gate allows. What hangs since
// before the gate opened takes no trial's: it may hang for as long as its time-out.
func (l *lane) busy() int {
	n := len(l.flying)
	for _, since := range l.flying {
		if !l.trial(since) {
			n--
		}
	}
	return n
}

// trial reports whether a push that began when the gate had opened so often tells how
// the account is now. What began before the latest opening does not, also when a trial
// has closed the gate since: its time-out is of the outage that is over.
func (l *lane) trial(since uint64) bool { return since == l.gate.opened }

// start begins as many pushes as the gate allows.
func (l *lane) start() {
	for len(l.found) > 0 && l.busy() < l.gate.allows(l.now()) && !l.now().Before(l.slow) && l.mayBegin() {
		p := &push{lane: l, ref: l.found[0], success: l.gate.success, pace: l.limit}
		l.found = l.found[1:]
		l.flying[p.ref] = l.gate.opened
		l.worker.working.Go(func() {
			r := p.run()
			l.pace.give()
			l.results <- r
		})
	}
}

func (l *lane) settle(r result) {
	since := l.flying[r.ref]
	delete(l.flying, r.ref)
	now := l.now()
	if !r.later.IsZero() {
		l.later[r.ref] = r.later
	}
	if r.slow.After(l.slow) {
		l.slow = r.slow
	}
	if r.sent {
		l.gate.passed(now)
	}
	if r.fault != nil && (l.trial(since) || causeOf(r.fault.err) != "") && l.gate.met(r.fault.err, r.fault.version, l.Backoff, now, l.random) {
		l.opened(r.fault.err)
		l.throttled()
	}
	l.show()
}

// next returns how long the lane may rest: until its gate opens or something is
// due. 0 is for good: the sweeper wakes it if that was wrong.
func (l *lane) next() (time.Duration, error) {
	now := l.now()
	if !l.open {
		return 0, nil
	}
	if l.gate.cause != "" && now.Before(l.gate.until) {
		return l.gate.until.Sub(now), nil
	}
	if now.Before(l.slow) {
		return l.slow.Sub(now), nil
	}
	if len(l.found) > 0 || l.busy() >= l.gate.allows(now) {
		return 0, nil // the next result brings it on
	}
	due, err := l.worker.Work.NextDue(l.ctx, l.id, l.slot)
	switch {
	case err != nil || due.IsZero():
		return 0, err
	case !due.After(now):
		return peek, nil // under way, or not to be tried yet
	case due.Sub(now) > 2*l.Sweep && len(l.flying) == 0 && l.gate.strikes == 0:
		return 0, nil
	default:
		return due.Sub(now), nil
	}
}
