package telemetry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Options are what an operator sets, and what the process is.
type Options struct {
	Role       string  // all, gateway or delivery
	Store      string  // sqlite or mongodb
	Endpoint   string  // of an OTLP collector, over HTTP; "": traces are off, metrics are at /metrics only
	Share      float64 // of requests that are traced, 0 to 1
	AllTenants bool    // metrics of every tenant with a backlog, not of the longest alone
	Key        []byte  // of the HMACs that stand for ids
	Log        *slog.Logger
}

// Telemetry is the telemetry of one process. A nil one measures nothing: its hooks
// are nil, and what it would wrap stays as it is.
type Telemetry struct {
	options  Options
	registry *prometheus.Registry
	metrics  *sdkmetric.MeterProvider
	traces   *sdktrace.TracerProvider // nil without an endpoint, as is
	tracer   trace.Tracer
	meter    metric.Meter
	it       *instruments
	relay    relay
}

// scope names what measures, in OTLP.
const scope = "scimgate"

// Open makes the providers and the instruments. Close must follow.
func Open(ctx context.Context, o Options) (*Telemetry, error) {
	t := &Telemetry{options: o, registry: prometheus.NewRegistry()}
	about, err := describe(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Endpoint != "" {
		otel.SetErrorHandler(faults{o.Log}) // the library has one for all providers
		if t.traces, err = newTraces(ctx, o, about); err != nil {
			return nil, err
		}
		t.tracer = t.traces.Tracer(scope)
	}
	counted := &told{began: time.Now()}
	if t.it, err = newInstruments(counted); err != nil {
		return nil, errors.Join(err, t.Close(ctx))
	}
	if t.metrics, err = newMetrics(ctx, o, about, t.registry, counted); err != nil {
		return nil, errors.Join(err, t.Close(ctx))
	}
	t.meter = t.metrics.Meter(scope)
	return t, nil
}

// closeTime bounds the last export.
const closeTime = 5 * time.Second

// Close exports what is left and ends.
func (t *Telemetry) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	var faults []error
	if t.traces != nil {
		faults = append(faults, t.traces.Shutdown(ctx))
	}
	if t.metrics != nil {
		faults = append(faults, t.metrics.Shutdown(ctx))
	}
	return errors.Join(faults...)
}

// Handler answers /metrics in the formats of Prometheus; nil without telemetry.
func (t *Telemetry) Handler() http.Handler {
	if t == nil {
		return nil
	}
	return promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{ErrorLog: faults{t.options.Log}, MaxRequestsInFlight: 4})
}

// faults are what exporters and scrapes say of what goes wrong with them.
type faults struct{ log *slog.Logger }

// Handle implements otel.ErrorHandler.
func (f faults) Handle(err error) { f.say(err) }

// Println implements promhttp.Logger.
func (f faults) Println(v ...any) {
	if len(v) > 0 {
		if err, ok := v[len(v)-1].(error); ok {
			f.say(err)
		}
	}
}

func (f faults) say(err error) {
	f.log.WarnContext(context.Background(), "telemetry is not exported", "error", err)
}
