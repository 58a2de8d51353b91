package sandbox_test

import (
	"context"
	"strings"
	"testing"

	"scimgate/connectors"
	"scimgate/connectors/sandbox"
)

// outcome is what a method of the connector reported: "" for success, else the
// kind of error, with "?" for a change that nobody knows of and "+?" for a
// creation.
type outcome string

func outcomeOf(err error) outcome {
	if err == nil {
		return ""
	}
	e := connectors.AsError(err)
	switch {
	case e.Creating:
		return outcome(e.Fault) + "+?"
	case e.Unknown:
		return outcome(e.Fault) + "?"
	}
	return outcome(e.Fault)
}

// methods are what is called under each fault: create a user, then update,
// compare, suspend and delete another that the account has, and check.
var methods = []struct {
	name string
	run  func(context.Context, connectors.Connector, connectors.Object, connectors.Object) error
}{
	{"create", func(ctx context.Context, c connectors.Connector, fresh, _ connectors.Object) error {
		_, err := c.Put(ctx, fresh)
		return err
	}},
	{"update", func(ctx context.Context, c connectors.Connector, _, known connectors.Object) error {
		_, err := c.Put(ctx, known)
		return err
	}},
	{"compare", func(ctx context.Context, c connectors.Connector, _, known connectors.Object) error {
		same, err := c.Matches(ctx, known)
		if err == nil && !same {
			return &connectors.Error{Fault: "different"}
		}
		return err
	}},
	{"check", func(ctx context.Context, c connectors.Connector, _, _ connectors.Object) error { return c.Check(ctx) }},
	{"suspend", func(ctx context.Context, c connectors.Connector, _, known connectors.Object) error {
		known.Attributes = nil
		return c.Suspend(ctx, known)
	}},
	{"delete", func(ctx context.Context, c connectors.Connector, _, known connectors.Object) error {
		known.Attributes = nil
		return c.Delete(ctx, known)
	}},
}

// TestConnectorUnderEachFault holds what the connector says to what the fault
// did. The outcomes are those of methods, in their order.
func TestConnectorUnderEachFault(t *testing.T) {
	tests := []struct {
		fault string
		want  [6]outcome
	}{
		{"latency=delay=50ms", [6]outcome{}},
		{"latency=delay=1h", same("transient", "transient?")},
		{"hang", same("transient", "transient?")},
		{"hang=method=POST", [6]outcome{"transient+?"}},
		{"throttled=retryAfter=7", same("throttled", "throttled")},
		{"throttled=method=POST", [6]outcome{"throttled"}},
		{"error", same("transient", "transient?")},
		{"error=status=502,applied=true,method=POST", [6]outcome{"transient+?"}},
		{"error=status=503,retryAfter=soon", same("throttled", "throttled?")},
		{"error=status=501", same("rejected", "rejected")},
		{"page", same("protocol", "protocol?")},
		{"page=method=POST,status=201,applied=true", [6]outcome{"protocol+?"}},
		{"no-id", [6]outcome{"protocol+?"}},
		{"late=delay=10ms", [6]outcome{"transient+?", "transient?", "", "", "transient?", "transient?"}},
		{"reset", same("transient", "transient?")},
		{"reset=when=after,method=POST", [6]outcome{"transient+?"}},
		{"put-only", [6]outcome{"", "rejected", "", "", "rejected", ""}},
		{"put-only=status=501", [6]outcome{"", "rejected", "", "", "rejected", ""}},
		{"no-groups", [6]outcome{}},
		{"refused-token", same("unauthorized", "unauthorized")},
		{"refused-token=status=403", same("unauthorized", "unauthorized")},
		{"string-booleans", [6]outcome{}},
		{"flat-manager", [6]outcome{}},
		{"hidden-attribute", [6]outcome{"", "", "different", "", "", ""}},
		{"no-content", [6]outcome{}},
		{"delete-suspends", [6]outcome{}},
		{"unfiltered", [6]outcome{"protocol", "", "", "protocol", "", ""}},
		{"lookup-404", [6]outcome{"unauthorized", "", "", "unauthorized", "", ""}},
		{"bare-errors", [6]outcome{}},
		{"duplicate", [6]outcome{}},
	}
	tried := map[string]bool{"certificate": true} // TestConnectorRefusesACertificate
	for _, test := range tests {
		name, _, _ := strings.Cut(test.fault, "=")
		tried[name] = true
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel() // most of the time is waiting
			newWire(t).under(test.fault, test.want)
		})
	}
	for _, k := range sandbox.FaultKinds {
		if !tried[k.Name] {
			t.Errorf("%s is not tried", k.Name)
		}
	}
}

