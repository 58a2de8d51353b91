package delivery

import (
	"time"

	"scimgate/connectors"
)

// gate holds a whole connection back while its account refuses our credential or
// asks for patience. It opens by a crack: one push at a time, twice as many
// after each success. It is kept in memory only: whoever starts anew may try
// once. One goroutine uses it.
type gate struct {
	most    int       // pushes at a time
	until   time.Time // closed before this
	strikes int       // faults in a row
	width   int       // pushes at a time for now; 0 is most
	tenant  uint64    // version of the tenant that met the fault
	success time.Time // the latest
}

// allows returns how many pushes may be under way now.
func (g *gate) allows(now time.Time) int {
	switch {
	case now.Before(g.until):
		return 0
	case g.width == 0:
		return g.most
	default:
		return g.width
	}
}

// changed opens the gate for a tenant of a newer version: the administrator may
// just have corrected the credential.
func (g *gate) changed(version uint64) {
	if g.strikes > 0 && g.tenant != version {
		g.until, g.strikes = time.Time{}, 0
	}
}

// shut closes the gate after a fault of the connection, and reports whether it
// was open: pushes that were under way together meet the same fault, which is
// one strike.
func (g *gate) shut(e *connectors.Error, version uint64, b Backoff, now time.Time, random func() float64) bool {
	if now.Before(g.until) {
		return false
	}
	g.strikes++
	g.width, g.tenant = 1, version
	g.until = now.Add(b.hold(e, g.strikes, random))
	return true
}

// passed notes a success.
func (g *gate) passed(now time.Time) {
	g.success = now
	if now.Before(g.until) {
		return // it was under way before the gate shut
	}
	g.strikes = 0
	if g.width *= 2; g.width >= g.most {
		g.width = 0
	}
}
