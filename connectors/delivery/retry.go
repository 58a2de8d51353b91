package delivery

import (
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
)

// Classes of failure beside the connectors.Faults.
const (
	classMapping = "mapping"      // the rules make nothing of this resource
	classKiller  = "kills-worker" // workers die of it
	classWaiting = "waiting"      // for another resource
	classOurs    = "gateway"      // the fault is ours
)

// Unusable is the fault of a connection that cannot even be opened, or of rules
// that do not compile.
const Unusable connectors.Fault = "settings"

// tries is how often a resource that the account refuses is sent before it is
// parked; crashes is how many attempts in a row may end with their worker.
const (
	tries   = 3
	crashes = 3
)

// Backoff is how long to wait between attempts.
type Backoff struct {
	Least time.Duration // first wait; 0 is 1 s
	Most  time.Duration // longest wait; 0 is 1 h
}

func (b Backoff) filled() Backoff {
	if b.Least <= 0 {
		b.Least = time.Second
	}
	if b.Most <= 0 {
		b.Most = time.Hour
	}
	return b
}

// Decide says what follows a failed attempt at one resource (reliability-and-
// security.md 3.5). Whether the whole connection has to wait besides is told by
// Holds. random returns a number of [0, 1).
//
// There is no last attempt but for what the account itself refuses: what cannot
// be delivered today may be tomorrow, and the backlog is bounded by the number
// of resources.
func (b Backoff) Decide(e *connectors.Error, c *directory.Claim, now time.Time, random func() float64) directory.Outcome {
	b = b.filled()
	failure := failureOf(e, now)
	retry := directory.Retry{Failure: failure}
	switch e.Fault {
	case connectors.Conflict:
		if !e.Unknown {
			return directory.Outcome{Park: &failure}
		}
		retry.At = now.Add(b.next(c.Delivery, random))
	case connectors.Rejected:
		if !e.Unknown && refusedOften(c.Delivery) {
			return directory.Outcome{Park: &failure}
		}
		retry.At = now.Add(b.spaced(c.Delivery, random))
	case connectors.Throttled, connectors.Unauthorized, Unusable:
		// The connection waits, this resource need not: it only steps behind others.
		retry.At, retry.Spare = now.Add(spread(b.Least, random)), true
	default:
		retry.At = now.Add(b.next(c.Delivery, random))
	}
	markDoubt(&retry, e, c)
	return directory.Outcome{Retry: &retry}
}

// Holds reports whether a fault is the whole connection's: every other resource
// would meet the same.
func Holds(e *connectors.Error) bool {
	return e.Fault == connectors.Throttled || e.Fault == connectors.Unauthorized || e.Fault == Unusable
}

// markDoubt notes what nobody knows about the attempt. An unknown outcome leaves
// the intent in place. So does an earlier one that this attempt did not resolve:
// forgetting that the account may hold a user of ours would make a stranger of
// it. By then its requests have landed or died, so nobody has to wait for it.
func markDoubt(retry *directory.Retry, e *connectors.Error, c *directory.Claim) {
	switch {
	case e.Unknown:
		retry.Unknown, retry.Op = true, c.Delivery.Intent.Op
		if e.Creating { // which begins when nobody was found
			retry.Op, retry.Absent = directory.Creating, true
		}
		if quiet := c.Delivery.Intent.QuietUntil; retry.Op == directory.Creating && quiet.After(retry.At) {
			retry.At = quiet
		}
	case c.Doubt && c.Delivery.RemoteID == "":
		retry.Unknown, retry.Op = true, directory.Updating
	}
}

// refusedOften reports whether the account has refused the resource so often
// that this time is the last.
func refusedOften(d directory.Delivery) bool {
	return d.Failure != nil && d.Failure.Class == string(connectors.Rejected) && d.Attempts >= tries-1
}

// next is decorrelated jitter: a random wait between the least and three times
// the one before, so that what failed together does not come back together (at
// the cap neither, where the usual form lets most of them meet).
func (b Backoff) next(d directory.Delivery, random func() float64) time.Duration {
	before := b.Least
	if d.Failure != nil && d.Attempts > 0 {
		before = max(d.Due.Sub(d.Failure.At), before)
	}
	span := min(3*before, b.Most) - b.Least
	return b.Least + time.Duration(float64(span)*random())
}

// spaced waits 5 and then 30 times the least: long enough for a person at the
// account to correct something, or for a proxy's bad moment to pass.
func (b Backoff) spaced(d directory.Delivery, random func() float64) time.Duration {
	wait := 5 * b.Least
	if d.Failure != nil && d.Failure.Class == string(connectors.Rejected) {
		wait = 30 * b.Least
	}
	return min(spread(wait, random), b.Most)
}

// hold is how long a connection waits after a fault of its own, the strikes-th
// in a row: what the target asked for, else twice as long each time.
func (b Backoff) hold(e *connectors.Error, strikes int, random func() float64) time.Duration {
	b = b.filled()
	if e.RetryAfter > 0 {
		return min(spread(max(e.RetryAfter, b.Least), random), b.Most/4)
	}
	first, most := b.Least, b.Most/4
	switch e.Fault {
	case connectors.Throttled:
	case connectors.Unauthorized, Unusable: // until somebody corrects it
		first, most = 15*b.Least, b.Most
	default: // it may be back at any moment, and everything waits for it
		first, most = 5*b.Least, max(b.Most/60, 5*b.Least)
	}
	return spread(min(first<<min(strikes-1, 20), most), random)
}

// spread adds up to a tenth, so that connections do not return in step.
func spread(wait time.Duration, random func() float64) time.Duration {
	return wait + time.Duration(float64(wait)*random()/10)
}

func failureOf(e *connectors.Error, now time.Time) directory.Failure {
	return directory.Failure{Class: string(e.Fault), Status: e.Status, Reason: e.Reason, At: now}
}
