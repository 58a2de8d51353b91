package ratelimit

import (
	"context"
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Local keeps the allowances of one process in its memory. With n processes
// behind one address a key gets n times its limit: hand each a share.
type Local struct {
	now   func() time.Time
	most  int // keys held at once
	mu    sync.Mutex
	keys  map[string]*rate.Limiter
	swept time.Time
}

const (
	// mostKeys bounds the memory of a Local to about 15 MB, whatever a stranger
	// sends: failed credentials are charged to their network (design 6.16).
	mostKeys = 1 << 16
	// sweepEvery is how often keys at rest are dropped.
	sweepEvery = time.Minute
)

// NewLocal returns a Store in process memory, with the process's clock.
func NewLocal() *Local { return newLocal(time.Now, mostKeys) }

func newLocal(now func() time.Time, most int) *Local {
	return &Local{now: now, most: most, keys: map[string]*rate.Limiter{}, swept: now()}
}

// Take implements Store. It never returns an error.
func (s *Local) Take(_ context.Context, key string, l Limit, cost int) (Decision, error) {
	l = l.effective()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	return charge(s.limiter(key, l, now), now, max(cost, 0)), nil
}

// beyondPace is how much deeper than Take a note may put a key: while others let
// it have all that it may, Take lets it have nothing, and soon again afterwards.
const beyondPace = MaxPace / 8

// note charges a key for what somebody else let it have.
func (s *Local) note(key string, l Limit, cost int) {
	l = l.effective()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if r := s.limiter(key, l, now).ReserveN(now, max(cost, 0)); r.DelayFrom(now) > MaxPace+beyondPace {
		r.CancelAt(now)
	}
}

// charge reserves cost requests; a reservation further off than MaxPace is given
// back. It is called under the Store's lock, so that nobody reserves in between
// and everything can be given back.
func charge(limiter *rate.Limiter, now time.Time, cost int) Decision {
	reserved := limiter.ReserveN(now, cost)
	if !reserved.OK() { // costs more than the burst
		return Decision{RetryAfter: refill(limiter)}
	}
	wait := reserved.DelayFrom(now)
	if wait > MaxPace {
		reserved.CancelAt(now)
		return Decision{RetryAfter: wait, Remaining: remaining(limiter, now)}
	}
	return Decision{Allowed: true, Wait: wait, Remaining: remaining(limiter, now)}
}

func remaining(limiter *rate.Limiter, now time.Time) int {
	return max(0, int(math.Floor(limiter.TokensAt(now)+1e-6)))
}

// refill is how long an empty key takes to be at rest again.
func refill(limiter *rate.Limiter) time.Duration {
	return time.Duration(float64(limiter.Burst()) / float64(limiter.Limit()) * float64(time.Second))
}

// limiter returns the key's limiter, made or adjusted to l.
func (s *Local) limiter(key string, l Limit, now time.Time) *rate.Limiter {
	limiter, ok := s.keys[key]
	if !ok {
		s.sweep(now)
		limiter = rate.NewLimiter(rate.Limit(l.Rate), l.Burst)
		s.keys[key] = limiter
		return limiter
	}
	if limiter.Limit() != rate.Limit(l.Rate) {
		limiter.SetLimitAt(now, rate.Limit(l.Rate))
	}
	if limiter.Burst() != l.Burst {
		limiter.SetBurstAt(now, l.Burst)
	}
	return limiter
}

// sweep drops the keys that are at rest, whose limiter says no more than a new
// one would. If the Store is still full it drops a quarter of the rest, so that
// the next sweep is far off: a forgotten key gets a new burst, which is less bad
// than memory without bound.
func (s *Local) sweep(now time.Time) {
	if len(s.keys) < s.most && now.Sub(s.swept) < sweepEvery {
		return
	}
	s.swept = now
	for key, limiter := range s.keys {
		if limiter.TokensAt(now) >= float64(limiter.Burst()) {
			delete(s.keys, key)
		}
	}
	if len(s.keys) < s.most {
		return
	}
	for key := range s.keys {
		if len(s.keys) <= s.most/4*3 {
			return
		}
		delete(s.keys, key)
	}
}
