package telemetry

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// instruments are those that hooks write to. What is read when somebody looks is in
// observe.go.
type instruments struct {
	meter    metric.Meter
	request  *histogram[requestKey]
	decision *counter[decisionKey]
	leniency *counter[string]
	store    *histogram[storeKey]
	command  *histogram[commandKey]
	size     *histogram[none]
	wait     *histogram[none]
	latency  *histogram[string]
	push     *histogram[pushKey]
	alert    *counter[string]
	outbound *histogram[outboundKey]
	relayed  *counter[none]
	dropped  *counter[none]
	audit    *counter[string]
}

// none is the key of a metric without labels.
type none struct{}

// newInstruments makes them of the table; a name that it does not have is a fault
// of ours.
func newInstruments(m metric.Meter) (*instruments, error) {
	b := builder{meter: m}
	it := &instruments{
		meter:    m,
		request:  newHistogram(&b, "scimgate.server.request.duration", requestKey.values),
		decision: newCounter(&b, "scimgate.limiter.decisions", decisionKey.values),
		leniency: newCounter(&b, "scimgate.server.tolerated", oneValue),
		store:    newHistogram(&b, "scimgate.store.operation.duration", storeKey.values),
		command:  newHistogram(&b, "scimgate.store.command.duration", commandKey.values),
		size:     newHistogram(&b, "scimgate.store.batch.size", noValues),
		wait:     newHistogram(&b, "scimgate.store.batch.wait", noValues),
		latency:  newHistogram(&b, "scimgate.delivery.latency", oneValue),
		push:     newHistogram(&b, "scimgate.delivery.push.duration", pushKey.values),
		alert:    newCounter(&b, "scimgate.delivery.alerts", oneValue),
		outbound: newHistogram(&b, "scimgate.outbound.duration", outboundKey.values),
		relayed:  newCounter(&b, "scimgate.journal.relayed", noValues),
		dropped:  newCounter(&b, "scimgate.journal.dropped", noValues),
		audit:    newCounter(&b, "scimgate.audits", oneValue),
	}
	return it, b.fault
}

func noValues(none) []string     { return nil }
func oneValue(v string) []string { return []string{v} }

// builder makes instruments, and keeps the first fault.
type builder struct {
	meter metric.Meter
	fault error
}

func (b *builder) row(name string, want Kind) Metric {
	row, ok := Find(name)
	if !ok || row.Kind != want {
		b.failed(fmt.Errorf("telemetry: %s is no %s of the table", name, want))
	}
	return row
}

func (b *builder) failed(err error) {
	if b.fault == nil {
		b.fault = err
	}
}

// series are the labels of one metric, made once for each combination of values.
// The values are of bounded sets, so that there is an end to it.
type series[K comparable] struct {
	labels []string
	values func(K) []string // in the order of labels
	mu     sync.Mutex
	known  atomic.Pointer[map[K]metric.MeasurementOption]
}

func (s *series[K]) of(key K) metric.MeasurementOption {
	if known := s.known.Load(); known != nil {
		if o, ok := (*known)[key]; ok {
			return o
		}
	}
	return s.add(key)
}

// add copies the map: readers never wait.
func (s *series[K]) add(key K) metric.MeasurementOption {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[K]metric.MeasurementOption{}
	if known := s.known.Load(); known != nil {
		for k, o := range *known {
			next[k] = o
		}
	}
	next[key] = metric.WithAttributeSet(attribute.NewSet(attributes(s.labels, s.values(key))...))
	s.known.Store(&next)
	return next[key]
}

func attributes(labels, values []string) []attribute.KeyValue {
	all := make([]attribute.KeyValue, len(values))
	for i, v := range values {
		all[i] = attribute.String(labels[i], v)
	}
	return all
}

type histogram[K comparable] struct {
	series[K]
	instrument metric.Float64Histogram
}

func newHistogram[K comparable](b *builder, name string, values func(K) []string) *histogram[K] {
	row := b.row(name, Histogram)
	made, err := b.meter.Float64Histogram(row.Name, metric.WithUnit(row.Unit), metric.WithDescription(row.Help),
		metric.WithExplicitBucketBoundaries(row.Bounds...))
	if err != nil {
		b.failed(err)
	}
	return &histogram[K]{series: series[K]{labels: row.Labels, values: values}, instrument: made}
}

func (h *histogram[K]) took(ctx context.Context, d time.Duration, key K) {
	h.record(ctx, d.Seconds(), key)
}

func (h *histogram[K]) record(ctx context.Context, v float64, key K) {
	h.instrument.Record(ctx, v, h.of(key))
}

type counter[K comparable] struct {
	series[K]
	instrument metric.Int64Counter
}

func newCounter[K comparable](b *builder, name string, values func(K) []string) *counter[K] {
	row := b.row(name, Counter)
	made, err := b.meter.Int64Counter(row.Name, metric.WithUnit(row.Unit), metric.WithDescription(row.Help))
	if err != nil {
		b.failed(err)
	}
	return &counter[K]{series: series[K]{labels: row.Labels, values: values}, instrument: made}
}

func (c *counter[K]) add(ctx context.Context, n int64, key K) { c.instrument.Add(ctx, n, c.of(key)) }
