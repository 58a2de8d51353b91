package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"scimgate/tenant"
)

// breakerNote is what processes tell one another of one connection's breaker: whoever
// takes the tenant over, and this process when it was started anew, begins where it
// stands.
type breakerNote struct {
	Connection string    `json:"connection"`
	Kind       string    `json:"kind"`
	Tenant     uint64    `json:"tenant"` // version that met the fault
	Cause      Cause     `json:"cause,omitempty"`
	Until      time.Time `json:"until,omitzero"`
	Strikes    int       `json:"strikes,omitempty"`
	Width      int       `json:"width,omitempty"`
	At         time.Time `json:"at"` // when it came to this
}

func breakerName(s tenant.Slot) string { return fmt.Sprintf("breaker/%d", s) }

func readBreaker(ctx context.Context, notes tenant.Notes, id tenant.ID, s tenant.Slot) (*breakerNote, error) {
	text, err := notes.Note(ctx, id, breakerName(s))
	if err != nil || text == nil {
		return nil, err
	}
	n := new(breakerNote)
	if err := json.Unmarshal(text, n); err != nil {
		return nil, fmt.Errorf("decode the note of a breaker: %w", err)
	}
	return n, nil
}

// publish tells the others where the lane's breaker stands. What could not be told is
// told at the next look.
func (l *lane) publish() {
	if l.worker.Notes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), leaseTime)
	defer cancel()
	g := &l.gate
	text, err := json.Marshal(breakerNote{
		Connection: l.connection, Kind: l.kind, Tenant: g.tenant,
		Cause: g.cause, Until: g.until, Strikes: g.strikes, Width: g.width, At: l.since,
	})
	if err == nil {
		err = l.worker.Notes.EditNote(ctx, l.id, breakerName(l.slot), func([]byte) ([]byte, bool, error) { return text, true, nil })
	}
	if l.untold = err != nil; l.untold {
		l.log.WarnContext(l.ctx, "the other processes are not told of a breaker yet", "tenant", l.id, "slot", l.slot, "error", err)
	}
}

// learn takes in what the others have told, once after each time that the tenant came
// into this process's hands.
func (l *lane) learn() {
	if l.untold {
		l.publish()
	}
	if l.learnt || l.worker.Notes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(l.ctx, leaseTime)
	defer cancel()
	n, err := readBreaker(ctx, l.worker.Notes, l.id, l.slot)
	if err != nil {
		l.log.WarnContext(l.ctx, "what is known of a breaker cannot be read", "tenant", l.id, "slot", l.slot, "error", err)
		return
	}
	l.learnt = true
	if n == nil || n.Connection != l.connection || !n.At.After(l.since) {
		return
	}
	l.gate.learn(*n, l.now().Add(l.Backoff.Most))
	l.since = n.At
	l.expose()
}

// forgetLearnt has the lanes learn again.
func (a *account) forgetLearnt() {
	for _, l := range a.lanes {
		l.learnt = false
	}
}

// learn begins where another process stood. most is the latest that a breaker stays
// open, whatever the other's clock said.
func (g *gate) learn(n breakerNote, most time.Time) {
	g.cause, g.until, g.strikes, g.tenant = n.Cause, n.Until, n.Strikes, n.Tenant
	if g.until.After(most) {
		g.until = most
	}
	g.recent = recent{}
	if g.cause != "" {
		g.opened++
	}
	if g.width = n.Width; g.width >= g.most {
		g.width = 0
	}
}

// Breakers returns where the breakers of a tenant's connections stand, whichever
// process serves them; what is not among them is closed. Without Notes, it is what
// States says.
func (w *Worker) Breakers(ctx context.Context, id tenant.ID) (states []ConnectionState, err error) {
	if w.Notes == nil {
		return w.States(id), nil
	}
	now := w.clock()()
	for slot := range tenant.Slot(tenant.MaxConnections) {
		n, err := readBreaker(ctx, w.Notes, id, slot)
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue
		}
		state := ConnectionState{Connection: n.Connection, Kind: n.Kind, Cause: n.Cause, Until: n.Until, Strikes: n.Strikes, Width: n.Width}
		state.State = stateAt(state, now)
		states = append(states, state)
	}
	return states, nil
}
