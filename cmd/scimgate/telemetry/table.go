package telemetry

import "strings"

// Kind is what sort of number a Metric is.
type Kind string

// The kinds.
const (
	Counter   Kind = "counter"   // only rises, but for a restart
	Gauge     Kind = "gauge"     // as it is now
	Histogram Kind = "histogram" // how many of each size
)

// Metric is one row of the table. Everything that is measured is in it: the chart's
// dashboard and alert rules are made of its names, and so are the instruments.
type Metric struct {
	Name   string   // in OpenTelemetry: "scimgate.limiter.decisions"
	Kind   Kind     //
	Unit   string   // "s", "By", or what is counted, in braces: "{request}"
	Labels []string // each of bounded values; see the notes below
	Help   string   // one sentence, without a full stop
	Bounds []float64
}

// Prometheus is the name that /metrics shows m under, a histogram's without
// _bucket, _sum and _count.
func (m Metric) Prometheus() string {
	name := strings.ReplaceAll(m.Name, ".", "_")
	switch m.Unit {
	case "s":
		name += "_seconds"
	case "By":
		name += "_bytes"
	}
	if m.Kind == Counter {
		name += "_total"
	}
	return name
}

// The bounds of histograms: of answers within, of an account's answers, and of the
// time from a change to the account, which an outage makes as long as itself.
var (
	quick   = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	outside = []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	lasting = []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 43200, 259200}
	batches = []float64{1, 2, 4, 8, 16, 32, 64, 128, 256}
)

