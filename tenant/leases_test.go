package tenant

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// eachLeases runs a test on Leases of each kind.
func eachLeases(t *testing.T, test func(*testing.T, Leases)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, openMemory(t)) })
	t.Run("mongo", func(t *testing.T) { test(t, openMongo(t)) })
}

func acquire(t *testing.T, s Leases, id ID, owner string, last time.Duration) string {
	t.Helper()
	term, err := s.AcquireLease(t.Context(), id, owner, last)
	must(t, err)
	return term
}

func renew(t *testing.T, s Leases, id ID, term string, last time.Duration) bool {
	t.Helper()
	held, err := s.RenewLease(t.Context(), id, term, last)
	must(t, err)
	return held
}

func TestLeasesHaveOneHolder(t *testing.T) {
	eachLeases(t, func(t *testing.T, s Leases) {
		a := acquire(t, s, "acme", "a", time.Minute)
		if b := acquire(t, s, "acme", "b", time.Minute); a == "" || b != "" {
			t.Errorf("a got %q, b %q", a, b)
		}
		if other := acquire(t, s, "acme-eu", "b", time.Minute); other == "" {
			t.Error("a neighbour's lease is held too")
		}
		must(t, s.ReleaseLease(t.Context(), "acme", "not this one"))
		must(t, s.ReleaseLease(t.Context(), "acme-eu", a))
		if !renew(t, s, "acme", a, time.Minute) {
			t.Error("it was released by another's term")
		}
		must(t, s.ReleaseLease(t.Context(), "acme", a))
		if b := acquire(t, s, "acme", "b", time.Minute); b == "" {
			t.Error("a released lease is held")
		}
		if renew(t, s, "acme", a, time.Minute) {
			t.Error("a released lease was renewed")
		}
		must(t, s.ReleaseLease(t.Context(), "acme", a)) // again, and too late: no error, and b's stays
		if c := acquire(t, s, "acme", "c", time.Minute); c != "" {
			t.Error("the earlier holder ended its successor's lease")
		}
	})
}

func TestLeasesRunOut(t *testing.T) {
	eachLeases(t, func(t *testing.T, s Leases) {
		const short = 60 * time.Millisecond
		a := acquire(t, s, "acme", "a", short)
		<-time.After(short + 20*time.Millisecond)
		if !renew(t, s, "acme", a, short) {
			t.Error("a lease that ran out and nobody took was not renewed")
		}
		if acquire(t, s, "acme", "b", short) != "" {
			t.Error("a renewed lease was taken")
		}
		<-time.After(short + 20*time.Millisecond)
		if acquire(t, s, "acme", "b", time.Minute) == "" {
			t.Error("a lease that ran out is held")
		}
		if renew(t, s, "acme", a, time.Minute) {
			t.Error("a lease was renewed that somebody else has")
		}
	})
}

// Who has lost track of its own holding gets it anew; the earlier one is over.
func TestLeasesKnowTheirOwner(t *testing.T) {
	eachLeases(t, func(t *testing.T, s Leases) {
		first := acquire(t, s, "acme", "a", time.Minute)
		second := acquire(t, s, "acme", "a", time.Minute)
		if second == "" || second == first {
			t.Fatalf("terms %q and %q", first, second)
		}
		must(t, s.ReleaseLease(t.Context(), "acme", first))
		if !renew(t, s, "acme", second, time.Minute) || renew(t, s, "acme", first, time.Minute) {
			t.Error("the earlier holding is not over")
		}
	})
}

func TestLeasesUnderARace(t *testing.T) {
	eachLeases(t, func(t *testing.T, s Leases) {
		for round := range 5 {
			var winners atomic.Int64
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					term, err := s.AcquireLease(t.Context(), ID(fmt.Sprint("t", round)), fmt.Sprint(i), time.Minute)
					if err != nil {
						t.Error(err)
					} else if term != "" {
						winners.Add(1)
					}
				})
			}
			all.Wait()
			if winners.Load() != 1 {
				t.Errorf("%d winners", winners.Load())
			}
		}
	})
}
