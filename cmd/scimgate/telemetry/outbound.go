package telemetry

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"scimgate/connectors"
)

// Outbound measures the requests of a client to accounts, which stays as it is
// without telemetry. Nothing of ours goes along with them: no traceparent, no
// baggage.
func (t *Telemetry) Outbound(c *http.Client) *http.Client {
	if t == nil {
		return c
	}
	measured := *c
	measured.Transport = outbound{t, c.Transport}
	return &measured
}

type outbound struct {
	*Telemetry
	base http.RoundTripper
}

type outboundKey struct{ method, status, class string }

func (k outboundKey) values() []string { return []string{k.method, k.status, k.class} }

// RoundTrip implements http.RoundTripper.
func (o outbound) RoundTrip(r *http.Request) (*http.Response, error) {
	began := time.Now()
	ctx, span := r.Context(), trace.Span(nil)
	if o.tracer != nil && trace.SpanFromContext(ctx).IsRecording() {
		ctx, span = o.tracer.Start(ctx, "account "+r.Method, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("http.request.method", r.Method), attribute.String("server.address", r.URL.Hostname())))
		r = r.WithContext(ctx)
	}
	res, err := o.base.RoundTrip(r)
	key := outboundKey{r.Method, "none", classOf(err)}
	if res != nil {
		key.status = strconv.Itoa(res.StatusCode/100) + "xx"
	}
	o.it.outbound.took(time.Since(began), key)
	if span != nil {
		endOutbound(span, res, key.class)
	}
	return res, err
}

func endOutbound(span trace.Span, res *http.Response, class string) {
	if res != nil {
		span.SetAttributes(attribute.Int("http.response.status_code", res.StatusCode))
	}
	if class != "" {
		span.SetStatus(codes.Error, class)
	}
	span.End()
}

// classOf is the fault of a request that got no answer; "" of one that did.
func classOf(err error) string {
	var known *connectors.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &known):
		return string(known.Fault)
	default:
		return string(connectors.Transient)
	}
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (o outbound) CloseIdleConnections() {
	if base, ok := o.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}
