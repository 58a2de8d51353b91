package delivery

import (
	"sync"
	"time"

	"scimgate/connectors"
	"scimgate/tenant"
)

// BreakerState is where a connection's breaker stands.
type BreakerState string

// The states.
const (
	BreakerClosed   BreakerState = "closed"    // deliveries flow
	BreakerOpen     BreakerState = "open"      // nothing is sent until a time
	BreakerHalfOpen BreakerState = "half-open" // one push is let through, whose outcome decides
)

// ConnectionState is the breaker of one connection.
type ConnectionState struct {
	Connection string       `json:"-"`
	Kind       string       `json:"-"` // of the connection
	State      BreakerState `json:"state" doc:"closed: deliveries flow; open: nothing is sent; half-open: one is tried"`
	Cause      Cause        `json:"cause,omitempty" doc:"Why it is not closed: rate, auth, throttled or settings"`
	Until      time.Time    `json:"until,omitzero" doc:"It is open until then"`
	Width      int          `json:"width,omitempty" doc:"Pushes at a time, once it is closed"`
	Strikes    int          `json:"strikes,omitempty" doc:"How often it has opened in a row"`
}

// States returns the breakers of a tenant's connections that this process itself
// has had to do with lately; what is not among them is closed.
func (w *Worker) States(id tenant.ID) []ConnectionState {
	return w.shown.of(id, w.clock()())
}

// shown is what is told of the breakers, which belong to their accounts'
// goroutines.
type shown struct {
	mu     sync.Mutex
	states map[tenant.ID]map[tenant.Slot]ConnectionState
}

func (s *shown) set(id tenant.ID, slot tenant.Slot, state ConnectionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states == nil {
		s.states = make(map[tenant.ID]map[tenant.Slot]ConnectionState)
	}
	if s.states[id] == nil {
		s.states[id] = make(map[tenant.Slot]ConnectionState)
	}
	s.states[id][slot] = state
}

func (s *shown) forget(id tenant.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.states, id)
}

func (s *shown) of(id tenant.ID, now time.Time) (states []ConnectionState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for slot := range tenant.Slot(tenant.MaxConnections) {
		if state, ok := s.states[id][slot]; ok {
			state.State = stateAt(state, now)
			states = append(states, state)
		}
	}
	return states
}

func stateAt(s ConnectionState, now time.Time) BreakerState {
	switch {
	case s.Cause == "":
		return BreakerClosed
	case now.Before(s.Until):
		return BreakerOpen
	default:
		return BreakerHalfOpen
	}
}

// show tells of the lane's breaker, if it is not as it was told last: the other
// processes only when it has opened or closed.
func (l *lane) show() {
	if cause, until := l.told.Cause, l.told.Until; l.expose() && (cause != l.told.Cause || !until.Equal(l.told.Until)) {
		l.since = l.now()
		l.publish()
	}
}

// expose shows the lane's breaker to whoever asks this process, and reports whether
// it is not as it was.
func (l *lane) expose() bool {
	g := &l.gate
	state := ConnectionState{Connection: l.connection, Kind: l.kind, Cause: g.cause, Until: g.until, Width: g.wide(), Strikes: g.strikes}
	if state == l.told {
		return false
	}
	l.told = state
	l.worker.shown.set(l.id, l.slot, state)
	return true
}

// opened logs that the lane's breaker has opened. Where only a person can help,
// one is called, the first time.
func (l *lane) opened(e *connectors.Error) {
	g := &l.gate
	l.log.WarnContext(l.ctx, "the connection waits", "tenant", l.id, "slot", l.slot,
		"cause", g.cause, "class", e.Fault, "status", e.Status, "reason", e.Reason, "until", g.until, "strikes", g.strikes)
	if g.cause == CauseAuth && g.strikes == 1 {
		l.alert(l.ctx, AlertCredential, e.Reason)
	}
}
