package ratelimit

import "time"

const (
	// leaseLife is how long a process may spend what it was lent; afterwards it is
	// lost, and with it a little of the burst, never of the rate: nothing is lent of
	// an allowance that is less than half whole.
	leaseLife = 200 * time.Millisecond
	// leaseShare is which part of a burst all processes together may hold.
	leaseShare = 8
)

// ahead is how many requests a process asks for beside the one that it needs, by what
// it has used since it last asked: what it will use in half a lease's life at that
// pace, at most twice what it has used, and its share of what all may hold. A lone
// slow caller is lent nothing, and loses nothing.
func (l Limit) ahead(used int, since time.Duration, sharers int) int {
	most := l.Burst / (leaseShare * max(sharers, 1))
	will := float64(used) * float64(leaseLife/2) / float64(max(since, time.Microsecond))
	return max(0, int(min(will-1, float64(2*used), float64(most))))
}

// loan is what a shared Store answers.
type loan struct {
	Decision
	lent    int           // requests beside, to be spent without asking
	arrival time.Duration // the key's theoretical arrival time from now on, with those
}

// lease is what one process knows of a key, and holds of its allowance. Pure: the
// caller holds a lock and brings the time. The zero lease knows and holds nothing.
type lease struct {
	limit  Limit
	tat    time.Time // of the key, by this process's clock, as if nothing were held
	held   int       // requests that were charged and are not used yet
	until  time.Time // then they are lost
	asked  time.Time // when the shared Store was last asked
	used   int       // requests since
	asking bool      // somebody asks for more
}

// spend takes cost from what is held and decides as the shared Store would, or
// reports that it must be asked.
func (e *lease) spend(l Limit, now time.Time, cost int) (Decision, bool) {
	e.lose(l, now)
	e.used += max(cost, 1)
	if cost < 1 || cost > e.held {
		return Decision{}, false
	}
	next, d := l.Charge(e.tat, now, cost)
	if !d.Allowed || d.Wait > 0 {
		return Decision{}, false
	}
	e.tat, e.held = next, e.held-cost
	return d, true
}

// lose gives up what is too old, or was lent under another limit.
func (e *lease) lose(l Limit, now time.Time) {
	if e.limit != l {
		*e = lease{limit: l, asking: e.asking}
	}
	if e.held > 0 && !now.Before(e.until) {
		e.tat, e.held = e.tat.Add(l.last(e.held)), 0
	}
}

// ask returns how many to ask for beside; none while another asks.
func (e *lease) ask(now time.Time, sharers int) int {
	n := max(0, e.limit.ahead(e.used, now.Sub(e.asked), sharers)-e.held)
	e.used, e.asked = 0, now
	if e.asking {
		return 0
	}
	e.asking = n > 0
	return n
}

// told notes the answer to a question that was asked under l, and returns it with what
// is held as remaining.
func (e *lease) told(l Limit, now time.Time, a loan) Decision {
	if e.lose(e.limit, now); e.limit != l { // what was lent under it is lost
		return a.Decision
	}
	a.Remaining = min(a.Remaining+e.held, l.Burst)
	if a.lent > 0 {
		e.held, e.until = e.held+a.lent, now.Add(leaseLife)
	}
	e.tat = now.Add(a.arrival - l.last(e.held))
	return a.Decision
}

// roomy reports whether a request will hardly have to wait, and must be asked for.
func (e *lease) roomy(l Limit, now time.Time) bool {
	e.lose(l, now)
	return e.held == 0 && 2*l.remaining(l.settle(e.tat, now), now) >= l.Burst
}
