package ratelimit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Fallback is a Store that always answers: from a shared Store, and while that
// one does not answer in time, from this process's share of the limit. Whoever
// goes to it neither fails nor waits for the other's sake.
//
// The share is half as much again as an even one, and never more than the limit:
// requests are not spread quite evenly over processes, and to refuse what the
// limit allows is worse than to let a little more through for a while. While the
// shared Store wavers, and lets others have the limit, it is an even one: the two
// together stay within twice the limit.
type Fallback struct {
	shared   Shared // nil: there is none
	local    *Local
	replicas func() int
	changed  func(away bool, err error)

	answered atomic.Int64 // when shared did last, in nanoseconds since 1970

	mu      sync.Mutex
	breaker breaker
	counts  counts
}

// Shared is a Store over all processes that knows something without asking them:
// Leases is one.
type Shared interface {
	Store
	// Roomy reports whether a request of a key has to be asked for and will hardly
	// have to wait. It asks nobody.
	Roomy(key string, l Limit) bool
	// Leased returns how many requests were decided without asking.
	Leased() uint64
}

const (
	// budget is how long one request waits for the shared Store.
	budget = 20 * time.Millisecond
	// wavers is for how long who does not answer may be about to.
	wavers = 5 * time.Second
	// generosity is by how much the shares of all replicas exceed the limit while
	// nobody has another.
	generosity = 1.5
)

// NewFallback returns a Store over shared; nil is one that never answers. replicas tells how many processes share
// a limit; it is asked while shared is away, and must not block. changed is told when the shared Store goes away, with the
// error, and when it is back, in order and at most about once a second; it must
// not block. nil tells nobody.
func NewFallback(shared Shared, replicas func() int, changed func(away bool, err error)) *Fallback {
	if changed == nil {
		changed = func(bool, error) {}
	}
	s := &Fallback{shared: shared, local: NewLocal(), replicas: replicas, changed: changed}
	if shared != nil {
		s.answered.Store(time.Now().UnixNano()) // it is about to
	}
	return s
}

// Take implements Store. It never returns an error.
func (s *Fallback) Take(ctx context.Context, key string, l Limit, cost int) (Decision, error) {
	d, ok := s.ask(ctx, key, l, cost)
	switch {
	case !ok:
		s.counts.local.Add(1)
		return s.local.Take(ctx, key, s.share(l, cost), cost)
	case d.Allowed: // the share has it too, so that one who answers now and then lets nobody have both
		s.local.note(key, s.share(l, cost), cost)
	}
	s.counts.shared.Add(1)
	return d, nil
}

// Roomy reports whether taking one of a key takes a round trip and will hardly find that
// it must wait: whoever has other work for the request may do it meanwhile.
func (s *Fallback) Roomy(key string, l Limit) bool {
	if s.shared == nil {
		return false
	}
	s.mu.Lock()
	away := s.breaker.open
	s.mu.Unlock()
	return !away && s.shared.Roomy(key, l)
}

// ask takes from the shared Store, and outlives a client that goes away: that is
// no failure of the Store.
func (s *Fallback) ask(ctx context.Context, key string, l Limit, cost int) (Decision, bool) {
	if s.shared == nil || !s.allows() {
		return Decision{}, false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), budget)
	defer cancel()
	d, err := s.shared.Take(ctx, key, l, cost)
	s.note(err)
	if err == nil {
		s.answered.Store(time.Now().UnixNano())
	}
	return d, err == nil
}

func (s *Fallback) allows() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.breaker.allows(time.Now())
}

func (s *Fallback) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case err == nil && s.breaker.succeeded():
		s.changed(false, nil)
	case err != nil && s.breaker.failed(time.Now()):
		s.counts.opened.Add(1)
		s.changed(true, err)
	}
}

// share is what this process may let through by itself. A request that the limit
// allows at all is never more than the share's burst.
func (s *Fallback) share(l Limit, cost int) Limit {
	l = l.effective()
	part := min(1, s.generous()/float64(max(s.replicas(), 1)))
	burst := max(int(float64(l.Burst)*part), min(cost, l.Burst))
	return Limit{Rate: l.Rate * part, Burst: burst}
}

// generous is by how much the shares of all replicas exceed the limit now.
func (s *Fallback) generous() float64 {
	if time.Since(time.Unix(0, s.answered.Load())) > wavers {
		return generosity
	}
	return 1
}

// Counts are how often a Fallback has answered since it was made.
type Counts struct {
	Shared, Local uint64 // answers from either
	Leased        uint64 // of those from the shared one, without asking it
	Opened        uint64 // how often the shared Store went away
	Away          bool   // it is away now
}

type counts struct{ shared, local, opened atomic.Uint64 }

// Counts returns them as they are now.
func (s *Fallback) Counts() Counts {
	s.mu.Lock()
	away := s.breaker.open
	s.mu.Unlock()
	c := Counts{Shared: s.counts.shared.Load(), Local: s.counts.local.Load(), Opened: s.counts.opened.Load(), Away: away}
	if s.shared != nil {
		c.Leased = min(s.shared.Leased(), c.Shared)
	}
	return c
}
