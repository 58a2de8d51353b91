package telemetry

import (
	"fmt"

	"scimgate/connectors/delivery"
)

// instruments are the metrics that hooks write to. What is read when somebody looks
// is in observe.go.
type instruments struct {
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

// newInstruments makes them of the table, and adds them to what is told; a name that
// the table does not have is a fault of ours.
func newInstruments(to *told) (*instruments, error) {
	b := builder{told: to}
	it := &instruments{
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
	if b.fault != nil {
		return nil, b.fault
	}
	it.beginAtZero()
	return it, nil
}

// beginAtZero shows what calls a person before it happens for the first time: Prometheus
// sees no rise in a counter that is new.
func (it *instruments) beginAtZero() {
	for _, kind := range delivery.AlertKinds {
		it.alert.count(0, string(kind))
	}
}

func noValues(none) []string     { return nil }
func oneValue(v string) []string { return []string{v} }

// builder makes instruments, and keeps the first fault.
type builder struct {
	told  *told
	fault error
}

func (b *builder) row(name string, want Kind) Metric {
	row, ok := Find(name)
	if (!ok || row.Kind != want) && b.fault == nil {
		b.fault = fmt.Errorf("telemetry: %s is no %s of the table", name, want)
	}
	return row
}

func newHistogram[K comparable](b *builder, name string, values func(K) []string) *histogram[K] {
	h := &histogram[K]{series[K, spread]{row: b.row(name, Histogram), values: values}}
	h.empty = func() *spread { return newSpread(h.row.Bounds) }
	b.told.add(h)
	return h
}

func newCounter[K comparable](b *builder, name string, values func(K) []string) *counter[K] {
	c := &counter[K]{series[K, count]{row: b.row(name, Counter), values: values}}
	c.empty = func() *count { return new(count) }
	b.told.add(c)
	return c
}
