package server

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/tenant"
)

const (
	// mostInside is how many requests a process takes in at once where nothing
	// else is set: what they hold stays well below a gigabyte.
	mostInside = 4096
	// mostUnderWay is how many of one tenant's are served at once; a tenant that
	// is allowed more than that in a second may have a second's worth.
	mostUnderWay = 64
)

var errCrowded = &laterError{
	answer: scim.Statusf(http.StatusServiceUnavailable, "The gateway has too much to do; nothing is wrong with the request. Try again soon."),
	after:  time.Second,
}

// crowd is the requests of one process that are inside, and of each tenant those
// that are served. The zero crowd is empty.
type crowd struct {
	inside atomic.Int64

	mu      sync.Mutex
	tenants map[tenant.ID]*line
}

// line is one tenant's requests: some are served, others wait in their order.
type line struct {
	served  int
	waiting []chan struct{} // closed when its turn comes
}

// enter counts a request in, or out at once if the process has too many: those
// that it has are better served than all of them late.
func (s *Server) enter() error {
	if s.crowd.inside.Add(1) > int64(s.most()) {
		s.decided(LaneProcess, VerdictShed)
		return errCrowded
	}
	return nil
}

func (s *Server) leave() { s.crowd.inside.Add(-1) }

func (s *Server) most() int {
	if s.Most > 0 {
		return s.Most
	}
	return mostInside
}

// seats returns how many requests of the call's tenant may be served at once,
// never more than a quarter of what the process takes in.
func (c *call) seats() int {
	settings := &c.tenant.Settings
	rate := max(settings.LimitOf(tenant.Reading).Rate, settings.LimitOf(tenant.Writing).Rate)
	return min(max(mostUnderWay, int(rate)), max(c.most()/4, 1))
}

// sit waits, as long as pacing would, until one more request of the tenant may be
// served, and returns what ends that. One tenant's slow requests hold up its own.
func (c *call) sit() (stand func(), err error) {
	id, seats := c.tenant.ID, c.seats()
	turn, ok := c.crowd.ask(id, seats)
	stand = func() { c.crowd.next(id) }
	switch {
	case !ok:
		c.decided(LaneSeat, VerdictRefused)
		return nil, tooManyRequests(ratelimit.MaxPace)
	case turn == nil:
		return stand, nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, ratelimit.MaxPace)
	defer cancel()
	select {
	case <-turn:
		c.decided(LaneSeat, VerdictPaced)
		return stand, nil
	case <-ctx.Done():
	}
	if !c.crowd.giveUp(id, turn) { // its turn came this instant
		return stand, nil
	}
	if c.ctx.Err() != nil {
		return nil, c.ctx.Err()
	}
	c.decided(LaneSeat, VerdictRefused)
	return nil, tooManyRequests(ratelimit.MaxPace)
}

// ask takes a seat: turn is nil, or what to wait for. ok is false where as many
// wait as there are seats.
func (w *crowd) ask(id tenant.ID, seats int) (turn chan struct{}, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.tenants == nil {
		w.tenants = make(map[tenant.ID]*line)
	}
	l := w.tenants[id]
	if l == nil {
		l = new(line)
		w.tenants[id] = l
	}
	switch {
	case l.served < seats:
		l.served++
		return nil, true
	case len(l.waiting) >= seats:
		return nil, false
	}
	turn = make(chan struct{})
	l.waiting = append(l.waiting, turn)
	return turn, true
}

// next gives a seat to whoever waits longest, or leaves it empty.
func (w *crowd) next(id tenant.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.tenants[id]
	if len(l.waiting) > 0 {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		return
	}
	if l.served--; l.served == 0 {
		delete(w.tenants, id)
	}
}

// giveUp takes a turn out of the line, and reports whether it was still there.
func (w *crowd) giveUp(id tenant.ID, turn chan struct{}) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.tenants[id]
	if l == nil {
		return false
	}
	before := len(l.waiting)
	l.waiting = slices.DeleteFunc(l.waiting, func(c chan struct{}) bool { return c == turn })
	return len(l.waiting) < before
}
