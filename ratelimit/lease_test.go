package ratelimit

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// ledger is a shared Store in memory.
type ledger struct {
	now   func() time.Time
	tats  map[string]time.Time
	asked int
}

func (s *ledger) lend(_ context.Context, key string, l Limit, cost, ahead int) (loan, error) {
	s.asked++
	now := s.now()
	tat, d, lent := l.Lend(s.tats[key], now, cost, ahead)
	s.tats[key] = tat
	return loan{Decision: d, lent: lent, arrival: tat.Sub(now)}, nil
}

func (s *ledger) Take(ctx context.Context, key string, l Limit, cost int) (Decision, error) {
	answer, err := s.lend(ctx, key, l, cost, 0)
	return answer.Decision, err
}

// sharing is so many processes over one ledger, and its clock.
type sharing struct {
	*ledger
	at        time.Time
	processes []*Leases
}

func share(n int) *sharing {
	s := &sharing{at: epoch}
	now := func() time.Time { return s.at }
	s.ledger = &ledger{now: now, tats: map[string]time.Time{}}
	for range n {
		s.processes = append(s.processes, newLeases(s.ledger, func() int { return n }, now, mostKeys))
	}
	return s
}

func TestAhead(t *testing.T) {
	const ms = time.Millisecond
	cases := []struct {
		name            string
		burst, used     int
		since           time.Duration
		sharers, expect int
	}{
		{"alone and slow", 200, 1, time.Second, 1, 0},
		{"never before", 200, 1, leaseLife, 1, 0},
		{"one every 50 ms", 200, 1, 50 * ms, 1, 1},
		{"one every 20 ms grows", 200, 1, 20 * ms, 1, 2},
		{"and grows", 200, 3, 60 * ms, 1, 4},
		{"to what it uses", 200, 5, 100 * ms, 1, 4},
		{"at most its share", 200, 100, 10 * ms, 1, 25},
		{"of two", 200, 100, 10 * ms, 2, 12},
		{"of eight", 200, 100, 10 * ms, 8, 3},
		{"nobody counted yet", 200, 100, 10 * ms, 0, 25},
		{"a small burst among eight", 50, 100, 10 * ms, 8, 0},
		{"at the same moment", 200, 1, 0, 1, 2},
		{"the clock went back", 200, 1, -time.Hour, 1, 2},
	}
	for _, c := range cases {
		if got := (Limit{Rate: 50, Burst: c.burst}).ahead(c.used, c.since, c.sharers); got != c.expect {
			t.Errorf("%s: %d, want %d", c.name, got, c.expect)
		}
	}
}

func TestLend(t *testing.T) {
	l := Limit{Rate: 10, Burst: 20}
	cases := []struct {
		name              string
		used, cost, ahead int // used: of the burst, before
		allowed           bool
		remaining, lent   int
	}{
		{"from rest", 0, 1, 5, true, 19, 5},
		{"not asked for", 0, 1, 0, true, 19, 0},
		{"less than nothing", 0, 1, -3, true, 19, 0},
		{"half of the burst stays", 6, 1, 5, true, 13, 3},
		{"half is used", 9, 1, 5, true, 10, 0},
		{"all is used", 20, 1, 5, true, 0, 0},
		{"refused", 40, 1, 5, false, 0, 0},
	}
	for _, c := range cases {
		tat := epoch.Add(l.last(c.used))
		next, d, lent := l.Lend(tat, epoch, c.cost, c.ahead)
		if d.Allowed != c.allowed || d.Remaining != c.remaining || lent != c.lent {
			t.Errorf("%s: %+v and %d lent", c.name, d, lent)
		}
		if charged := next.Sub(tat); d.Allowed && charged != l.last(c.cost+lent) {
			t.Errorf("%s: %v are charged", c.name, charged)
		}
	}
}

