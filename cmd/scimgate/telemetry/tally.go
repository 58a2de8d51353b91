package telemetry

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// Requests and deliveries are counted here, in a few atomic additions each, and
// handed to OpenTelemetry when somebody looks (told.go): its own instruments look at
// every label each time, which would cost a read a twentieth of its time.

// series are the numbers of one metric, one for each combination of labels. These are
// of bounded sets, so that there is an end to it.
type series[K comparable, N any] struct {
	row    Metric
	values func(K) []string // of row.Labels, in order
	empty  func() *N
	mu     sync.Mutex
	known  atomic.Pointer[map[K]*line[N]]
}

// line is one of them.
type line[N any] struct {
	labels attribute.Set
	number *N
}

func (s *series[K, N]) of(key K) *N {
	if known := s.known.Load(); known != nil {
		if l, ok := (*known)[key]; ok {
			return l.number
		}
	}
	return s.add(key)
}

// add copies the map: nobody who looks something up waits. Keys that read alike share
// a line.
func (s *series[K, N]) add(key K) *N {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[K]*line[N]{}
	labels := attribute.NewSet(attributes(s.row.Labels, s.values(key))...)
	l := &line[N]{labels, s.empty()}
	for k, known := range s.lines() {
		next[k] = known
		if k == key || known.labels.Equals(&labels) {
			l = known
		}
	}
	next[key] = l
	s.known.Store(&next)
	return l.number
}

func (s *series[K, N]) lines() map[K]*line[N] {
	if known := s.known.Load(); known != nil {
		return *known
	}
	return nil
}

func attributes(labels, values []string) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(values))
	for i, v := range values {
		all[i] = attribute.String(labels[i], v)
	}
	return all
}

// each are the lines, every one once.
func (s *series[K, N]) each(yield func(line[N])) {
	seen := map[*N]bool{}
	for _, l := range s.lines() {
		if !seen[l.number] {
			seen[l.number] = true
			yield(*l)
		}
	}
}

type count struct{ atomic.Int64 }

type counter[K comparable] struct{ series[K, count] }

func (c *counter[K]) count(n int64, key K) { c.of(key).Add(n) }

func (c *counter[K]) data(began, now time.Time) metricdata.Metrics {
	sum := metricdata.Sum[int64]{Temporality: metricdata.CumulativeTemporality, IsMonotonic: true}
	c.each(func(l line[count]) {
		sum.DataPoints = append(sum.DataPoints, metricdata.DataPoint[int64]{
			Attributes: l.labels, StartTime: began, Time: now, Value: l.number.Load(),
		})
	})
	return metricdata.Metrics{Name: c.row.Name, Description: c.row.Help, Unit: c.row.Unit, Data: sum}
}

// spread is how many values fell between bounds, and their sum.
type spread struct {
	bounds  []float64
	buckets []atomic.Uint64 // one more than bounds
	sum     atomic.Uint64   // bits of a float64
}

func newSpread(bounds []float64) *spread {
	return &spread{bounds: bounds, buckets: make([]atomic.Uint64, len(bounds)+1)}
}

func (s *spread) add(v float64) {
	i, _ := slices.BinarySearch(s.bounds, v) // a bound belongs to what is below it
	s.buckets[i].Add(1)
	for {
		was := s.sum.Load()
		if s.sum.CompareAndSwap(was, math.Float64bits(math.Float64frombits(was)+v)) {
			return
		}
	}
}

type histogram[K comparable] struct{ series[K, spread] }

func (h *histogram[K]) took(d time.Duration, key K) { h.record(d.Seconds(), key) }

func (h *histogram[K]) record(v float64, key K) { h.of(key).add(v) }

func (h *histogram[K]) data(began, now time.Time) metricdata.Metrics {
	all := metricdata.Histogram[float64]{Temporality: metricdata.CumulativeTemporality}
	h.each(func(l line[spread]) {
		p := metricdata.HistogramDataPoint[float64]{
			Attributes: l.labels, StartTime: began, Time: now, Bounds: h.row.Bounds,
			Sum: math.Float64frombits(l.number.sum.Load()),
		}
		for i := range l.number.buckets {
			n := l.number.buckets[i].Load()
			p.BucketCounts, p.Count = append(p.BucketCounts, n), p.Count+n
		}
		all.DataPoints = append(all.DataPoints, p)
	})
	return metricdata.Metrics{Name: h.row.Name, Description: h.row.Help, Unit: h.row.Unit, Data: all}
}
