package ratelimit

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// stores are the implementations that the suite judges. They are opened inside
// a synctest bubble, whose clock they read.
var stores = map[string]func(testing.TB) Store{
	"local":  func(testing.TB) Store { return NewLocal() },
	"redis":  func(tb testing.TB) Store { return openRedis(tb) },
	"leases": func(tb testing.TB) Store { return NewLeases(openRedis(tb), replicas(1)) },
}

// eachStore runs a test on every Store, in fake time.
func eachStore(t *testing.T, test func(*testing.T, Store)) {
	t.Helper()
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, open(t)) })
		})
	}
}

func take(t *testing.T, s Store, key string, l Limit, cost int) Decision {
	t.Helper()
	d, err := s.Take(t.Context(), key, l, cost)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// drain takes the whole burst and all pacing of a key.
func drain(t *testing.T, s Store, key string, l Limit) (allowed int) {
	t.Helper()
	for take(t, s, key, l, 1).Allowed {
		allowed++
	}
	return allowed
}

func TestStoreKeysAreIsolated(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		l := Limit{Rate: 1, Burst: 3}
		drain(t, s, "acme", l)
		if d := take(t, s, "globex", l, 1); !d.Allowed || d.Wait != 0 || d.Remaining != 2 {
			t.Errorf("a neighbour of a drained key got %+v", d)
		}
	})
}

func TestStorePacesThenRefuses(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		l := Limit{Rate: 10, Burst: 5}
		for i := range 5 {
			if d := take(t, s, "k", l, 1); !d.Allowed || d.Wait != 0 || d.Remaining != 4-i {
				t.Fatalf("request %d of the burst got %+v", i+1, d)
			}
		}
		for i := 1; i <= 20; i++ {
			want := time.Duration(i) * 100 * time.Millisecond
			if d := take(t, s, "k", l, 1); !d.Allowed || (d.Wait-want).Abs() > time.Microsecond || d.Remaining != 0 {
				t.Fatalf("paced request %d got %+v, want a wait of %v", i, d, want)
			}
		}
		for range 3 { // refusals charge nothing, so they do not add up
			if d := take(t, s, "k", l, 1); d.Allowed || (d.RetryAfter-2100*time.Millisecond).Abs() > time.Microsecond {
				t.Fatalf("a request over all pacing got %+v", d)
			}
		}
		<-time.After(2100 * time.Millisecond) // the real clock is what is tested
		if d := take(t, s, "k", l, 1); !d.Allowed || d.Wait > time.Microsecond {
			t.Errorf("after RetryAfter: %+v", d)
		}
	})
}

func TestStoreZeroLimitIsTheDefault(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		if got, want := drain(t, s, "k", Limit{}), DefaultLimit.Burst+100; got != want {
			t.Errorf("%d requests at once, want %d: the burst and 2 s of pacing", got, want)
		}
	})
}

func TestStoreCosts(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		l := Limit{Rate: 1, Burst: 10}
		if d := take(t, s, "k", l, 11); d.Allowed || d.RetryAfter <= 0 {
			t.Errorf("more than the burst: %+v", d)
		}
		if d := take(t, s, "k", l, -5); !d.Allowed || d.Remaining != 10 {
			t.Errorf("a negative cost: %+v", d)
		}
		if d := take(t, s, "k", l, 4); !d.Allowed || d.Remaining != 6 {
			t.Errorf("a cost of 4: %+v", d)
		}
	})
}

func TestStoreLimitChangesTakeEffect(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		drain(t, s, "k", Limit{Rate: 1, Burst: 5})
		faster := Limit{Rate: 100, Burst: 50}
		<-time.After(time.Second)
		if d := take(t, s, "k", faster, 1); !d.Allowed {
			t.Fatalf("a second after the limit rose to 100/s: %+v", d)
		}
		<-time.After(time.Second)
		if d := take(t, s, "k", faster, 1); !d.Allowed || d.Remaining != 49 {
			t.Fatalf("two seconds after it rose: %+v", d)
		}
		slower := Limit{Rate: 1, Burst: 2}
		if got := drain(t, s, "k", slower); got > 4 {
			t.Errorf("%d requests at once after the limit fell to a burst of 2", got)
		}
	})
}

func TestStoreNeverAboveBurstPlusRate(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		l, key := Limit{Rate: 50, Burst: 20}, "k"
		begin := time.Now()
		var mu sync.Mutex
		var wg sync.WaitGroup
		allowed := 0
		for range 8 {
			wg.Go(func() {
				for time.Since(begin) < 10*time.Second {
					d, err := s.Take(t.Context(), key, l, 1)
					if err != nil {
						t.Error(err)
						return
					}
					<-time.After(d.Wait + d.RetryAfter + time.Millisecond)
					if d.Allowed && time.Since(begin) < 10*time.Second {
						mu.Lock()
						allowed++
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		if allowed > 520 || allowed < 500 {
			t.Errorf("%d requests in 10 s, want 500 to 520", allowed)
		}
	})
}

// The store on x/time/rate decides as the pure function does.
func TestLocalEqualsCharge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimit(t)
		now, tat := epoch, time.Time{}
		s := newLocal(func() time.Time { return now }, mostKeys)
		var starts []start
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "ms")) * time.Millisecond)
			cost := rapid.IntRange(1, l.Burst).Draw(t, "cost")
			next, want := l.Charge(tat, now, cost)
			got, _ := s.Take(t.Context(), "k", l, cost)
			if nearMaxPace(got) || nearMaxPace(want) {
				return // rounding decides; both are right
			}
			if got.Allowed != want.Allowed || apart(got.Wait, want.Wait) || apart(got.RetryAfter, want.RetryAfter) {
				t.Fatalf("got %+v, want %+v", got, want)
			}
			tat = next
			if got.Allowed {
				starts = append(starts, start{now.Add(got.Wait), cost})
			}
		}
		checkNeverAbove(t, l, starts)
	})
}

func nearMaxPace(d Decision) bool {
	return (d.Wait-MaxPace).Abs() < time.Millisecond || (d.RetryAfter-MaxPace).Abs() < time.Millisecond
}

func apart(a, b time.Duration) bool { return (a - b).Abs() > time.Millisecond }

func TestLocalDropsIdleKeys(t *testing.T) {
	now := epoch
	s := newLocal(func() time.Time { return now }, 1000)
	l := Limit{Rate: 10, Burst: 10}
	for i := range 500 {
		take(t, s, fmt.Sprint("idle", i), l, 1)
	}
	now = now.Add(sweepEvery)
	drain(t, s, "busy", l)
	if len(s.keys) != 1 {
		t.Errorf("%d keys are held, want the busy one alone", len(s.keys))
	}
	now = now.Add(sweepEvery / 2)
	for i := range 5000 { // all busy at one instant: no key is at rest
		take(t, s, fmt.Sprint("flood", i), l, 1)
		if len(s.keys) > 1000 {
			t.Fatalf("%d keys are held, the bound is 1000", len(s.keys))
		}
	}
}

func BenchmarkLocalTake(b *testing.B) {
	s, l := NewLocal(), Limit{Rate: 1e6, Burst: 1000}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = s.Take(b.Context(), "acme", l, 1)
	}
}
