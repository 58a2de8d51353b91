package main

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"
)

// BenchmarkReplicas measures what sharing costs: two gateways with one tenant over one
// database and one Redis, beside two that share nothing, each with a tenant, a database
// and a Redis database of its own; in turns, with the same requests at the same rate:
//
//	go test ./cmd/scimgate -run '^$' -bench Replicas -benchtime 4000x
//
// Each gateway has 16 clients, which rest after an answer, so that both pairs work at
// one rate. The second pair is there because a second process costs a small machine
// something whatever it does: x-one tells that, x-cpu and x-allocs what is ours. All
// are per request, and medians of the turns but x-allocs, which no neighbour disturbs.
func BenchmarkReplicas(b *testing.B) {
	alone, other := startReplicas(b, 1, 1), startReplicas(b, 1, 2)
	apart, shared := append(alone, other...), startReplicas(b, 2, 3)
	ops := (&pair{}).operations()
	ops[2], ops[3] = ops[3], ops[2] // creations last: they make one store larger than the other
	for _, op := range ops {
		b.Run(fmt.Sprintf("%s/16", op.name), func(b *testing.B) {
			turns := min(20, b.N)
			var one, strangers, sharers usage
			var cpus, ones []float64
			for turn := range turns {
				n := b.N/turns + btoi(turn < b.N%turns)
				by1, by2, byOurs := alone.add(b, op, n), apart.add(b, op, n), shared.add(b, op, n)
				one, strangers, sharers = one.and(by1), strangers.and(by2), sharers.and(byOurs)
				cpus = append(cpus, float64(byOurs.CPU)/float64(by2.CPU))
				ones = append(ones, float64(byOurs.CPU)/2/float64(by1.CPU))
			}
			b.ReportMetric(median(cpus), "x-cpu")
			b.ReportMetric(median(ones), "x-one")
			b.ReportMetric(float64(sharers.Mallocs)/float64(strangers.Mallocs), "x-allocs")
			b.ReportMetric(micros(one.CPU)/float64(b.N), "one-cpu-µs/req")
			b.ReportMetric(micros(strangers.CPU)/2/float64(b.N), "apart-cpu-µs/req")
			b.ReportMetric(micros(sharers.CPU)/2/float64(b.N), "shared-cpu-µs/req")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// replicas are gateways under load at the same time.
type replicas []*contender

// startReplicas starts n gateways that share a tenant, a new database, and one of
// Redis' databases.
func startReplicas(b *testing.B, n, redis int) (all replicas) {
	b.Helper()
	limits, err := url.Parse(setting(b, "SCIMGATE_TEST_REDIS_URL"))
	if err != nil {
		b.Fatal(err)
	}
	limits.Path = fmt.Sprint("/", redis)
	shared := append([]string{
		"serve", "--role", "gateway", "--mongodb-uri", database(b), "--redis-url", limits.String(),
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

// add sends n requests to each at once and returns what all of them used for that.
func (all replicas) add(b *testing.B, op operation, n int) usage {
	b.Helper()
	before := all.used(b)
	var sent sync.WaitGroup
	for k, c := range all {
		sent.Go(func() {
			l := drive(b, 16, n, op.want, c.token, func(i int) request {
				<-time.After(40 * time.Millisecond)
				return op.build(c, i*len(all)+k) // no two change one user
			})
			if l.failed > 0 {
				b.Errorf("%d of %d requests failed", l.failed, n)
			}
		})
	}
	sent.Wait()
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
