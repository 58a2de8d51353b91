package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func open(t *testing.T, o Options) *Telemetry {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	made, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close(context.Background()) })
	return made
}

func TestTheTableIsInOrder(t *testing.T) {
	good := regexp.MustCompile(`^scimgate(\.[a-z]+)+$`)
	seen := map[string]bool{}
	for _, m := range Metrics {
		if !good.MatchString(m.Name) || seen[m.Name] || m.Help == "" || strings.HasSuffix(m.Help, ".") {
			t.Errorf("%+v", m)
		}
		if (m.Kind == Histogram) != (len(m.Bounds) > 0) || !slices.IsSorted(m.Bounds) {
			t.Errorf("%s has the bounds %v", m.Name, m.Bounds)
		}
		seen[m.Name] = true
	}
	for name := range asked {
		if !seen[name] {
			t.Errorf("%s is asked for, but not in the table", name)
		}
	}
}

// What calls a person is shown before it has ever happened.
func TestAlertsBeginAtZero(t *testing.T) {
	seen := httptest.NewRecorder()
	open(t, Options{}).Handler().ServeHTTP(seen, httptest.NewRequest("GET", "/metrics", nil))
	for _, kind := range delivery.AlertKinds {
		want := regexp.MustCompile(`(?m)^scimgate_delivery_alerts_total\{alert="` + string(kind) + `"[^}]*\} 0$`)
		if !want.MatchString(seen.Body.String()) {
			t.Errorf("%s is not told of", kind)
		}
	}
}

// Without telemetry hooks are nil and nothing is wrapped.
func TestNoTelemetry(t *testing.T) {
	var off *Telemetry
	client, store := new(http.Client), directory.Store(nil)
	if off.Requests() != nil || off.Pushes() != nil || off.Commands() != nil || off.Wrote() != nil || off.Worked() != nil ||
		off.Handler() != nil || off.Outbound(client) != client || off.Store(store) != nil || off.Work(nil) != nil || off.Tolerated(nil) != nil {
		t.Error("something is there")
	}
	if err := off.Observe(Sources{}); err != nil {
		t.Error(err)
	}
	if err := off.Close(t.Context()); err != nil {
		t.Error(err)
	}
	off.Alerted(t.Context(), delivery.Alert{})
	off.Audited(nil)
}

// A share of what begins is traced, and every delivery of a change that was; what a
// caller says of itself decides nothing.
func TestWhatIsTraced(t *testing.T) {
	const sampled = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for share, want := range map[float64]int{0: 0, 1: 1000, 0.1: 100} {
		o := open(t, Options{Endpoint: "http://127.0.0.1:1", Share: share, Key: []byte("k")})
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Traceparent", sampled)
		requests, pushed, caused := 0, 0, 0
		resource := scim.NewResource("User", "1", value.NewObject())
		for range 1000 {
			_, name := o.Requests().Begin(t.Context(), r, "r")
			requests += btoi(name != "")
			pushed += btoi(recorded(o.Pushes().Begin(t.Context(), &directory.Claim{Resource: resource})))
			caused += btoi(recorded(o.Pushes().Begin(t.Context(), &directory.Claim{Resource: resource, Trace: sampled})))
		}
		if off := want / 2; requests < want-off || requests > want+off || pushed < want-off || pushed > want+off || caused != 1000 {
			t.Errorf("share %v: %d requests, %d deliveries and %d caused ones of 1000 are traced", share, requests, pushed, caused)
		}
	}
}

