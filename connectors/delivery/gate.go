package delivery

import (
	"time"

	"scimgate/connectors"
)

// Cause is why a connection's breaker opened.
type Cause string

// The causes. Each is the whole connection's: every other resource would meet
// the same.
const (
	CauseRate      Cause = "rate"      // half of at least ten attempts within 30 s failed
	CauseAuth      Cause = "auth"      // the account refuses our credential, or has nothing at its address
	CauseThrottled Cause = "throttled" // the account asked for patience
	CauseSettings  Cause = "settings"  // the connection cannot be opened, or its rules do not compile
)

// causeOf is the cause that a fault of the connection is; "" of any other.
func causeOf(e *connectors.Error) Cause {
	switch e.Fault {
	case connectors.Unauthorized:
		return CauseAuth
	case connectors.Throttled:
		return CauseThrottled
	case Unusable:
		return CauseSettings
	default:
		return ""
	}
}

// gate is a connection's breaker: closed while all is well, open until a time
// after a fault of the connection, and then half open: one push is let through,
// whose outcome decides. An account that asked for patience is given half as many
// pushes at a time as before, and one more after each success; one that was away,
// one to begin with. What opens or closes it is told to the other processes
// (learn.go); the rest is kept in memory only. One goroutine uses it.
type gate struct {
	most    int // pushes at a time
	width   int // pushes at a time for now; 0 is most
	cause   Cause
	until   time.Time // open before this, half open after, if there is a cause
	strikes int       // openings in a row
	opened  uint64    // openings ever: what began before the latest is no trial
	tenant  uint64    // version of the tenant that met the fault
	seen    uint64    // latest version of the tenant
	success time.Time // the latest
	recent  recent
}

// allows returns how many pushes may be under way now.
func (g *gate) allows(now time.Time) int {
	switch {
	case g.cause != "" && now.Before(g.until):
		return 0
	case g.cause != "":
		return 1
	default:
		return g.wide()
	}
}

func (g *gate) wide() int {
	if g.width == 0 {
		return g.most
	}
	return g.width
}

// changed lets a tenant of a newer version try at once: the administrator may
// just have corrected the credential.
func (g *gate) changed(version uint64) {
	g.seen = version
	if g.cause != "" && g.tenant != version {
		g.until, g.strikes = time.Time{}, 0
	}
}

// met takes in a failed attempt, and reports whether the breaker opened:
// pushes that were under way together meet the same fault, which is one strike.
func (g *gate) met(e *connectors.Error, version uint64, b Backoff, now time.Time, random func() float64) bool {
	cause := causeOf(e)
	if e.Fault == connectors.Transient || e.Fault == connectors.Protocol {
		g.recent.add(now, false)
		if g.cause != "" || g.recent.bad(now) {
			cause = CauseRate
		}
	} else if cause == "" { // it answers, and refuses the one object
		g.answered(now)
	}
	if cause == "" || g.cause != "" && now.Before(g.until) {
		return false
	}
	g.open(cause, version)
	g.until = now.Add(b.hold(e, g.strikes, random))
	return true
}

func (g *gate) open(cause Cause, version uint64) {
	if cause == CauseThrottled {
		g.width = max(g.wide()/2, 1)
	} else {
		g.width = 1
	}
	g.cause, g.tenant, g.recent = cause, version, recent{}
	g.strikes++
	g.opened++
}

// hold takes another worker's word that the account asked for patience. It opens the
// breaker, or keeps it open for longer, and is no strike: nothing of ours has failed.
func (g *gate) hold(until, now time.Time) {
	if !until.After(now) || g.cause != "" && until.Before(g.until) {
		return
	}
	if g.cause == "" {
		g.cause, g.width = CauseThrottled, max(g.wide()/2, 1)
		g.opened++
	}
	g.until, g.tenant = until, g.seen
}

// passed notes a success.
func (g *gate) passed(now time.Time) {
	g.success = now
	g.recent.add(now, true)
	if g.answered(now) {
		g.strikes = 0
		if g.width = g.wide() + 1; g.width >= g.most {
			g.width = 0
		}
	}
}

// answered closes a breaker that was half open.
func (g *gate) answered(now time.Time) bool {
	if g.cause != "" && now.Before(g.until) {
		return false // it was under way before the breaker opened
	}
	g.cause, g.until = "", time.Time{}
	return true
}

// The measures of CauseRate.
const (
	rateWindow   = 30 // seconds
	rateAttempts = 10
)

// recent counts attempts by the second.
type recent [rateWindow]struct {
	second    int64
	good, bad int
}

func (r *recent) add(now time.Time, good bool) {
	second := now.Unix()
	at := &r[second%rateWindow]
	if at.second != second {
		at.second, at.good, at.bad = second, 0, 0
	}
	if good {
		at.good++
	} else {
		at.bad++
	}
}

// bad reports whether at least half of at least ten attempts failed lately.
func (r *recent) bad(now time.Time) bool {
	var good, bad int
	for _, at := range r {
		if at.second > now.Unix()-rateWindow {
			good, bad = good+at.good, bad+at.bad
		}
	}
	return good+bad >= rateAttempts && bad >= good
}
