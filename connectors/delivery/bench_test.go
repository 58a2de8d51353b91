package delivery

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// BenchmarkWakeToPush is the time from an accepted creation's hint to the call
// that reaches the account, over SQLite in memory.
func BenchmarkWakeToPush(b *testing.B) {
	benchmark(b, func(h *harness) {
		arrived := make(chan struct{})
		h.account.told(func(context.Context, call) *answer {
			arrived <- struct{}{}
			return nil
		})
		var waited time.Duration
		for i := 0; b.Loop(); i++ {
			if err := h.store.Create(b.Context(), acme, user(fmt.Sprint("u", i), email(i), "0"), owed); err != nil {
				b.Fatal(err)
			}
			began := time.Now()
			h.worker.Wake(acme)
			<-arrived
			waited += time.Since(began)
		}
		b.ReportMetric(float64(waited.Microseconds())/float64(b.N), "µs/push")
	})
}

// BenchmarkBacklog is one delivery out of a backlog: claim, projection, push to
// an account that answers at once, commit.
func BenchmarkBacklog(b *testing.B) {
	benchmark(b, func(h *harness) {
		arrived := make(chan struct{}, 1<<20)
		h.account.told(func(context.Context, call) *answer {
			arrived <- struct{}{}
			return nil
		})
		for i := range b.N {
			if err := h.store.Create(b.Context(), acme, user(fmt.Sprint("u", i), email(i), "0"), owed); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		b.ResetTimer()
		h.worker.Wake(acme)
		for range b.N {
			<-arrived
		}
	})
}

func benchmark(b *testing.B, run func(*harness)) {
	b.Helper()
	h := newHarness(b, openSQLite(b))
	h.worker.Tune.Sweep = time.Hour
	h.start()
	run(h)
	b.StopTimer()
	h.stop()
}
