package ratelimit

import (
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// cpu is what this process has used.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// BenchmarkTake measures what the limiter costs a request, with leases beside asking
// Redis each time, in turns, for 16 callers of one tenant far below its limit:
//
//	go test ./ratelimit -run '^$' -bench 'Take$' -benchtime 20000x
//
// cpu-µs is of this process, without the server's; x-cpu is with leases by without.
func BenchmarkTake(b *testing.B) {
	for _, replicas := range []int{1, 2, 8} {
		b.Run(fmt.Sprint(replicas), func(b *testing.B) {
			l, names := Limit{Rate: 1e6, Burst: 10_000}, []byte(uuid.NewString())
			sharers := func() int { return replicas }
			asking := NewFallback(each{NewRedis(connect(b, ""), names)}, sharers, nil)
			leasing := NewFallback(NewLeases(NewRedis(connect(b, ""), names), sharers), sharers, nil)
			var without, with time.Duration
			const turns = 20
			for range turns {
				without += takes(b, asking, "asking", l, b.N/turns+1)
				with += takes(b, leasing, "leasing", l, b.N/turns+1)
			}
			n := float64(b.N/turns*turns + turns)
			b.ReportMetric(float64(without.Microseconds())/n, "asking-cpu-µs")
			b.ReportMetric(float64(with.Microseconds())/n, "leasing-cpu-µs")
			b.ReportMetric(float64(with)/float64(without), "x-cpu")
			c := leasing.Counts()
			b.ReportMetric(float64(c.Shared-c.Leased)/float64(c.Shared+c.Local), "asked")
			b.ReportMetric(float64(c.Local+asking.Counts().Local), "local")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// each is Redis, asked each time.
type each struct{ *Redis }

func (each) Roomy(string, Limit) bool { return true }
func (each) Leased() uint64           { return 0 }

// takes lets 16 callers take n times, and returns the CPU that it took.
func takes(b *testing.B, s Store, key string, l Limit, n int) time.Duration {
	b.Helper()
	var all sync.WaitGroup
	before := cpu()
	for range 16 {
		all.Go(func() {
			for range n/16 + 1 {
				if d, err := s.Take(b.Context(), key, l, 1); err != nil || !d.Allowed {
					b.Errorf("%+v, %v", d, err)
				}
			}
		})
	}
	all.Wait()
	return cpu() - before
}