// lent returns a process that holds some of a key, and the key's limit.
func lent(t *testing.T) (*sharing, Limit) {
	t.Helper()
	s, l := share(1), Limit{Rate: 100, Burst: 400}
	for s.processes[0].keys["k"] == nil || s.processes[0].keys["k"].held == 0 {
		take(t, s.processes[0], "k", l, 1)
		s.at = s.at.Add(time.Millisecond)
	}
	return s, l
}

func TestLeasesAreLost(t *testing.T) {
	cases := []struct {
		name  string
		after func(s *sharing, l *Limit)
		asks  int
	}{
		{"not at once", func(*sharing, *Limit) {}, 0},
		{"not just before its end", func(s *sharing, _ *Limit) { s.at = s.at.Add(leaseLife - 2*time.Millisecond) }, 0},
		{"at its end", func(s *sharing, _ *Limit) { s.at = s.at.Add(leaseLife) }, 1},
		{"when the limit changes", func(_ *sharing, l *Limit) { l.Burst++ }, 1},
	}
	for _, c := range cases {
		s, l := lent(t)
		c.after(s, &l)
		before := s.asked
		take(t, s.processes[0], "k", l, 1)
		if asked := s.asked - before; asked != c.asks {
			t.Errorf("%s: asked %d times, want %d", c.name, asked, c.asks)
		}
	}
}

// A key is worth asking for beside other work unless something is held of it, or half
// of it is used.
func TestRoomy(t *testing.T) {
	s, l := lent(t)
	p := s.processes[0]
	if p.Roomy("k", l) {
		t.Error("what is held must not be asked for")
	}
	if !p.Roomy("other", l) {
		t.Error("nothing is known of the other")
	}
	s.at = s.at.Add(leaseLife)
	if !p.Roomy("k", l) {
		t.Error("what was held is lost")
	}
	take(t, p, "k", l, 250)
	if p.Roomy("k", l) {
		t.Error("more than half is used")
	}
	drain(t, p, "k", l)
	s.at = s.at.Add(MaxPace)
	if p.Roomy("k", l) {
		t.Error("it has only just gone as fast as it may")
	}
	if s.at = s.at.Add(l.last(l.Burst)); !p.Roomy("k", l) {
		t.Error("it is at rest")
	}
}

// What nobody asks for is forgotten, and what is known stays within bounds.
func TestLeasesForget(t *testing.T) {
	s, l := share(1), Limit{Rate: 100, Burst: 400}
	p := s.processes[0]
	p.most = 100
	for i := range 150 {
		take(t, p, fmt.Sprint("idle", i), l, 1)
	}
	if len(p.keys) != 100 {
		t.Errorf("%d keys are known, most is 100", len(p.keys))
	}
	s.at = s.at.Add(forgetLease + time.Second)
	if take(t, p, "busy", l, 1); len(p.keys) != 1 {
		t.Errorf("%d keys are known, want the busy one alone", len(p.keys))
	}
}

// However processes that lease share a key, from rest on it gets no more than its
// limit; in any window no more than it can have been lent before that.
func TestLeasesNeverAboveTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, n := drawLimit(t), rapid.IntRange(1, 8).Draw(t, "processes")
		s := share(n)
		var starts []start
		for range rapid.IntRange(1, 300).Draw(t, "requests") {
			s.at = s.at.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "ms")) * time.Millisecond)
			d, _ := s.processes[rapid.IntRange(0, n-1).Draw(t, "process")].Take(t.Context(), "k", l, 1)
			if d.Allowed {
				starts = append(starts, start{s.at.Add(d.Wait), 1})
			}
			if d.Remaining < 0 || d.Remaining > l.Burst {
				t.Fatalf("%d of %d remain", d.Remaining, l.Burst)
			}
		}
		checkFromRest(t, l, starts)
		looser := l
		looser.Burst += min(l.Burst/leaseShare, int(l.Rate*leaseLife.Seconds())+1)
		checkNeverAbove(t, looser, starts)
	})
}

