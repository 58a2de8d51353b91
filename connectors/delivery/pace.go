package delivery

import "sync"

// pace hands out what a worker may have under way at a time, over all tenants.
// While there is enough, whoever asks gets it; then they queue, one place each,
// and who got one queues again behind the others: a giant with a million
// deliveries due gets as many as a tenant with ten.
type pace struct {
	mu      sync.Mutex
	free    int
	waiting []*account // each once
}

// turns is an account's side of it.
type turns struct {
	turn   chan struct{} // of capacity 1: what it queued for
	queued bool          // it has a place in the queue; pace's
	waits  bool          // it asked in vain and was not given a turn yet; the account's
	held   bool          // it was given one and has not used it yet; the account's
}

// mayBegin returns whether the account may begin a push now.
func (a *account) mayBegin() bool {
	select {
	case <-a.turn:
		a.turned()
	default:
	}
	if a.held {
		a.held = false
		return true
	}
	a.waits = !a.pace.take(a)
	return !a.waits
}

func (a *account) turned() { a.held, a.waits = true, false }

// passOn gives a turn that the account does not need to the next one.
func (a *account) passOn() {
	if a.held {
		a.held = false
		a.pace.give()
	}
}

// take returns whether the account may begin a push. If not, it will be given a
// turn, which it must use or pass on.
func (p *pace) take(a *account) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.free > 0 {
		p.free--
		return true
	}
	if !a.queued {
		a.queued = true
		p.waiting = append(p.waiting, a)
	}
	return false
}

// give hands what has become free to whoever has waited longest.
func (p *pace) give() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.free++
		return
	}
	next := p.waiting[0]
	p.waiting = p.waiting[1:]
	next.queued = false
	next.turn <- struct{}{} // never full: whoever queues has taken it out
}

// leavePace takes the account out of the queue, with the turn that it may have
// been given.
func (a *account) leavePace() {
	p := a.pace
	p.mu.Lock()
	for i, other := range p.waiting {
		if other == a {
			p.waiting, a.queued = append(p.waiting[:i:i], p.waiting[i+1:]...), false
			break
		}
	}
	p.mu.Unlock()
	select {
	case <-a.turn:
		a.turned()
	default:
	}
	a.passOn()
}
