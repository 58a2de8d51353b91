package delivery

import (
	"context"
	"time"
)

// lease is this worker's hold on an account's tenant, so that several processes
// share the tenants. It decides who begins pushes, and no more: that two workers
// may serve one tenant for a moment is what claims are for.
//
// It is trusted from the moment before it was asked for, and a quarter less long
// than the store holds it, so that a holder stops before another begins, as far
// as clocks allow.
type lease struct {
	term    string    // "" is none
	trusted time.Time // until then it is ours
	renew   time.Time // when to renew it
	ask     time.Time // somebody else has it: not before
}

// leaseTime bounds one question about a lease.
const leaseTime = 5 * time.Second

// leased reports whether the account may begin pushes, asking for the lease or
// renewing it where it is time. If not, wait is when to ask again; 0 is when the
// next hint or sweep says that something is due.
func (a *account) leased() (ours bool, wait time.Duration) {
	if a.worker.Leases == nil {
		return true, 0
	}
	l, now := &a.lease, a.now()
	switch {
	case l.term == "" && now.Before(l.ask):
		return false, l.ask.Sub(now)
	case l.term == "":
		a.acquire(now)
	case !now.Before(l.renew):
		a.renewLease(now)
	}
	return l.term != "" && a.now().Before(l.trusted), 0
}

func (a *account) acquire(now time.Time) {
	ctx, cancel := context.WithTimeout(a.ctx, leaseTime)
	defer cancel()
	term, err := a.sit(ctx)
	if err != nil {
		a.leaseFault(err)
	}
	if term == "" && a.lease.term != "" && err == nil {
		a.log.InfoContext(a.ctx, "another process serves the tenant now", "tenant", a.id)
	}
	if a.lease = (lease{term: term, ask: now.Add(a.Sweep / 2)}); term != "" {
		a.forgetLearnt()
		a.extend(now)
	}
}

func (a *account) renewLease(now time.Time) {
	ctx, cancel := context.WithTimeout(a.ctx, leaseTime)
	defer cancel()
	if a.seat > 0 && a.moveUp(ctx, now) {
		return
	}
	held, err := a.worker.Leases.RenewLease(ctx, seatKey(a.id, a.seat), a.lease.term, a.Lease)
	switch {
	case err != nil: // trusted as long as it was
		a.leaseFault(err)
		a.lease.renew = a.now().Add(peek)
	case held:
		if a.seat > 0 { // others serve the tenant too
			a.forgetLearnt()
		}
		a.extend(now)
	default: // somebody had it since, and may still
		a.acquire(now)
	}
}

func (a *account) extend(asked time.Time) {
	a.lease.trusted, a.lease.renew = asked.Add(a.Lease*3/4), asked.Add(a.Lease/3)
}

func (a *account) leaseFault(err error) {
	if a.ctx.Err() == nil {
		a.log.ErrorContext(a.ctx, "a lease cannot be had", "tenant", a.id, "error", err)
	}
}

// rest forgets what was found: nothing begins until the next look.
func (a *account) rest() {
	for _, l := range a.lanes {
		l.found, l.open = nil, false
	}
}

// untilRenewal shortens the wait of an account that has something to do. One
// that has nothing lets its lease run out.
func (a *account) untilRenewal(wait time.Duration) time.Duration {
	if a.worker.Leases == nil || wait == 0 {
		return wait
	}
	return min(wait, max(a.lease.renew.Sub(a.now()), time.Millisecond))
}

// release gives the tenant back at the account's end, while the worker is told to
// stop too: the others need not wait until the lease has run out.
func (a *account) release() {
	if a.lease.term == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.ctx), leaseTime)
	defer cancel()
	if err := a.worker.Leases.ReleaseLease(ctx, seatKey(a.id, a.seat), a.lease.term); err != nil {
		a.leaseFault(err)
	}
}
