// Package telemetry is what an operator sees of a running gateway: metrics, traces
// and the ids that join logs to them. It owns the table of all metrics, the
// providers and exporters of OpenTelemetry, and the functions that the rooms below
// call through hooks of their own: none of them knows OpenTelemetry, and a hook
// that is nil costs nothing.
//
//	server.Watch, delivery.Watch, … ──► instruments ──► /metrics, OTLP
//	                                └─► spans ────────► OTLP, if an endpoint is set
//
// Nothing personal and no secret goes in: routes are templates, ids of resources
// are HMACs, no path, query, header, name or value is ever a label or an attribute
// (reliability-and-security.md 6). A caller's traceparent is linked and never
// continued, its baggage dropped.
package telemetry