// checkFromRest fails if more starts until any moment than burst plus rate times the
// time since the first.
func checkFromRest(t *rapid.T, l Limit, starts []start) {
	for _, last := range starts {
		sum := 0
		for _, s := range starts {
			if !s.at.After(last.at) {
				sum += s.cost
			}
		}
		since := last.at.Sub(epoch).Seconds()
		if allowed := float64(l.Burst) + l.Rate*since; float64(sum) > allowed+1e-3 {
			t.Fatalf("%d requests in the first %.3f s, allowed %.3f", sum, since, allowed)
		}
	}
}

// Who sends one request after the other, and slowly, is decided for as if nothing were
// leased, to the field.
func TestLeasesLoseNothingOfALoneSlowCaller(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, s := drawLimit(t), share(rapid.IntRange(1, 8).Draw(t, "processes"))
		plain := &ledger{now: s.now, tats: map[string]time.Time{}}
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			s.at = s.at.Add(leaseLife/2 + time.Duration(rapid.IntRange(0, 500).Draw(t, "ms"))*time.Millisecond)
			got, _ := s.processes[0].Take(t.Context(), "k", l, 1)
			if want, _ := plain.Take(t.Context(), "k", l, 1); got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	})
}

// One process that has a key for itself asks less often, and tells how much remains as
// if it asked each time, but for what it may hold.
func TestLeasesTellWhatRemains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Limit{Rate: rapid.Float64Range(10, 1000).Draw(t, "rate"), Burst: rapid.IntRange(50, 1000).Draw(t, "burst")}
		s := share(1)
		plain := &ledger{now: s.now, tats: map[string]time.Time{}}
		for i := range 200 {
			s.at = s.at.Add(time.Duration(rapid.IntRange(0, 10).Draw(t, "ms")) * time.Millisecond)
			got, _ := s.processes[0].Take(t.Context(), "k", l, 1)
			want, _ := plain.Take(t.Context(), "k", l, 1)
			if off := got.Remaining - want.Remaining; off > l.Burst/leaseShare+1 || off < -l.Burst/leaseShare-1 {
				t.Fatalf("request %d: %d remain, want %d", i, got.Remaining, want.Remaining)
			}
		}
		if s.asked >= plain.asked {
			t.Fatalf("asked %d times", s.asked)
		}
	})
}

// Eight processes that lease let a tenant that floods them have its limit, and
// one that stays below it hardly ask.
func TestLeasesAmongEight(t *testing.T) {
	for _, c := range []struct {
		name        string
		l           Limit
		sent        float64 // requests a second
		least       float64 // of what it may have
		askedAtMost float64 // of its requests
	}{
		{"the default, flooded", DefaultLimit, 400, 0.98, 1},
		{"a small burst, flooded", Limit{Rate: 50, Burst: 50}, 400, 0.98, 1},
		{"fast, flooded", Limit{Rate: 1000, Burst: 2000}, 8000, 0.98, 1},
		{"fast, below its limit", Limit{Rate: 1000, Burst: 2000}, 800, 0.999, 0.2},
		{"the default, just below", DefaultLimit, 49, 0.999, 1},
	} {
		s := share(8)
		const last = 20 * time.Second
		sent, got := 0, 0
		for ; s.at.Sub(epoch) < last; s.at = s.at.Add(time.Duration(float64(time.Second) / c.sent)) {
			d, _ := s.processes[sent*5%8].Take(t.Context(), "k", c.l, 1)
			if sent++; d.Allowed && s.at.Add(d.Wait).Sub(epoch) < last {
				got++
			}
		}
		want := min(float64(sent), float64(c.l.Burst)+c.l.Rate*last.Seconds())
		t.Logf("%s: %d of %.0f, asked %d times", c.name, got, want, s.asked)
		if f := float64(got) / want; f < c.least || f > 1 {
			t.Errorf("%s: %d are let through, want %.0f", c.name, got, want)
		}
		if f := float64(s.asked) / float64(sent); f > c.askedAtMost {
			t.Errorf("%s: asked for %.2f of the requests", c.name, f)
		}
	}
}
