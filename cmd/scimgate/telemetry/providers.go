package telemetry

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/otlptranslator"
	goruntime "go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// describe is what all that is exported over OTLP says of where it comes from;
// OTEL_RESOURCE_ATTRIBUTES adds to it.
func describe(ctx context.Context, o Options) (*resource.Resource, error) {
	return resource.New(ctx, resource.WithTelemetrySDK(), resource.WithFromEnv(), resource.WithAttributes(
		attribute.String("service.name", "scimgate"),
		attribute.String("service.version", version()),
		attribute.String("scimgate.role", o.Role),
	))
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// newTraces exports in batches. What is not exported in time is dropped, and delays
// nobody.
func newTraces(ctx context.Context, o Options, about *resource.Resource) (*sdktrace.TracerProvider, error) {
	to, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(below(o.Endpoint, "/v1/traces")))
	if err != nil {
		return nil, err
	}
	return sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(to), sdktrace.WithResource(about), sdktrace.WithSampler(sdktrace.AlwaysSample()), // see takes
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{
			AttributeValueLengthLimit: 256, AttributeCountLimit: 32, EventCountLimit: 16, LinkCountLimit: 8,
			AttributePerEventCountLimit: 8, AttributePerLinkCountLimit: 8,
		}),
	), nil
}

func below(endpoint, path string) string { return strings.TrimRight(endpoint, "/") + path }

// newMetrics has one reader for /metrics, and one that exports if there is an
// endpoint. Both are told what is counted here beside what they ask.
func newMetrics(ctx context.Context, o Options, about *resource.Resource, registry *prometheus.Registry, counted *told) (*sdkmetric.MeterProvider, error) {
	page, err := otelprometheus.New(
		otelprometheus.WithRegisterer(registry),
		otelprometheus.WithProducer(goruntime.NewProducer()), otelprometheus.WithProducer(counted),
		otelprometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes),
		otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo(),
	)
	if err != nil {
		return nil, err
	}
	if err := registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})); err != nil {
		return nil, err
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(about), sdkmetric.WithReader(page)}
	if o.Endpoint != "" {
		to, err := otlpmetrichttp.New(ctx, otlpmetrichttp.WithEndpointURL(below(o.Endpoint, "/v1/metrics")))
		if err != nil {
			return nil, err
		}
		options = append(options, sdkmetric.WithReader(sdkmetric.NewPeriodicReader(to,
			sdkmetric.WithProducer(goruntime.NewProducer()), sdkmetric.WithProducer(counted))))
	}
	metrics := sdkmetric.NewMeterProvider(options...)
	return metrics, goruntime.Start(goruntime.WithMeterProvider(metrics))
}

// goVersion is what built the program.
func goVersion() string { return runtime.Version() }
