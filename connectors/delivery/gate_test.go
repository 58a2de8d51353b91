package delivery

import (
	"testing"
	"time"

	"scimgate/connectors"
)

func TestGate(t *testing.T) {
	throttled := &connectors.Error{Fault: connectors.Throttled, RetryAfter: 10 * time.Second}
	at := func(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }
	g := gate{most: 8}
	allows := func(seconds, want int) {
		t.Helper()
		if got := g.allows(at(seconds)); got != want {
			t.Errorf("after %d s it allows %d, want %d", seconds, got, want)
		}
	}
	allows(0, 8)
	if !g.shut(throttled, 1, Backoff{}, at(0), never) {
		t.Error("the first fault must shut it")
	}
	if g.shut(throttled, 1, Backoff{}, at(1), never) || g.strikes != 1 {
		t.Error("what was under way together is one strike")
	}
	g.passed(at(2)) // under way since before
	allows(9, 0)
	allows(10, 1)
	g.passed(at(10))
	allows(10, 2)
	g.passed(at(10))
	g.passed(at(10))
	allows(10, 8)
	g.passed(at(10))
	allows(10, 8)
}

func TestGateWaitsLongerEachTime(t *testing.T) {
	refused := &connectors.Error{Fault: connectors.Unauthorized}
	g := gate{most: 8}
	now, want := noon, []time.Duration{15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600}
	for _, seconds := range want {
		g.shut(refused, 1, Backoff{}, now, never)
		if got := g.until.Sub(now); got != seconds*time.Second {
			t.Errorf("waits %v, want %v", got, seconds*time.Second)
		}
		now = g.until
	}
	g.changed(1)
	if g.allows(now.Add(-time.Second)) != 0 {
		t.Error("the same tenant must wait")
	}
	g.changed(2)
	if g.allows(now.Add(-time.Second)) != 1 {
		t.Error("a changed tenant may try at once, once")
	}
}
