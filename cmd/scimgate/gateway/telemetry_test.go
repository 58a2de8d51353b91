package gateway_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/telemetry"
	"scimgate/scim/directory"
)

// collector is an OTLP receiver in this process. It keeps what it is sent.
type collector struct {
	*httptest.Server
	mu     sync.Mutex
	spans  []*trace.Span
	bodies bytes.Buffer // all that came, as it came
}

func newCollector(t *testing.T) *collector {
	t.Helper()
	c := new(collector)
	c.Server = httptest.NewServer(http.HandlerFunc(c.take))
	t.Cleanup(c.Close)
	return c
}

func (c *collector) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies.Write(body)
	switch r.URL.Path {
	case "/v1/traces":
		var in collectortrace.ExportTraceServiceRequest
		err = proto.Unmarshal(body, &in)
		for _, from := range in.GetResourceSpans() {
			for _, scope := range from.GetScopeSpans() {
				c.spans = append(c.spans, scope.GetSpans()...)
			}
		}
	case "/v1/metrics":
		err = proto.Unmarshal(body, new(collectormetrics.ExportMetricsServiceRequest))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

// span returns the only span that has the name and, if request is given, bears it.
func (c *collector) span(t *testing.T, name, request string) *trace.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var found []*trace.Span
	var names []string
	for _, s := range c.spans {
		names = append(names, s.GetName())
		if s.GetName() == name && (request == "" || textIn(s, "scimgate.request_id") == request) {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q of %q, not one, in %q", len(found), name, request, names)
	}
	return found[0]
}

func textIn(s *trace.Span, key string) string {
	for _, a := range s.GetAttributes() {
		if a.GetKey() == key {
			return a.GetValue().GetStringValue()
		}
	}
	return ""
}

// lines is a log that is written by many.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// with returns the lines that have these values.
func (l *lines) with(t *testing.T, values map[string]string) (found []map[string]any) {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		fits := true
		for key, v := range values {
			fits = fits && fmt.Sprint(entry[key]) == v
		}
		if fits {
			found = append(found, entry)
		}
	}
	return found
}

// observatory is an office whose telemetry is looked at.
type observatory struct {
	*office
	collector *collector
	log       *lines
	token     string
}

