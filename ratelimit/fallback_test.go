package ratelimit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// moody is a Store that answers as it is told.
type moody struct {
	asked int
	take  func(ctx context.Context) error
}

func (*moody) Roomy(string, Limit) bool { return true }
func (*moody) Leased() uint64           { return 0 }

func (s *moody) Take(ctx context.Context, _ string, _ Limit, _ int) (Decision, error) {
	s.asked++
	return Decision{Allowed: true, Remaining: 77}, s.take(ctx)
}

// replicas is a number of processes that stays the same.
func replicas(n int) func() int { return func() int { return n } }

func fine(context.Context) error { return nil }

func hangs(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestFallbackSparesWhoDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &moody{take: hangs}
		var told []bool
		s := NewFallback(shared, replicas(1), func(away bool, _ error) { told = append(told, away) })
		l := Limit{Rate: 1000, Burst: 1000}
		begin := time.Now()
		for range 100 {
			if d := take(t, s, "k", l, 1); !d.Allowed {
				t.Fatalf("refused for Redis' sake: %+v", d)
			}
		}
		if took := time.Since(begin); took != mostFailures*budget || shared.asked != mostFailures {
			t.Errorf("100 requests took %v and %d calls, want %d of %v", took, shared.asked, mostFailures, budget)
		}
		<-time.After(openFor)
		take(t, s, "k", l, 1)
		take(t, s, "k", l, 1)
		if shared.asked != mostFailures+1 {
			t.Errorf("%d calls, want one more after %v", shared.asked, openFor)
		}
		shared.take = fine
		<-time.After(openFor)
		for range 3 {
			if d := take(t, s, "k", l, 1); d.Remaining != 77 {
				t.Errorf("back, but %+v", d)
			}
		}
		if len(told) != 2 || !told[0] || told[1] {
			t.Errorf("told %v, want away and back", told)
		}
		if c := s.Counts(); c.Shared != 3 || c.Leased != 0 || c.Local != 102 || c.Opened != 1 {
			t.Errorf("counted %+v", c)
		}
	})
}

// While one call tries whether Redis is back, the others do not wait for it.
func TestFallbackTriesWithOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &moody{take: func(context.Context) error { return errors.New("refused") }}
		s := NewFallback(shared, replicas(1), nil)
		for range mostFailures {
			take(t, s, "k", Limit{}, 1)
		}
		<-time.After(openFor)
		shared.take = hangs
		go func() { take(t, s, "k", Limit{}, 1) }()
		synctest.Wait()
		begin := time.Now()
		for range 10 {
			take(t, s, "k", Limit{}, 1)
		}
		if time.Since(begin) != 0 || shared.asked != mostFailures+1 {
			t.Errorf("waited %v, %d calls", time.Since(begin), shared.asked)
		}
		synctest.Wait()
		<-time.After(budget)
	})
}

// wavering is a Store that answers every other time.
type wavering struct {
	Shared
	turn int
}

func (s *wavering) Take(ctx context.Context, key string, l Limit, cost int) (Decision, error) {
	if s.turn++; s.turn%2 == 0 {
		return Decision{}, errors.New("no answer")
	}
	return s.Shared.Take(ctx, key, l, cost)
}

// A shared Store that wavers lets nobody have its limit and the share besides.
func TestFallbackWhileRedisWavers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Limit{Rate: 10, Burst: 10}
		s := NewFallback(&wavering{Shared: newLeases(&ledger{now: time.Now, tats: map[string]time.Time{}}, replicas(1), time.Now, mostKeys)}, replicas(1), nil)
		allowed := 0
		for range 1000 {
			if d := take(t, s, "k", l, 1); d.Allowed {
				allowed++
			}
			<-time.After(10 * time.Millisecond)
		}
		if allowed < 130 || allowed > 150 { // the burst, 10 s, 2 s of pacing; a little of the share
			t.Errorf("%d in 10 s", allowed)
		}
	})
}

// A client that goes away is no failure of the shared Store, and does not tear a
// charge.
func TestFallbackOutlivesTheClient(t *testing.T) {
	shared := &moody{take: func(ctx context.Context) error { return ctx.Err() }}
	s := NewFallback(shared, replicas(1), nil)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 * mostFailures {
		if d, err := s.Take(gone, "k", Limit{}, 1); err != nil || d.Remaining != 77 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
}

func TestFallbackShare(t *testing.T) {
	cases := []struct {
		replicas, cost int
		want           Limit
	}{
		{1, 1, Limit{100, 40}},
		{3, 1, Limit{50, 20}},
		{6, 1, Limit{25, 10}},
		{6, 30, Limit{25, 30}},
		{6, 41, Limit{25, 40}}, // the limit itself refuses it
		{600, 1, Limit{0.25, 1}},
	}
	for _, c := range cases {
		if got := NewFallback(nil, replicas(c.replicas), nil).share(Limit{Rate: 100, Burst: 40}, c.cost); got != c.want {
			t.Errorf("%d replicas, cost %d: %+v, want %+v", c.replicas, c.cost, got, c.want)
		}
	}
}

// Where there is no shared Store each process has its share.
func TestFallbackOverNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, l := NewFallback(nil, replicas(6), nil), Limit{Rate: 100, Burst: 40}
		if got := drain(t, s, "k", l); got != 10+50 {
			t.Errorf("%d at once, want a burst of 10 and 2 s of 25", got)
		}
		if c := s.Counts(); c.Shared != 0 || c.Away || c.Local != 61 {
			t.Errorf("%+v", c)
		}
	})
}
