package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"scimgate/connectors/delivery"
	"scimgate/ratelimit"
)

// Sources are asked when somebody looks. A nil one is not there, and nor are its
// metrics.
type Sources struct {
	Inside    func() int64             // server.Server
	Limits    func() ratelimit.Counts  // ratelimit.Fallback
	Standing  func() delivery.Standing // delivery.Worker
	HintsLost func() uint64
	Backlog   *Backlog
}

// longest is how many tenants have metrics of their own unless all have.
const longest = 20

// Observe begins to ask the sources.
func (t *Telemetry) Observe(s Sources) error {
	if t == nil {
		return nil
	}
	o := &observer{Telemetry: t, Sources: s, instruments: map[string]observed{}}
	for _, row := range Metrics {
		if asked[row.Name] == nil {
			continue
		}
		if err := o.make(row); err != nil {
			return err
		}
	}
	all := make([]metric.Observable, 0, len(o.instruments))
	for _, one := range o.instruments {
		all = append(all, one.instrument)
	}
	_, err := t.meter.RegisterCallback(o.observe, all...)
	return err
}

// asked are the metrics that are read when somebody looks, by name.
var asked = map[string]func(*observer){
	"scimgate.build.info":                 (*observer).build,
	"scimgate.server.inside":              (*observer).inside,
	"scimgate.limiter.answers":            (*observer).answers,
	"scimgate.limiter.redis.away":         (*observer).redisAway,
	"scimgate.limiter.redis.opened":       (*observer).redisOpened,
	"scimgate.delivery.backlog":           (*observer).backlog,
	"scimgate.delivery.oldest.age":        (*observer).oldest,
	"scimgate.delivery.tenant.backlog":    (*observer).tenantBacklog,
	"scimgate.delivery.tenant.oldest.age": (*observer).tenantOldest,
	"scimgate.delivery.breakers":          (*observer).breakers,
	"scimgate.delivery.leases":            (*observer).leases,
	"scimgate.delivery.flying":            (*observer).flying,
	"scimgate.hints.lost":                 (*observer).hintsLost,
	"scimgate.journal.relay.lag":          (*observer).relayLag,
}

// observer asks the sources. One look is at a time.
type observer struct {
	*Telemetry
	Sources
	instruments map[string]observed

	to  metric.Observer // of this look
	row observed
}

// observed is one metric of those.
type observed struct {
	Metric
	instrument metric.Float64Observable
}

// make makes the instrument of a row.
func (o *observer) make(row Metric) error {
	var made metric.Float64Observable
	var err error
	if row.Kind == Counter {
		made, err = o.meter.Float64ObservableCounter(row.Name, metric.WithUnit(row.Unit), metric.WithDescription(row.Help))
	} else {
		made, err = o.meter.Float64ObservableGauge(row.Name, metric.WithUnit(row.Unit), metric.WithDescription(row.Help))
	}
	o.instruments[row.Name] = observed{row, made}
	return err
}

func (o *observer) observe(_ context.Context, to metric.Observer) error {
	look := *o // readers may look at the same time
	look.to = to
	for name, one := range look.instruments {
		look.row = one
		asked[name](&look)
	}
	return nil
}

// is tells a value; values are those of the row's labels, in order.
func (o *observer) is(v float64, values ...string) {
	o.to.ObserveFloat64(o.row.instrument, v, metric.WithAttributeSet(attribute.NewSet(attributes(o.row.Labels, values)...)))
}

func (o *observer) build() { o.is(1, version(), goVersion(), o.options.Role) }

func (o *observer) inside() {
	if o.Inside != nil {
		o.is(float64(o.Inside()))
	}
}

func (o *observer) answers() {
	if o.Limits != nil {
		counts := o.Limits()
		o.is(float64(counts.Shared-counts.Leased), "redis")
		o.is(float64(counts.Leased), "lease")
		o.is(float64(counts.Local), "local")
	}
}

func (o *observer) redisAway() {
	if o.Limits == nil {
		return
	}
	if o.Limits().Away {
		o.is(1)
	} else {
		o.is(0)
	}
}

func (o *observer) redisOpened() {
	if o.Limits != nil {
		o.is(float64(o.Limits().Opened))
	}
}

func (o *observer) leases() {
	if o.Standing != nil {
		o.is(float64(o.Standing().Serving))
	}
}

func (o *observer) flying() {
	if o.Standing != nil {
		o.is(float64(o.Standing().Flying))
	}
}

func (o *observer) breakers() {
	if o.Standing == nil {
		return
	}
	for key, n := range o.Standing().Stopped {
		o.is(float64(n), key.Kind, string(key.State), string(key.Cause))
	}
}

func (o *observer) hintsLost() {
	if o.HintsLost != nil {
		o.is(float64(o.HintsLost()))
	}
}

func (o *observer) relayLag() {
	if last := o.relay.last.Load(); last > 0 {
		o.is(time.Since(time.Unix(0, last)).Seconds())
	}
}

func (o *observer) backlog() {
	if o.Backlog == nil {
		return
	}
	if all, _, ok := o.Backlog.sum(); ok {
		for i, state := range states {
			o.is(float64(all.counts[i]), string(state))
		}
	}
}

func (o *observer) oldest() {
	if o.Backlog == nil {
		return
	}
	if all, _, ok := o.Backlog.sum(); ok {
		o.is(ageOf(all.oldest))
	}
}

func (o *observer) tenantBacklog() {
	for _, one := range o.tenants() {
		for i, state := range states {
			o.is(float64(one.counts[i]), string(one.id), string(state))
		}
	}
}

func (o *observer) tenantOldest() {
	for _, one := range o.tenants() {
		o.is(ageOf(one.oldest), string(one.id))
	}
}

// tenants are those that have metrics of their own.
func (o *observer) tenants() []owing {
	if o.Backlog == nil {
		return nil
	}
	_, each, _ := o.Backlog.sum()
	if o.options.AllTenants {
		return each
	}
	return each[:min(longest, len(each))]
}

// ageOf is how long something is owed, in seconds; 0 if nothing is.
func ageOf(since time.Time) float64 {
	if since.IsZero() {
		return 0
	}
	return max(time.Since(since), 0).Seconds()
}
