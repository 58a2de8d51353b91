package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkTelemetry measures the real program with its telemetry beside one that
// measures nothing, in turns, over the same requests:
//
//	go test ./cmd/scimgate -run '^$' -bench Telemetry -benchtime 20000x
//
// "metrics" is how it runs where nothing is set, "traces" with a collector at the
// default share. x-cpu is CPU per request of the server process, x-rate its rate, each
// the median of the turns, of which a busy machine spoils some.
func BenchmarkTelemetry(b *testing.B) {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer collector.Close()
	for _, with := range []struct {
		name string
		args []string
	}{
		{"metrics", nil},
		{"traces", []string{"--otlp-endpoint", collector.URL}},
	} {
		b.Run(with.name, func(b *testing.B) {
			p := &pair{ours: startScimgate(b, ":memory:", with.args...), floor: startScimgate(b, ":memory:", "--metrics.off")}
			seed(b, p.ours)
			seed(b, p.floor)
			for _, op := range p.operations() {
				b.Run(fmt.Sprintf("%s/16", op.name), func(b *testing.B) { p.compare(b, op) })
			}
		})
	}
}

// compare runs b.N requests against each of the two, in turns of a twentieth.
func (p *pair) compare(b *testing.B, op operation) {
	turns := min(20, b.N)
	var on, off measured
	var cpus, rates []float64
	for turn := range turns {
		n := b.N/turns + btoi(turn < b.N%turns)
		was, without := on, off
		if turn%2 == 0 {
			on.add(b, p.ours, op, 16, n)
			off.add(b, p.floor, op, 16, n)
		} else {
			off.add(b, p.floor, op, 16, n)
			on.add(b, p.ours, op, 16, n)
		}
		cpus = append(cpus, float64(on.used-was.used)/float64(off.used-without.used))
		rates = append(rates, float64(off.took-without.took)/float64(on.took-was.took))
	}
	b.ReportMetric(median(cpus), "x-cpu")
	b.ReportMetric(median(rates), "x-rate")
	b.ReportMetric(on.cpu(), "cpu-µs/req")
	b.ReportMetric(on.allocs()-off.allocs(), "more-allocs/req")
	b.ReportMetric(0, "ns/op")
}
