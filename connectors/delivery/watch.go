package delivery

import (
	"context"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Watcher sees the attempts of a Worker. Its methods are called concurrently and
// must not block.
type Watcher interface {
	// Begin is told of a claim, before anything is sent. The context returned is the
	// attempt's from then on.
	Begin(ctx context.Context, c *directory.Claim) context.Context
	// End is told what became of it; ctx is as from Begin.
	End(ctx context.Context, p Pushed)
}

// Pushed is an attempt that has ended. It holds nothing of the resource.
type Pushed struct {
	Kind    string             // of the connection; "" if it is gone
	Attempt *directory.Attempt // as the journal has it
	Took    time.Duration
	Settled bool // its outcome is noted, and not somebody newer's to note
	// Waited is how long what is delivered now had been owed: since the change was
	// accepted, or since it was made due anew. 0 where nothing was delivered.
	Waited time.Duration
}

// watched tells whoever watches that an attempt begins.
func (p *push) watched(ctx context.Context, c *directory.Claim) context.Context {
	if w := p.lane.worker.Watch; w != nil {
		return w.Begin(ctx, c)
	}
	return ctx
}

// seen tells whoever watches what became of it.
func (p *push) seen(ctx context.Context, c *directory.Claim, o directory.Outcome, began time.Time) {
	w := p.lane.worker.Watch
	if w == nil {
		return
	}
	now := p.lane.now()
	done := Pushed{Kind: p.kind, Attempt: o.Attempt, Took: now.Sub(began), Settled: p.settled}
	if p.settled && o.Done != nil && o.Done.Rest == nil {
		done.Waited = max(now.Sub(c.Delivery.Since), 1)
	}
	w.End(ctx, done)
}

// Standing is what a Worker has to do with now.
type Standing struct {
	Serving int                // tenants that it serves, of those with something to do
	Flying  int                // pushes under way
	Stopped map[StoppedKey]int // connections whose breaker is not closed
}

// StoppedKey is what connections whose breakers are not closed are counted by.
type StoppedKey struct {
	Kind  string
	State BreakerState
	Cause Cause
}

// Standing returns it; all zero while the Worker does not run.
func (w *Worker) Standing() Standing {
	w.mu.Lock()
	l := w.life
	w.mu.Unlock()
	if l == nil {
		return Standing{}
	}
	return Standing{Serving: int(l.serving.Load()), Flying: l.pace.busy(l.Flying), Stopped: w.shown.stopped(l.now())}
}

// serves counts the account among those that are served, or no more.
func (a *account) serves(ours bool) {
	if a.served == ours {
		return
	}
	a.served = ours
	if ours {
		a.serving.Add(1)
	} else {
		a.serving.Add(-1)
	}
}

// busy is how many turns of most are given.
func (p *pace) busy(most int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return most - p.free
}

func (s *shown) stopped(now time.Time) map[StoppedKey]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[StoppedKey]int{}
	for _, lanes := range s.states {
		for _, one := range lanes {
			if state := stateAt(one, now); state != BreakerClosed {
				found[StoppedKey{one.Kind, state, one.Cause}]++
			}
		}
	}
	return found
}

// kindOf is the kind of the tenant's connection of a slot.
func kindOf(t *tenant.Tenant, s tenant.Slot) string {
	for _, c := range t.Connections {
		if c.Slot == s {
			return c.Kind
		}
	}
	return ""
}