// same is the outcome of a fault that meets everything: look-ups and reads leave
// nothing unknown, and a creation begins with a look-up.
func same(reading, changing outcome) [6]outcome {
	return [6]outcome{reading, changing, reading, reading, changing, changing}
}

func (w *wire) under(fault string, want [6]outcome) {
	w.Helper()
	c := w.connector
	if strings.HasPrefix(fault, "hang") || fault == "latency=delay=1h" {
		c = w.hasty
	}
	for i, method := range methods {
		name := method.name + "@example.com"
		w.fail()
		known := w.put(object(w.T, "known."+name))
		fresh := object(w.T, "fresh."+name)
		w.fail(fault)
		if got := outcomeOf(method.run(w.Context(), c, fresh, known)); got != want[i] {
			w.Errorf("%s: %q, want %q", method.name, got, want[i])
		}
		w.mends(fresh)
	}
}

// mends clears the fault and does as delivery does after an unknown outcome: the
// account then holds the user once.
func (w *wire) mends(o connectors.Object) {
	w.Helper()
	w.fail()
	w.landed()
	o.Doubt = true
	known := w.put(o)
	if same, err := w.connector.Matches(w.Context(), known); err != nil || !same {
		w.Errorf("after the fault: %v, %v", same, err)
	}
}

// TestConnectorRefusesACertificate has no outcome that is unknown: nothing is
// sent before the account has shown who it is.
func TestConnectorRefusesACertificate(t *testing.T) {
	for _, wrong := range []string{"name", "expired", "authority"} {
		w := newWire(t)
		c := w.connect(strings.Replace(w.url, "http://", "https://", 1), patience)
		w.fail("certificate=wrong=" + wrong)
		for _, method := range methods {
			o := object(t, "ana@example.com")
			known := o
			known.RemoteID = "U1"
			if got := outcomeOf(method.run(t.Context(), c, o, known)); got != "transient" {
				t.Errorf("%s, %s: %q", wrong, method.name, got)
			}
		}
		if n := w.box.Counters().Requests; len(n) != 0 {
			t.Errorf("%s: %v requests went out", wrong, n)
		}
		w.fail()
		if err := c.Check(t.Context()); err != nil {
			t.Errorf("%s, cleared: %v", wrong, err)
		}
	}
}

// TestCountersShowWhatTheConnectorCannot compares what the account took with what
// the connector was told.
func TestCountersShowWhatTheConnectorCannot(t *testing.T) {
	for fault, created := range map[string]int{
		"reset=method=POST": 0, "reset=method=POST,when=after": 1, "late=delay=10ms": 1,
		"error=status=504,method=POST": 0, "error=status=504,method=POST,applied=true": 1,
	} {
		w := newWire(t)
		w.fail(fault)
		_, err := w.connector.Put(t.Context(), object(t, "ana@example.com"))
		if outcomeOf(err) != "transient+?" {
			t.Errorf("%s: %v", fault, err)
		}
		w.landed()
		if got := w.box.Counters().Taken["Users"].Created; got != created {
			t.Errorf("%s: %d created, want %d", fault, got, created)
		}
	}
}
