package ratelimit

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func drawLimit(t *rapid.T) Limit {
	return Limit{
		Rate:  rapid.Float64Range(0.1, 1000).Draw(t, "rate"),
		Burst: rapid.IntRange(1, 300).Draw(t, "burst"),
	}
}

// start is one request let through, and when.
type start struct {
	at   time.Time
	cost int
}

// checkNeverAbove fails if any window of the starts holds more than burst plus
// rate times its length: the promise of every limiter here.
func checkNeverAbove(t *rapid.T, l Limit, starts []start) {
	for i := range starts {
		sum := 0
		for _, s := range starts[i:] {
			sum += s.cost
			window := s.at.Sub(starts[i].at).Seconds()
			if allowed := float64(l.Burst) + l.Rate*window; float64(sum) > allowed+1e-3 {
				t.Fatalf("%d requests in %.3f s from request %d, allowed %.3f", sum, window, i, allowed)
			}
		}
	}
}

func TestChargeNeverAboveBurstPlusRate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimit(t)
		now, tat := epoch, time.Time{}
		var starts []start
		for range rapid.IntRange(1, 120).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "ms")) * time.Millisecond)
			cost := rapid.IntRange(1, l.Burst).Draw(t, "cost")
			var d Decision
			tat, d = l.Charge(tat, now, cost)
			if d.Allowed {
				starts = append(starts, start{now.Add(d.Wait), cost})
			}
		}
		checkNeverAbove(t, l, starts)
	})
}

// A refused caller that waits as long as it was told is let through at once.
func TestChargeRetryAfterIsEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimit(t)
		cost := rapid.IntRange(1, l.Burst).Draw(t, "cost")
		tat := epoch.Add(time.Duration(rapid.IntRange(0, 1<<20).Draw(t, "ms")) * time.Millisecond)
		kept, d := l.Charge(tat, epoch, cost)
		if d.Allowed {
			return
		}
		if kept.After(tat) {
			t.Fatal("a refusal charged something")
		}
		_, d = l.Charge(kept, epoch.Add(d.RetryAfter), cost)
		if !d.Allowed || d.Wait > time.Microsecond {
			t.Fatalf("after RetryAfter: %+v", d)
		}
	})
}

func TestChargeSurvivesAClockSetBack(t *testing.T) {
	l := Limit{Rate: 10, Burst: 10}
	tat, _ := l.Charge(time.Time{}, epoch, 1)
	now := epoch.Add(-24 * time.Hour)
	tat, d := l.Charge(tat, now, 1)
	if d.RetryAfter > time.Second+MaxPace {
		t.Errorf("told to wait %v by a clock that went back a day", d.RetryAfter)
	}
	if _, d = l.Charge(tat, now.Add(d.RetryAfter), 1); !d.Allowed {
		t.Errorf("still locked out after that: %+v", d)
	}
}

func TestEffective(t *testing.T) {
	cases := []struct{ in, want Limit }{
		{Limit{}, DefaultLimit},
		{Limit{Rate: 5}, Limit{Rate: 5, Burst: 1}},
		{Limit{Rate: -1, Burst: 3}, Limit{Rate: slowest, Burst: 3}},
		{Limit{Rate: math.NaN(), Burst: 3}, Limit{Rate: slowest, Burst: 3}},
		{Limit{Rate: math.Inf(1), Burst: math.MaxInt}, Limit{Rate: 1e9, Burst: 1 << 20}},
	}
	for _, c := range cases {
		if got := c.in.effective(); got != c.want {
			t.Errorf("%+v: got %+v, want %+v", c.in, got, c.want)
		}
	}
}
