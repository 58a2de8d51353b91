package tenant

import (
	"context"
	"time"
)

// use is that a credential was used in a minute.
type use struct {
	proof  *proof
	minute time.Time
}

// mostUses is how many wait to be noted.
const mostUses = 1 << 10

// note writes the minute of a credential's use, off the request's path and at most
// once a minute: only who is looked up is noted, twice a minute at most. A note
// that fails, or for which too many wait, is lost; the next minute brings another.
func (r *Resolver) note(p *proof, now time.Time) {
	minute := now.UTC().Truncate(time.Minute)
	if p.lastUsed.Before(minute) && r.queue(use{p, minute}) {
		r.notes.Go(r.writeUses)
	}
}

// queue has a use noted if nobody has noted this minute of the credential yet. It
// reports whether nobody is at it.
func (r *Resolver) queue(u use) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.touched[u.proof.id].Before(u.minute) || len(r.uses) >= mostUses {
		return false
	}
	r.touched[u.proof.id] = u.minute
	r.uses = append(r.uses, u)
	return len(r.uses) == 1
}

// writeUses notes what waits, one after the other: when many tenants come at once, as
// after a start, their notes must not hold all connections of the store while the next
// tenant is looked up.
func (r *Resolver) writeUses() {
	for u := r.firstUse(); u != (use{}); u = r.nextUse() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		u.proof.noted(ctx, u.minute)
		cancel()
	}
}

func (r *Resolver) firstUse() use {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.uses[0]
}

// nextUse drops the first, and returns the one after it, or none.
func (r *Resolver) nextUse() use {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uses = r.uses[1:]; len(r.uses) == 0 {
		r.uses = nil
		return use{}
	}
	return r.uses[0]
}
