package ratelimit

import (
	"math"
	"time"
)

// Charge takes cost requests at time now from a key whose state is tat, the
// theoretical arrival time: when its allowance will be whole again. It returns
// the state to keep, after a refusal too. The zero time is the state of a key
// never seen. A cost greater than the burst is
// refused for good; a cost below 1 charges nothing.
//
// This is GCRA (ITU-T I.371) with one difference: a request that comes at most
// MaxPace too early is let through with a Wait instead of being refused. Pure;
// every Store decides as this function does.
func (l Limit) Charge(tat, now time.Time, cost int) (time.Time, Decision) {
	l, cost = l.effective(), max(cost, 0)
	burst, start := l.last(l.Burst), l.settle(tat, now)
	if cost > l.Burst {
		return start, Decision{RetryAfter: burst}
	}
	next := start.Add(l.last(cost))
	early := next.Sub(now) - burst
	if early > MaxPace {
		return start, Decision{RetryAfter: early, Remaining: l.remaining(start, now)}
	}
	return next, Decision{Allowed: true, Wait: max(early, 0), Remaining: l.remaining(next, now)}
}

// Lend is Charge, and takes up to ahead requests more, for whoever asked to spend by
// itself: as many as leave half of the burst, so that a key that goes as fast as it
// may has its limit to the request, and none of it is lent away. They count as
// remaining. Pure; it returns how many were lent.
func (l Limit) Lend(tat, now time.Time, cost, ahead int) (time.Time, Decision, int) {
	l = l.effective()
	next, d := l.Charge(tat, now, cost)
	if !d.Allowed {
		return next, d, 0
	}
	lent := max(0, min(ahead, d.Remaining-(l.Burst+1)/2))
	return next.Add(l.last(lent)), d, lent
}

// settle brings a stored tat into the range that Charge can have left behind: a
// clock that was set back, or a limit that was raised, must lock nobody out.
func (l Limit) settle(tat, now time.Time) time.Time {
	latest := now.Add(l.last(l.Burst) + MaxPace)
	switch {
	case tat.Before(now):
		return now
	case tat.After(latest):
		return latest
	default:
		return tat
	}
}

// last is how long n requests last at the sustained rate.
func (l Limit) last(n int) time.Duration {
	return time.Duration(float64(n) / l.Rate * float64(time.Second))
}

// remaining is what a key with this tat has left at now.
func (l Limit) remaining(tat, now time.Time) int {
	free := l.last(l.Burst) - tat.Sub(now)
	return max(0, int(math.Floor(free.Seconds()*l.Rate+1e-6)))
}

// slowest is the lowest rate that is told from none, about one a day: below it
// durations overflow.
const slowest = 1e-5

// OrDefault is the limit that is in force where l is configured: DefaultLimit for
// none at all, and nothing below what can be counted.
func (l Limit) OrDefault() Limit { return l.effective() }

// effective fills in what a Limit leaves open.
func (l Limit) effective() Limit {
	if l == (Limit{}) {
		return DefaultLimit
	}
	if !(l.Rate >= slowest) { // NaN too
		l.Rate = slowest
	}
	l.Rate = min(l.Rate, 1e9)
	l.Burst = min(max(l.Burst, 1), 1<<20)
	return l
}
