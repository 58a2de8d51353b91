package delivery

import (
	"context"
	"time"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Pacer says how fast an account may be called, over all workers that call it. A
// ratelimit.Store is one. It is a courtesy to the account and nothing rests on it:
// what cannot be asked lets everybody go.
type Pacer interface {
	// Take charges cost pushes to key under limit l, as ratelimit.Store does.
	Take(ctx context.Context, key string, l ratelimit.Limit, cost int) (ratelimit.Decision, error)
}

// paced holds a push back until its connection's pace lets it go, and reports
// whether it does: a short wait is waited for, a long one is the lane's.
func (p *push) paced(ctx context.Context) bool {
	l := p.lane
	if l.worker.Pacer == nil || p.pace == (ratelimit.Limit{}) {
		return true
	}
	d, err := l.worker.Pacer.Take(ctx, tenant.PaceKey(l.id, l.slot), p.pace, 1)
	if err != nil {
		return true
	}
	if !d.Allowed {
		p.result.later, p.result.slow = time.Time{}, l.now().Add(max(d.RetryAfter-ratelimit.MaxPace, peek/20))
		return false
	}
	select {
	case <-time.After(d.Wait):
		return true
	case <-l.ctx.Done():
		return false
	}
}

// elsewhere is what another worker of the deployment was asked by an account.
type elsewhere struct {
	slot  tenant.Slot
	until time.Time
}

// longestHold bounds what another process can talk us into.
const longestHold = 15 * time.Minute

// Hold hints that the account behind a tenant's slot has asked another worker for
// patience. It never blocks. A hint that is lost costs the account one request more.
func (w *Worker) Hold(id tenant.ID, slot tenant.Slot, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.accounts[id]
	if w.life == nil || a == nil { // what is under way ends, and nothing begins
		return
	}
	select {
	case a.holds <- elsewhere{slot, w.life.now().Add(min(d, longestHold))}:
	default:
	}
}

// hold takes such a hint.
func (a *account) hold(h elsewhere) {
	if l := a.lanes[h.slot]; l != nil {
		l.gate.hold(h.until, a.now())
		l.show()
	}
}

// throttled tells the others that the account has asked for patience.
func (l *lane) throttled() {
	if l.worker.Throttled != nil && l.gate.cause == CauseThrottled {
		l.worker.Throttled(l.id, l.slot, l.gate.until.Sub(l.now()))
	}
}
