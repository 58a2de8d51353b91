package telemetry

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// takes decides whether to trace what begins, before a span costs anything. What it
// takes is traced as a whole: the spans within see that theirs is recorded.
func (t *Telemetry) takes() bool { return t.tracer != nil && rand.Float64() < t.options.Share }

// follows decides it of what was caused by something that is traced already, if by is
// valid: else one change would be followed to the account once in ten thousand.
func (t *Telemetry) follows(by trace.SpanContext) bool {
	return t.tracer != nil && by.IsSampled() || t.takes()
}

// nameOf is how a change bears its trace (scim.Note.Trace): as in a traceparent
// header, of which it holds no more.
func nameOf(c trace.SpanContext) string {
	return "00-" + c.TraceID().String() + "-" + c.SpanID().String() + "-" + c.TraceFlags().String()
}

// spanNamed is the inverse of nameOf; one that is not valid of anything else. The
// caller's own traceparent is read in the same way: what may follow in a newer
// version, its tracestate and its baggage are not looked at.
func spanNamed(text string) trace.SpanContext {
	parts := strings.Split(text, "-")
	if len(text) > 64 || len(parts) != 4 || len(parts[3]) != 2 {
		return trace.SpanContext{}
	}
	id, err1 := trace.TraceIDFromHex(parts[1])
	span, err2 := trace.SpanIDFromHex(parts[2])
	flags, err3 := hex.DecodeString(parts[3])
	if err1 != nil || err2 != nil || err3 != nil {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: id, SpanID: span, TraceFlags: trace.TraceFlags(flags[0]), Remote: true})
}

// caused are the options of a span that begins a trace of its own, beside what
// caused it, if that is known.
func caused(kind trace.SpanKind, by trace.SpanContext) []trace.SpanStartOption {
	options := []trace.SpanStartOption{trace.WithNewRoot(), trace.WithSpanKind(kind)}
	if by.IsValid() {
		options = append(options, trace.WithLinks(trace.Link{SpanContext: by}))
	}
	return options
}

// callerOf is what a request says that it is part of.
func callerOf(r *http.Request) trace.SpanContext {
	if sent := r.Header["Traceparent"]; len(sent) == 1 {
		return spanNamed(sent[0])
	}
	return trace.SpanContext{}
}

// resourceAttribute stands for a resource, to be compared with others and to be
// read by nobody.
func (t *Telemetry) resourceAttribute(id tenant.ID, ref directory.Ref) attribute.KeyValue {
	mac := hmac.New(sha256.New, t.options.Key)
	mac.Write([]byte(string(id) + "/" + ref.Kind + "/" + ref.ID))
	return attribute.String("scimgate.resource", hex.EncodeToString(mac.Sum(nil)[:12]))
}
