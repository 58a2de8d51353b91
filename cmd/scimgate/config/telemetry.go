package config

import (
	"net/url"
	"strings"

	"github.com/spf13/pflag"
)

// Metrics says what is measured. It is shown at /metrics of the operator's listener,
// and sent to Config.OTLPEndpoint if there is one.
type Metrics struct {
	Off     bool `koanf:"off"`     // nothing is measured, or traced
	Tenants bool `koanf:"tenants"` // every tenant with a backlog is shown, not the longest alone
}

// defaultTraceShare is the part of requests that is traced.
const defaultTraceShare = 0.01

func addTelemetryFlags(flags *pflag.FlagSet, d Config) {
	flags.String("otlp-endpoint", d.OTLPEndpoint, "OTLP collector that traces and metrics are sent to over HTTP, as in http://collector:4318; also OTEL_EXPORTER_OTLP_ENDPOINT")
	flags.Float64("trace-share", d.TraceShare, "part of requests that is traced, 0 to 1, where there is a collector")
	flags.Bool("metrics.off", d.Metrics.Off, "measure nothing")
	flags.Bool("metrics.tenants", d.Metrics.Tenants, "metrics of every tenant with a backlog, not of the 20 longest alone")
}

// checks are what may be wrong with telemetry's settings.
func (c *Config) telemetryChecks() []check {
	return []check{
		{c.OTLPEndpoint != "" && !collector(c.OTLPEndpoint), "otlp-endpoint: must be an http or https URL without user, password or query, as in http://collector:4318"},
		{c.TraceShare < 0 || c.TraceShare > 1, "trace-share: must be 0 to 1"},
	}
}

func collector(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.User == nil && absolute(text, "http", "https")
}

// standardEndpoint is the collector that OpenTelemetry's own variable names.
func standardEndpoint(environ []string) string {
	for _, entry := range environ {
		if value, ok := strings.CutPrefix(entry, "OTEL_EXPORTER_OTLP_ENDPOINT="); ok {
			return value
		}
	}
	return ""
}
