package telemetry

import (
	"context"
	"net/http"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// Requests watches the SCIM service.
func (t *Telemetry) Requests() server.Watcher {
	if t == nil {
		return nil
	}
	return requests{t}
}

type requests struct{ *Telemetry }

type requestKey struct {
	method, route string
	status        int
	gone          bool
}

func (k requestKey) values() []string {
	return []string{k.method, k.route, strconv.Itoa(k.status), k.outcome()}
}

// outcome is what came of a request, for whoever asks how well the service does.
func (k requestKey) outcome() string {
	switch {
	case k.status == http.StatusUnauthorized:
		return "unauthorized"
	case k.status == http.StatusTooManyRequests:
		return "limited"
	case k.status >= 500 && k.gone, k.status == 0:
		return "gone"
	case k.status >= 500:
		return "fault"
	case k.status >= 400:
		return "refused"
	default:
		return "ok"
	}
}

// Begin implements server.Watcher.
func (w requests) Begin(ctx context.Context, r *http.Request, id string) (context.Context, string) {
	if !w.takes() { // whatever the caller does
		return ctx, ""
	}
	watched, span := w.tracer.Start(ctx, "scim", caused(trace.SpanKindServer, callerOf(r))...) //nolint:spancheck // it ends in End
	span.SetAttributes(attribute.String("scimgate.request_id", id))
	return watched, nameOf(span.SpanContext()) //nolint:spancheck // as above
}

// Decided implements server.Watcher.
func (w requests) Decided(lane server.Lane, v server.Verdict) {
	w.it.decision.count(1, decisionKey{lane, v})
}

type decisionKey struct {
	lane    server.Lane
	verdict server.Verdict
}

func (k decisionKey) values() []string { return []string{string(k.lane), string(k.verdict)} }

// End implements server.Watcher.
func (w requests) End(ctx context.Context, a server.Answered) {
	key := requestKey{a.Method, a.Route, a.Status, a.Gone}
	w.it.request.took(a.Took, key)
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetName(a.Method + " " + a.Route)
	span.SetAttributes(
		attribute.String("http.request.method", a.Method), attribute.String("http.route", a.Route),
		attribute.Int("http.response.status_code", a.Status), attribute.String("scimgate.tenant", string(a.Tenant)),
		attribute.String("scimgate.outcome", key.outcome()),
	)
	if key.outcome() == "fault" {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// Tolerated counts leniencies, after what else is told of them.
func (t *Telemetry) Tolerated(next func(tenant.ID, scim.Leniency, string)) func(tenant.ID, scim.Leniency, string) {
	if t == nil {
		return next
	}
	return func(id tenant.ID, l scim.Leniency, path string) {
		next(id, l, path)
		t.it.leniency.count(1, string(l))
	}
}
