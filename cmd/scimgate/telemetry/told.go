package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// told hands to OpenTelemetry what is counted here. It is a metric.Producer.
type told struct {
	began time.Time
	all   []interface {
		data(began, now time.Time) metricdata.Metrics
	}
}

func (t *told) add(one interface {
	data(began, now time.Time) metricdata.Metrics
},
) {
	t.all = append(t.all, one)
}

// Produce implements metric.Producer. What nothing has been counted of is left out.
func (t *told) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	from := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: scope}}
	for _, one := range t.all {
		if m := one.data(t.began, now); !empty(m.Data) {
			from.Metrics = append(from.Metrics, m)
		}
	}
	return []metricdata.ScopeMetrics{from}, nil
}

func empty(a metricdata.Aggregation) bool {
	switch data := a.(type) {
	case metricdata.Sum[int64]:
		return len(data.DataPoints) == 0
	case metricdata.Histogram[float64]:
		return len(data.DataPoints) == 0
	default:
		return true
	}
}
