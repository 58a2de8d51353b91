package main

import (
	"fmt"
	"testing"
	"time"
)

// BenchmarkReplicas measures what two gateways that share the requests of one tenant
// take for each beside one that has them all, in turns, over one MongoDB and one Redis:
//
//	go test ./cmd/scimgate -run '^$' -bench Replicas -benchtime 4000x
//
// each with 16 clients of its own, which rest after an answer: as fast as they can, two
// would get half as much each of a machine that has no more, and a process that works
// less wakes up more often for each request. x-cpu is CPU per request of the
// gateways, two by one, the median of the turns.
func BenchmarkReplicas(b *testing.B) {
	one, two := startReplicas(b, 1), startReplicas(b, 2)
	for _, op := range (&pair{}).operations() {
		b.Run(fmt.Sprintf("%s/16", op.name), func(b *testing.B) {
			turns := min(10, b.N) // few, since each begins with new connections
			var alone, shared time.Duration
			var ratios []float64
			for turn := range turns {
				n := b.N/turns + btoi(turn < b.N%turns)
				by1, by2 := one.add(b, op, n), two.add(b, op, n)
				alone, shared = alone+by1, shared+by2
				ratios = append(ratios, float64(by2)/2/float64(by1))
			}
			b.ReportMetric(median(ratios), "x-cpu")
			b.ReportMetric(micros(alone)/float64(b.N), "one-cpu-µs/req")
			b.ReportMetric(micros(shared)/2/float64(b.N), "two-cpu-µs/req")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// replicas are gateways over one store, which hold the same users.
type replicas []*contender

func startReplicas(b *testing.B, n int) (all replicas) {
	b.Helper()
	shared := append([]string{
		"serve", "--role", "gateway", "--mongodb-uri", database(b), "--redis-url", setting(b, "SCIMGATE_TEST_REDIS_URL"),
		"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-level", "error", "--replicas", fmt.Sprint(n),
	}, keys(b, b.TempDir())...)
	token := ""
	for range n {
		usage := freeAddress(b)
		p := startWith(b, []string{"SCIMGATE_TEST_USAGE=" + usage}, shared...)
		if token == "" {
			token = enrollAlone(b, p)
		}
		all = append(all, &contender{base: p.text(b, "publicURL") + "/t/acme/identity/scim", usage: usage, token: token})
	}
	seed(b, all[0])
	for _, other := range all[1:] {
		other.ids, other.created = all[0].ids, all[0].created
	}
	return all
}

// add sends n requests to each, in turn, and returns the CPU that all of them took.
func (all replicas) add(b *testing.B, op operation, n int) time.Duration {
	b.Helper()
	before := all.used(b)
	l := drive(b, 16*len(all), n*len(all), op.want, all[0].token, func(i int) request {
		<-time.After(40 * time.Millisecond)
		return op.build(all[i%len(all)], i)
	})
	if l.failed > 0 {
		b.Fatalf("%d of %d requests failed", l.failed, n)
	}
	if op.name == "create" {
		for _, c := range all {
			c.created += n * len(all)
		}
	}
	return all.used(b) - before
}

func (all replicas) used(b *testing.B) (sum time.Duration) {
	b.Helper()
	for _, c := range all {
		sum += usageOf(b, c.usage).CPU
	}
	return sum
}
