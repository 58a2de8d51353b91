package telemetry

import (
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Many count at once and nothing is lost; a value at a bound is below it; keys that
// read alike are one line.
func TestTally(t *testing.T) {
	it, err := newInstruments(new(told))
	if err != nil {
		t.Fatal(err)
	}
	h := it.request
	values := []float64{0, quick[0], math.Nextafter(quick[0], 1), 10, 11}
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for i := range 1000 {
				for _, v := range values {
					h.record(v, requestKey{"GET", "/Users", 200, i%2 == 0}) // gone or not: it was answered
				}
				it.decision.count(2, decisionKey{"tenant", "allowed"})
			}
		})
	}
	writers.Wait()
	points := h.data(time.Now(), time.Now()).Data.(metricdata.Histogram[float64]).DataPoints
	if len(points) != 1 {
		t.Fatalf("%d lines, not one", len(points))
	}
	p, last := points[0], len(quick)
	want := make([]uint64, last+1)
	want[0], want[1], want[last-1], want[last] = 16000, 8000, 8000, 8000
	if p.Count != 40000 || !slices.Equal(p.BucketCounts, want) || math.Abs(p.Sum-8000*(21+2*quick[0])) > 1e-3 {
		t.Errorf("%d values, %v, sum %v", p.Count, p.BucketCounts, p.Sum)
	}
	sum := it.decision.data(time.Now(), time.Now()).Data.(metricdata.Sum[int64]).DataPoints
	if len(sum) != 1 || sum[0].Value != 16000 {
		t.Errorf("counted %+v", sum)
	}
}

// A name that is not in the table, or of another kind, is told at the start.
func TestInstrumentsAreOfTheTable(t *testing.T) {
	for _, name := range []string{"scimgate.nothing", "scimgate.audits"} {
		b := builder{told: new(told)}
		newHistogram(&b, name, noValues)
		if b.fault == nil {
			t.Errorf("%s is made", name)
		}
	}
}