// Metrics are all that are told. Their labels, and the values that these take:
//
//	method     GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE other
//	route      template as in the SCIM service: /Users/{id}; "" before it is known
//	status     the HTTP status answered; of outbound: 2xx 3xx 4xx 5xx none
//	outcome    of a request: ok refused unauthorized limited fault gone
//	           of a push: done part retry parked held superseded
//	           of an audit: clean drift failed
//	           of a store operation: ok refused gone fault; of a command: ok fault
//	lane       read write reserved network process seat
//	verdict    allowed paced refused shed
//	source     redis lease local
//	state      due parked held; of a breaker: open half-open
//	kind       of a connection: appspace webhook
//	cause      of a breaker: rate auth throttled settings
//	class      of a failure: transient throttled unauthorized rejected conflict
//	           protocol settings mapping waiting gateway guard kills-worker, or ""
//	op         create update suspend delete
//	store      sqlite mongodb
//	operation  of the SCIM store: create get update delete list members
//	           groups, and of deliveries claim commit;
//	           of MongoDB: the command's name, as find or update
//	tenant     slug, of the tenants with the longest backlog only, or of all that
//	           have one with --metrics.tenants
var Metrics = []Metric{
	{Name: "scimgate.build.info", Kind: Gauge, Labels: []string{"version", "go_version", "role"}, Help: "1, with what is running"},

	{Name: "scimgate.server.request.duration", Kind: Histogram, Unit: "s", Labels: []string{"method", "route", "status", "outcome"}, Help: "SCIM requests by route template and outcome; the count is the number of requests", Bounds: quick},
	{Name: "scimgate.server.inside", Kind: Gauge, Unit: "{request}", Help: "SCIM requests being answered"},
	{Name: "scimgate.server.tolerated", Kind: Counter, Unit: "{leniency}", Labels: []string{"leniency"}, Help: "Deviations from the RFCs that were tolerated"},

	{Name: "scimgate.limiter.decisions", Kind: Counter, Unit: "{decision}", Labels: []string{"lane", "verdict"}, Help: "What the limiters decided of requests"},
	{Name: "scimgate.limiter.answers", Kind: Counter, Unit: "{answer}", Labels: []string{"source"}, Help: "Where the limiter's answers came from"},
	{Name: "scimgate.limiter.redis.away", Kind: Gauge, Help: "1 while Redis does not answer and each process limits by itself"},
	{Name: "scimgate.limiter.redis.opened", Kind: Counter, Unit: "{time}", Help: "How often the breaker before Redis opened"},

	{Name: "scimgate.store.operation.duration", Kind: Histogram, Unit: "s", Labels: []string{"store", "operation", "outcome"}, Help: "Operations of the SCIM store, as the gateway waits for them", Bounds: quick},
	{Name: "scimgate.store.command.duration", Kind: Histogram, Unit: "s", Labels: []string{"operation", "outcome"}, Help: "Commands to MongoDB", Bounds: quick},
	{Name: "scimgate.store.batch.size", Kind: Histogram, Unit: "{write}", Help: "Writes that shared one commit of the embedded store", Bounds: batches},
	{Name: "scimgate.store.batch.wait", Kind: Histogram, Unit: "s", Help: "How long the first write of a batch waited before the embedded store's writer took it", Bounds: quick},

	{Name: "scimgate.delivery.backlog", Kind: Gauge, Unit: "{resource}", Labels: []string{"state"}, Help: "What is owed to accounts, over all tenants, at most as many as are counted of each"},
	{Name: "scimgate.delivery.oldest.age", Kind: Gauge, Unit: "s", Help: "How long the oldest accepted change that is due has waited"},
	{Name: "scimgate.delivery.tenant.backlog", Kind: Gauge, Unit: "{resource}", Labels: []string{"tenant", "state"}, Help: "What is owed to one tenant's accounts"},
	{Name: "scimgate.delivery.tenant.oldest.age", Kind: Gauge, Unit: "s", Labels: []string{"tenant"}, Help: "How long the oldest accepted change of one tenant that is due has waited"},
	{Name: "scimgate.delivery.latency", Kind: Histogram, Unit: "s", Labels: []string{"kind"}, Help: "From a change's acceptance to its commit as delivered", Bounds: lasting},
	{Name: "scimgate.delivery.push.duration", Kind: Histogram, Unit: "s", Labels: []string{"kind", "op", "outcome", "class"}, Help: "Attempts at accounts; the count is the number of attempts", Bounds: outside},
	{Name: "scimgate.delivery.breakers", Kind: Gauge, Unit: "{connection}", Labels: []string{"kind", "state", "cause"}, Help: "Connections whose breaker is not closed, as this process sees them"},
	{Name: "scimgate.delivery.leases", Kind: Gauge, Unit: "{tenant}", Help: "Tenants that this process serves now"},
	{Name: "scimgate.delivery.flying", Kind: Gauge, Unit: "{push}", Help: "Pushes under way"},
	{Name: "scimgate.delivery.alerts", Kind: Counter, Unit: "{alert}", Labels: []string{"alert"}, Help: "How often a person was called for: mass-change, credential"},
	{Name: "scimgate.outbound.duration", Kind: Histogram, Unit: "s", Labels: []string{"method", "status", "class"}, Help: "HTTP requests to accounts, until their headers were answered", Bounds: outside},

	{Name: "scimgate.hints.lost", Kind: Counter, Unit: "{hint}", Help: "Hints to other processes that were dropped because too many waited"},
	{Name: "scimgate.journal.relayed", Kind: Counter, Unit: "{entry}", Help: "Journal entries brought to their place"},
	{Name: "scimgate.journal.relay.lag", Kind: Gauge, Unit: "s", Help: "Time since everything of the journal was last in its place"},
	{Name: "scimgate.journal.dropped", Kind: Counter, Unit: "{entry}", Help: "Entries about what changed nothing that were dropped because too many waited"},
	{Name: "scimgate.audits", Kind: Counter, Unit: "{audit}", Labels: []string{"outcome"}, Help: "Comparisons of store and account that ended"},
}

// Runtime are metrics that others define and /metrics shows beside the table: of
// the Go runtime and of the process, by their Prometheus names.
var Runtime = []string{
	"go_goroutine_count", "go_memory_used_bytes", "go_memory_gc_goal_bytes", "go_schedule_duration_seconds",
	"process_cpu_seconds_total", "process_open_fds", "process_resident_memory_bytes",
}

// Find returns the row of a name.
func Find(name string) (Metric, bool) {
	for _, m := range Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}