func recorded(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestSpanNamed(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if c := spanNamed(good); !c.IsSampled() || !c.IsRemote() || nameOf(c) != good {
		t.Errorf("%q became %q", good, nameOf(c))
	}
	for _, bad := range []string{
		"", "-", "---", "00-0-0-01", strings.ReplaceAll(good, "b7ad6b7169203331", "0000000000000000"),
		strings.ReplaceAll(good, "0af7651916cd43dd8448eb211c80319c", strings.Repeat("0", 32)), good + "-x", good + "1", "00-" + strings.Repeat("a", 1<<16),
		strings.ToUpper(good), strings.ReplaceAll(good, "-01", "-zz"), "00-ana@example.com-b7ad6b7169203331-01",
	} {
		if c := spanNamed(bad); c.IsValid() {
			t.Errorf("%.60q became %q", bad, nameOf(c))
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header["Traceparent"] = []string{good, good}
	if callerOf(r).IsValid() {
		t.Error("two callers at once")
	}
}

// A line bears the ids of the span that its context belongs to, if that is recorded.
func TestWithTrace(t *testing.T) {
	text := new(strings.Builder)
	log := slog.New(WithTrace(slog.NewTextHandler(text, nil))).With("a", 1)
	sampled := spanNamed("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	log.InfoContext(t.Context(), "none")
	log.InfoContext(trace.ContextWithSpanContext(t.Context(), sampled.WithTraceFlags(0)), "unsampled")
	if strings.Contains(text.String(), "trace_id") {
		t.Errorf("ids of nothing: %s", text)
	}
	log.InfoContext(trace.ContextWithSpanContext(t.Context(), sampled), "sampled")
	if !strings.Contains(text.String(), "a=1 trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331") {
		t.Errorf("no ids: %s", text)
	}
}

func TestOutcomeOfARequest(t *testing.T) {
	for want, k := range map[string]requestKey{
		"ok": {status: 204}, "refused": {status: 409}, "unauthorized": {status: 401}, "limited": {status: 429},
		"fault": {status: 503}, "gone": {status: 503, gone: true},
	} {
		if got := k.outcome(); got != want {
			t.Errorf("%+v is %s, want %s", k, got, want)
		}
	}
}

func TestOutcomeOfTheStore(t *testing.T) {
	for err, want := range map[error]string{
		nil: "ok", directory.ErrNotFound: "refused", scim.Statusf(http.StatusConflict, "x"): "refused",
		fmt.Errorf("read: %w", context.Canceled): "gone", fmt.Errorf("read: %w", context.DeadlineExceeded): "fault", errors.New("x"): "fault",
	} {
		if got := outcomeOf(err); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
}

// A collector that is away delays nobody: neither what is traced nor the end.
func TestCollectorAway(t *testing.T) {
	o := open(t, Options{Endpoint: "http://127.0.0.1:1", Share: 1, Key: []byte("k")})
	w := o.Requests()
	began := time.Now()
	for range 1000 {
		ctx, name := w.Begin(t.Context(), httptest.NewRequest("GET", "/", nil), "r")
		if name == "" {
			t.Fatal("not traced")
		}
		_, op := o.begin(ctx, "get", "acme", directory.Ref{Kind: "User", ID: "1"})
		op.end(directory.ErrNotFound)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("1,000 traces took %v", took)
	}
	_ = o.Close(t.Context())
	if took := time.Since(began); took > closeTime+3*time.Second {
		t.Errorf("closed after %v", took)
	}
}

// The client of accounts passes everything through, tells nobody of a trace, and
// counts what got no answer by its fault.
func TestOutbound(t *testing.T) {
	o := open(t, Options{})
	account := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.HasPrefix(name, "Trace") || name == "Baggage" {
				t.Errorf("the account was told %s", name)
			}
		}
	}))
	defer account.Close()
	client := o.Outbound(connectors.NewClient(connectors.Guard{Hosts: []string{"127.0.0.1"}, Loopback: true}))
	for _, url := range []string{account.URL, "http://127.0.0.1:1/?canary"} {
		if res, err := client.Get(url); err == nil {
			_ = res.Body.Close()
		}
	}
	client.CloseIdleConnections()
	page := httptest.NewRecorder()
	o.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{`class="",method="GET",status="2xx"`, `class="transient",method="GET",status="none"`} {
		if !strings.Contains(page.Body.String(), "scimgate_outbound_duration_seconds_count{"+want+"} 1") {
			t.Errorf("not shown: %s in\n%s", want, page.Body)
		}
	}
	if strings.Contains(page.Body.String(), "canary") {
		t.Error("a query is shown")
	}
}

// Ids of resources are told apart, alike in each process of a key, and by no other.
func TestResourceAttribute(t *testing.T) {
	one, two := &Telemetry{options: Options{Key: []byte("a")}}, &Telemetry{options: Options{Key: []byte("b")}}
	of := func(x *Telemetry, id tenant.ID, ref string) string {
		return x.resourceAttribute(id, directory.Ref{Kind: "User", ID: ref}).Value.AsString()
	}
	if again := of(one, "acme", "1"); again != of(one, "acme", "1") || of(one, "acme", "1") == of(one, "acme", "2") ||
		of(one, "acme", "1") == of(one, "acme-2", "1") || of(one, "acme", "1") == of(two, "acme", "1") {
		t.Error("ids are not what they should be")
	}
}
