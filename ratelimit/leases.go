package ratelimit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// forgetLease is when a key that nobody asks for is forgotten: what it holds is lost,
// and all pacing is over.
const forgetLease = 10 * time.Second

// lender is a shared Store of which more can be taken than is needed now.
type lender interface {
	// lend is Take, and charges up to ahead requests more where Limit.Lend does.
	lend(ctx context.Context, key string, l Limit, cost, ahead int) (loan, error)
}

// Leases is a Store that asks a shared one less often: who uses much of a key takes a
// few requests ahead and spends them by itself. From rest on no key gets more than its
// limit; in any window at most an eighth of its burst more, and no more than it earns
// within leaseLife. A key of which half the burst is used is lent nothing, so that one
// that floods has its limit to the request.
type Leases struct {
	from    lender
	sharers func() int
	now     func() time.Time
	most    int // keys known at once; the others are asked for one by one
	leased  atomic.Uint64

	mu    sync.Mutex
	keys  map[string]*lease
	swept time.Time
}

// NewLeases returns a Store over from. sharers tells how many processes share a limit,
// and must not block.
func NewLeases(from *Redis, sharers func() int) *Leases {
	return newLeases(from, sharers, time.Now, mostKeys)
}

func newLeases(from lender, sharers func() int, now func() time.Time, most int) *Leases {
	return &Leases{from: from, sharers: sharers, now: now, most: most, keys: map[string]*lease{}, swept: now()}
}

// Take implements Store.
func (s *Leases) Take(ctx context.Context, key string, l Limit, cost int) (Decision, error) {
	l = l.effective()
	d, ahead, ok := s.spend(key, l, cost)
	if ok {
		s.leased.Add(1)
		return d, nil
	}
	answer, err := s.from.lend(ctx, key, l, cost, ahead)
	return s.told(key, l, ahead, answer, err), err
}

// spend spends what is held of a key, or tells how much to ask for beside.
func (s *Leases) spend(key string, l Limit, cost int) (d Decision, ahead int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	e := s.lease(key, now)
	if e == nil {
		return Decision{}, 0, false
	}
	if d, ok = e.spend(l, now, cost); !ok {
		ahead = e.ask(now, s.sharers())
	}
	return d, ahead, ok
}

func (s *Leases) told(key string, l Limit, ahead int, answer loan, err error) Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.keys[key]
	if e == nil {
		return answer.Decision
	}
	if ahead > 0 {
		e.asking = false
	}
	if err != nil {
		return Decision{}
	}
	return e.told(l, s.now(), answer)
}

// Roomy reports whether a request of a key has to be asked for and will hardly have to
// wait: whoever has other work for it may do that meanwhile. It asks nobody.
func (s *Leases) Roomy(key string, l Limit) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.keys[key]
	return e == nil || e.roomy(l.effective(), s.now())
}

// Leased returns how many requests were decided without asking.
func (s *Leases) Leased() uint64 { return s.leased.Load() }

// lease returns what is known of a key, or nil if nothing more can be known.
func (s *Leases) lease(key string, now time.Time) *lease {
	e := s.keys[key]
	if e != nil {
		return e
	}
	if s.sweep(now); len(s.keys) >= s.most {
		return nil
	}
	e = &lease{asked: now.Add(-leaseLife)}
	s.keys[key] = e
	return e
}

// sweep forgets the keys that nobody has asked for of late, at most once a second.
func (s *Leases) sweep(now time.Time) {
	if rest := now.Sub(s.swept); rest < time.Second || rest < sweepEvery && len(s.keys) < s.most {
		return
	}
	s.swept = now
	for key, e := range s.keys {
		if !e.asking && now.Sub(e.asked) > forgetLease {
			delete(s.keys, key)
		}
	}
}
