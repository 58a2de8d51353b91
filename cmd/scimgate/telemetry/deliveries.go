package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
)

// Pushes watches a delivery.Worker.
func (t *Telemetry) Pushes() delivery.Watcher {
	if t == nil {
		return nil
	}
	return pushes{t}
}

type pushes struct{ *Telemetry }

// Begin implements delivery.Watcher. The span is of a trace of its own, linked to
// that of the request which made the version: many requests may become one push,
// and one request many.
func (w pushes) Begin(ctx context.Context, c *directory.Claim) context.Context {
	by := spanNamed(c.Trace)
	if !w.follows(by) {
		return ctx
	}
	watched, span := w.tracer.Start(ctx, "deliver", caused(trace.SpanKindConsumer, by)...) //nolint:spancheck // it ends in Ended
	ref := directory.Ref{Kind: c.Resource.Kind, ID: c.Resource.ID}
	span.SetAttributes(
		attribute.String("scimgate.request_id", c.Request), attribute.String("scimgate.tenant", string(c.Tenant)),
		attribute.Int64("scimgate.version", int64(c.Resource.Version)), attribute.Int("scimgate.attempts", c.Delivery.Attempts),
		w.resourceAttribute(c.Tenant, ref),
	)
	return watched //nolint:spancheck // as above
}

type pushKey struct {
	kind           string
	op             directory.AttemptOp
	outcome, class string
}

func (k pushKey) values() []string { return []string{k.kind, string(k.op), k.outcome, k.class} }

// End implements delivery.Watcher.
func (w pushes) End(ctx context.Context, p delivery.Pushed) {
	a := p.Attempt
	key := pushKey{p.Kind, a.Op, string(a.Outcome), a.Class}
	if !p.Settled {
		key.outcome = "superseded"
	}
	w.it.push.took(p.Took, key)
	if p.Waited > 0 {
		w.it.latency.took(p.Waited, p.Kind)
	}
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetName("deliver " + string(a.Op))
	span.SetAttributes(
		attribute.String("scimgate.connection.kind", p.Kind), attribute.String("scimgate.outcome", key.outcome),
		attribute.String("scimgate.class", a.Class), attribute.Int("scimgate.account.status", a.Status),
		attribute.Float64("scimgate.waited", p.Waited.Seconds()),
	)
	if a.Class != "" {
		span.SetStatus(codes.Error, a.Class)
	}
	span.End()
}

// Alerted counts the alerts of a Worker.
func (t *Telemetry) Alerted(_ context.Context, a delivery.Alert) {
	if t != nil {
		t.it.alert.count(1, string(a.Kind))
	}
}

// Audited counts the audits that ended.
func (t *Telemetry) Audited(report *delivery.AuditReport) {
	if t == nil {
		return
	}
	outcome := "clean"
	switch {
	case report == nil:
		outcome = "failed"
	case len(report.Findings) > 0:
		outcome = "drift"
	}
	t.it.audit.count(1, outcome)
}