// observe runs a test on each store, with everything traced.
func observe(t *testing.T, test func(o *observatory)) {
	t.Helper()
	for _, store := range []string{"sqlite", "mongo"} {
		t.Run(store, func(t *testing.T) {
			uri := ""
			if store == "mongo" {
				const variable = "SCIMGATE_TEST_MONGODB_URI"
				if uri = os.Getenv(variable); uri == "" {
					t.Skip(variable + " is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
				}
				uri = strings.TrimRight(uri, "/") + "/gateway_test_" + uuid.NewString()[:8]
			}
			test(openObservatory(t, uri))
		})
	}
}

func openObservatory(t *testing.T, mongo string) *observatory {
	t.Helper()
	o := &observatory{collector: newCollector(t), log: new(lines)}
	log := slog.New(telemetry.WithTrace(slog.NewJSONHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	o.office = openOfficeWith(t, log, func(c *config.Config) {
		c.MongoDBURI, c.OTLPEndpoint, c.TraceShare = mongo, o.collector.URL, 1
		c.RedisURL = "redis://127.0.0.1:1" // nobody is there: limits are local, and said to be
	})
	o.connect()
	minted, err := o.Admin.CreateToken(t.Context(), "acme", admin.TokenInput{})
	o.must(err)
	o.token = minted.Secret
	return o
}

// send makes a request of acme's client, with headers as "name: value", and returns
// the status and the id that was answered.
func (o *observatory) send(method, path, body string, headers ...string) (int, string) {
	o.Helper()
	req, err := http.NewRequestWithContext(o.Context(), method, o.PublicURL+"/t/acme/identity/scim"+path, strings.NewReader(body))
	o.must(err)
	req.Header.Set("Authorization", "Bearer "+o.token)
	req.Header.Set("Content-Type", "application/scim+json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	o.must(err)
	defer func() { _ = res.Body.Close() }()
	var answer struct{ ID string }
	_ = json.NewDecoder(res.Body).Decode(&answer)
	return res.StatusCode, answer.ID
}

// metrics is what /metrics shows to whoever asks.
func (o *observatory) metrics() string {
	o.Helper()
	res, err := http.Get(o.AdminURL + "/metrics")
	o.must(err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	o.must(err)
	if res.StatusCode != http.StatusOK {
		o.Fatalf("/metrics: %d %s", res.StatusCode, text)
	}
	return string(text)
}

const newUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q,"active":true}`

// One change is followed by its trace id: from the request through the store, and by
// a link to its delivery and the account. The request's id joins traces, log and
// journal. Who sent a traceparent is linked and decides nothing.
func TestOneChangeIsFollowed(t *testing.T) {
	const callersTrace, callersSpan = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	observe(t, func(o *observatory) {
		status, _ := o.send("POST", "/Users", fmt.Sprintf(newUser, "ana@example.com", "x1"), "Client-Request-Id: r-1",
			"Traceparent: 00-"+callersTrace+"-"+callersSpan+"-01", "Baggage: who=ana", "Tracestate: who=ana")
		if status != http.StatusCreated {
			o.Fatalf("created: %d", status)
		}
		o.settle("the user is in the account")
		o.journalled("r-1")
		o.stop() // which exports what is left

		request := o.collector.span(o.T, "POST /Users", "r-1")
		if len(request.GetParentSpanId()) != 0 || hex.EncodeToString(request.GetTraceId()) == callersTrace {
			o.Errorf("the caller's trace was continued: %v", request)
		}
		o.linked(request, callersTrace, callersSpan)
		stored := o.collector.span(o.T, "store create", "")
		o.within(stored, request)
		deliver := o.collector.span(o.T, "deliver create", "r-1")
		if len(deliver.GetParentSpanId()) != 0 || bytes.Equal(deliver.GetTraceId(), request.GetTraceId()) {
			o.Errorf("the delivery continues the request's trace: %v", deliver)
		}
		o.linked(deliver, hex.EncodeToString(request.GetTraceId()), hex.EncodeToString(request.GetSpanId()))
		o.within(o.collector.span(o.T, "store commit", ""), deliver)
		o.within(o.collector.span(o.T, "account POST", ""), deliver)
		if a, b := textIn(stored, "scimgate.resource"), textIn(deliver, "scimgate.resource"); a == "" || a != b {
			o.Errorf("the resource is %q in the store and %q in the delivery", a, b)
		}
		o.logged("request", request)
		o.logged("delivered", deliver)
	})
}

func (o *observatory) linked(s *trace.Span, traceID, spanID string) {
	o.Helper()
	links := s.GetLinks()
	if len(links) != 1 || hex.EncodeToString(links[0].GetTraceId()) != traceID || hex.EncodeToString(links[0].GetSpanId()) != spanID || links[0].GetTraceState() != "" {
		o.Errorf("%s is linked to %v, want %s %s alone", s.GetName(), links, traceID, spanID)
	}
}

func (o *observatory) within(s, parent *trace.Span) {
	o.Helper()
	if !bytes.Equal(s.GetTraceId(), parent.GetTraceId()) || !bytes.Equal(s.GetParentSpanId(), parent.GetSpanId()) {
		o.Errorf("%s does not belong to %s: %v, %v", s.GetName(), parent.GetName(), s, parent)
	}
}

// logged asserts that the log has a line of request r-1 with the ids of a span.
func (o *observatory) logged(message string, s *trace.Span) {
	o.Helper()
	ids := map[string]string{
		"msg": message, "request_id": "r-1",
		"trace_id": hex.EncodeToString(s.GetTraceId()), "span_id": hex.EncodeToString(s.GetSpanId()),
	}
	if found := o.log.with(o.T, ids); len(found) != 1 {
		o.Errorf("%d lines with %v in\n%s", len(found), ids, o.log)
	}
}

// journalled asserts that the journal tells of the request and of its delivery.
func (o *observatory) journalled(request string) {
	o.Helper()
	page, err := o.Stores.Directory.ReadJournal(o.Context(), "acme", directory.JournalQuery{Request: request, Limit: 10})
	o.must(err)
	if len(page.Entries) != 2 || page.Entries[0].Change == nil || page.Entries[1].Attempt == nil {
		o.Errorf("the journal of %s: %+v", request, page.Entries)
	}
}

// Names, addresses, filter values, tokens and what else a client or an account may
// write never reach the log, the metrics or the traces, whether a request is good or
// bad (promise 27).
func TestNothingPersonalInTelemetry(t *testing.T) {
	observe(t, func(o *observatory) {
		o.provoke()
		shown := o.metrics()
		o.stop()
		o.collector.mu.Lock()
		exported := o.collector.bodies.String()
		o.collector.mu.Unlock()
		for name, text := range map[string]string{"log": o.log.String(), "metrics": shown, "OTLP": exported} {
			for _, canary := range []string{"canary", o.token, accountToken, operatorKey} {
				if at := strings.Index(strings.ToLower(text), strings.ToLower(canary)); at >= 0 {
					o.Errorf("the %s hold %q: …%q…", name, canary, text[max(0, at-200):min(len(text), at+80)])
				}
			}
			if !strings.Contains(text, "PATCH") {
				o.Errorf("the %s do not even tell of what happened: %d bytes", name, len(text))
			}
		}
		if !strings.Contains(o.log.String(), "control-bird") || !strings.Contains(exported, "control-bird") {
			o.Error("what is meant to be in the log and in traces cannot be found there")
		}
	})
}

// echo connects acme to a second account, which refuses everything and says back
// what it was sent, our credential too.
func (o *observatory) echo() {
	o.Helper()
	account := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header().Set("Location", "https://canary.example.com/")
		w.WriteHeader(http.StatusBadRequest)
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, `{"detail":%q}`, r.Header.Get("Authorization")+r.URL.String()+string(body))
	}))
	o.Cleanup(account.Close)
	settings, err := json.Marshal(map[string]string{"baseURL": account.URL, "token": "canary-of-the-account"})
	o.must(err)
	_, err = o.Admin.PutConnection(o.Context(), "acme", "echo", admin.ConnectionInput{Kind: "appspace", Settings: settings})
	o.must(err)
}

// provoke sends good and bad requests that are full of canaries.
func (o *observatory) provoke() {
	o.Helper()
	o.echo()
	_, id := o.send("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"canary.one@example.com","externalId":"canary-x",
		"displayName":"Canary One","password":"canary-pass","emails":[{"type":"work","value":"canary.mail@example.com"}],"canaryAttribute":"canary"}`,
		"Client-Request-Id: control-bird", "User-Agent: canary-agent", "Traceparent: 00-canary", "Baggage: canary=1", "Tracestate: canary=1", "Cookie: canary=1")
	if id == "" {
		o.Fatal("nobody was created")
	}
	patch := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":%q,"value":%q}]}`
	for _, bad := range []struct{ method, path, body string }{
		{"POST", "/Users", fmt.Sprintf(newUser, "canary.one@example.com", "x")}, // taken
		{"POST", "/Users", `{"userName":{"canary":1}}`},
		{"POST", "/Users", `{"userName":"canary`},
		{"POST", "/Users?canary=canary", fmt.Sprintf(newUser, "no address, canary", "x9")}, // parked
		{"PATCH", "/Users/" + id, fmt.Sprintf(patch, "title", "Canary title")},
		{"PATCH", "/Users/" + id, fmt.Sprintf(patch, `emails[type eq "canary"].value`, "canary@example.com")},
		{"PATCH", "/Users/" + id, fmt.Sprintf(patch, "canaryName", "canary")},
		{"PATCH", "/Users/" + id, fmt.Sprintf(patch, "emails[canary", "canary")},
		{"PATCH", "/Users/canary-id", fmt.Sprintf(patch, "title", "x")},
		{"GET", "/Users?filter=userName+eq+%22canary.one%40example.com%22", ""},
		{"GET", "/Users?filter=canary+zz+%22canary", ""},
		{"GET", "/Users?filter=password+eq+%22canary%22", ""},
		{"GET", "/Users?sortBy=canary&attributes=canary", ""},
		{"GET", "/canary/canary", ""},
		{"PUT", "/Groups/canary", `{"displayName":"canary"}`},
		{"POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Canary group","members":[{"value":"canary-member"}]}`},
		{"POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"canary","data":{"userName":"canary.two@example.com"}},{"method":"CANARY","path":"/canary"}]}`},
	} {
		o.send(bad.method, bad.path, bad.body)
	}
	o.send("GET", "/Users", "", "Authorization: Bearer canary-token")
	o.send("GET", "/Users", "", "Authorization: Basic Y2FuYXJ5Om5ldmVy", "X-Forwarded-For: canary")
	res, err := http.Get(o.PublicURL + "/t/canary/identity/scim/Users?filter=canary")
	o.must(err)
	o.must(res.Body.Close())
	o.settle("what can be delivered is")
	o.send("DELETE", "/Users/"+id, "")
	o.settle("the user has left")
}

// Every metric of the table is shown once something has provoked it, with the labels
// that the table says; and nothing is shown that the table does not have.
func TestEveryMetricIsShown(t *testing.T) {
	observe(t, func(o *observatory) {
		o.send("POST", "/Users", fmt.Sprintf(newUser, "ana@example.com", "x1"))
		o.settle("the user is in the account")
		_, err := o.Admin.StartAudit(o.Context(), "acme", "")
		o.must(err)
		settings, err := json.Marshal(map[string]string{"baseURL": o.url, "token": "wrong"})
		o.must(err)
		_, err = o.Admin.PutConnection(o.Context(), "acme", "appspace", admin.ConnectionInput{Kind: "appspace", Settings: settings})
		o.must(err)
		o.send("PATCH", "/Users", "")
		o.send("POST", "/Users", `{"userName":"bob@example.com","active":"True"}`)
		names := provoked(o)
		shown := ""
		deadline := time.Now().Add(40 * time.Second)
		for len(missing(names, shown)) > 0 && time.Now().Before(deadline) {
			<-time.After(200 * time.Millisecond)
			shown = o.metrics()
		}
		if m := missing(names, shown); len(m) > 0 {
			o.Errorf("not shown: %q in\n%s", m, shown)
		}
		o.judge(shown)
	})
}

// provoked are the names that must be shown on this store.
func provoked(o *observatory) []string {
	_, embedded := o.Stores.Directory.(*directory.SQLite)
	names := slices.Clone(telemetry.Runtime)
	for _, m := range telemetry.Metrics {
		batch, command := strings.HasPrefix(m.Name, "scimgate.store.batch."), m.Name == "scimgate.store.command.duration"
		if batch && !embedded || command && embedded {
			continue
		}
		names = append(names, m.Prometheus())
	}
	return names
}

func missing(names []string, shown string) (m []string) {
	for _, name := range names {
		if !strings.Contains(shown, "\n# TYPE "+name+" ") {
			m = append(m, name)
		}
	}
	return m
}

var sample = regexp.MustCompile(`^(scimgate_\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? \S+$`)

// judge compares what is shown with the table.
func (o *observatory) judge(shown string) {
	o.Helper()
	table := map[string]telemetry.Metric{}
	for _, m := range telemetry.Metrics {
		table[m.Prometheus()] = m
	}
	for line := range strings.Lines(shown) {
		parts := sample.FindStringSubmatch(strings.TrimSpace(line))
		if parts == nil {
			continue
		}
		row, ok := table[parts[1]]
		if !ok {
			o.Errorf("not in the table: %s", line)
			continue
		}
		var labels []string
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(parts[2], -1) {
			if label[1] != "le" {
				labels = append(labels, label[1])
			}
		}
		want := slices.Sorted(slices.Values(row.Labels))
		if !slices.Equal(labels, want) {
			o.Errorf("%s has labels %q, the table says %q", parts[1], labels, want)
		}
	}
}

// The profiler answers who shows the operator's key, and nobody else; the command
// line, which may hold a secret, it tells nobody.
func TestProfilerWantsTheKey(t *testing.T) {
	o := openOffice(t, "")
	for _, c := range []struct {
		path, key string
		want      int
	}{
		{"/debug/pprof/", "", http.StatusUnauthorized},
		{"/debug/pprof/heap", "wrong", http.StatusUnauthorized},
		{"/debug/pprof/", operatorKey, http.StatusOK},
		{"/debug/pprof/heap", operatorKey, http.StatusOK},
		{"/debug/pprof/nothing", operatorKey, http.StatusNotFound},
		{"/debug/pprof/cmdline", operatorKey, http.StatusNotFound},
		{"/metrics", "", http.StatusOK},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, o.AdminURL+c.path, nil)
		o.must(err)
		req.Header.Set("Authorization", "Bearer "+c.key)
		res, err := http.DefaultClient.Do(req)
		o.must(err)
		o.must(res.Body.Close())
		if res.StatusCode != c.want {
			t.Errorf("%s with key %q: %d, want %d", c.path, c.key, res.StatusCode, c.want)
		}
	}
}
