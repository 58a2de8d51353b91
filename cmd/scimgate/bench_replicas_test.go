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
// gateways, two by one, the median of the turns; x-allocs, which no neighbour disturbs, is
// what they allocate for one.
func BenchmarkReplicas(b *testing.B) {
	one, two := startReplicas(b, 1), startReplicas(b, 2)
	for _, op := range (&pair{}).operations() {
		b.Run(fmt.Sprintf("%s/16", op.name), func(b *testing.B) {
			turns := min(10, b.N) // few, since each begins with new connections
			var alone, shared usage
			var ratios []float64
			for turn := range turns {
				n := b.N/turns + btoi(turn < b.N%turns)
				by1, by2 := one.add(b, op, n), two.add(b, op, n)
				alone, shared = alone.and(by1), shared.and(by2)
				ratios = append(ratios, float64(by2.CPU)/2/float64(by1.CPU))
			}
			b.ReportMetric(median(ratios), "x-cpu")
			b.ReportMetric(float64(shared.Mallocs)/2/float64(alone.Mallocs), "x-allocs")
			b.ReportMetric(micros(alone.CPU)/float64(b.N), "one-cpu-µs/req")
			b.ReportMetric(micros(shared.CPU)/2/float64(b.N), "two-cpu-µs/req")
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

// add sends n requests to each, in turn, and returns what all of them used for that.
func (all replicas) add(b *testing.B, op operation, n int) usage {
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
	after := all.used(b)
	return usage{CPU: after.CPU - before.CPU, Mallocs: after.Mallocs - before.Mallocs}
}

func (all replicas) used(b *testing.B) (sum usage) {
	b.Helper()
	for _, c := range all {
		sum = sum.and(usageOf(b, c.usage))
	}
	return sum
}

// and adds what another process used.
func (u usage) and(other usage) usage {
	return usage{CPU: u.CPU + other.CPU, Mallocs: u.Mallocs + other.Mallocs}
}
