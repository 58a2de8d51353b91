package delivery

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
)

var (
	errPatience = &connectors.Error{Fault: connectors.Throttled, RetryAfter: 10 * time.Second}
	errAway     = &connectors.Error{Fault: connectors.Transient}
	errRefused  = &connectors.Error{Fault: connectors.Unauthorized}
	errNoUser   = &connectors.Error{Fault: connectors.Rejected}
)

func atSecond(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// check checks how many pushes a gate lets through after some seconds.
func (g *gate) check(t *testing.T, seconds, want int) {
	t.Helper()
	if got := g.allows(atSecond(seconds)); got != want {
		t.Errorf("after %d s it allows %d, want %d", seconds, got, want)
	}
}

func TestGateOfWhoAsksForPatience(t *testing.T) {
	g := gate{most: 8}
	g.check(t, 0, 8)
	if !g.met(errPatience, 1, Backoff{}, atSecond(0), never) || g.cause != CauseThrottled {
		t.Error("the first fault must open it")
	}
	if g.met(errPatience, 1, Backoff{}, atSecond(1), never) || g.strikes != 1 {
		t.Error("what was under way together is one strike")
	}
	g.passed(atSecond(2)) // under way since before
	g.check(t, 9, 0)
	g.check(t, 10, 1) // the probe
	g.passed(atSecond(10))
	for want := 5; want <= 8; want++ { // half as many, and one more after each success
		g.check(t, 10, want)
		g.passed(atSecond(10))
	}
	g.check(t, 10, 8)
	for i, want := range []int{4, 2, 1, 1} {
		now := atSecond(100 * (i + 1))
		g.met(errPatience, 1, Backoff{}, now, never)
		if g.wide() != want {
			t.Errorf("asked %d times in a row it is %d wide, want %d", i+1, g.wide(), want)
		}
	}
}

func TestGateOfWhoIsAway(t *testing.T) {
	for _, c := range []struct {
		name      string
		good, bad int
		every     int // seconds between two
		opens     bool
	}{
		{"nine are too few", 0, 9, 0, false},
		{"ten", 0, 10, 0, true},
		{"half of them", 10, 10, 0, true},
		{"less than half", 11, 10, 0, false},
		{"too slowly", 0, 30, 4, false},
		{"within 30 s", 0, 10, 3, true},
	} {
		g, opened := gate{most: 8}, false
		for range c.good {
			g.passed(atSecond(0))
		}
		for i := range c.bad {
			opened = g.met(errAway, 1, Backoff{}, atSecond(i*c.every), never) || opened
		}
		if opened != c.opens || opened != (g.cause == CauseRate) {
			t.Errorf("%s: opened %v, %s", c.name, opened, g.cause)
		}
	}
}

func TestGateHalfOpen(t *testing.T) {
	opened := func() gate {
		g := gate{most: 8}
		for range 10 {
			g.met(errAway, 1, Backoff{}, atSecond(0), never)
		}
		g.check(t, 4, 0)
		g.check(t, 5, 1)
		return g
	}
	g := opened()
	if !g.met(errAway, 1, Backoff{}, atSecond(5), never) || g.strikes != 2 {
		t.Error("a probe that fails must open it again")
	}
	g.check(t, 14, 0)
	g.check(t, 15, 1)
	g.passed(atSecond(15))
	g.check(t, 15, 2)
	if g.met(errAway, 1, Backoff{}, atSecond(16), never) {
		t.Error("what was before it closed is forgotten")
	}
	g = opened()
	if g.met(errNoUser, 1, Backoff{}, atSecond(6), never) || g.cause != "" {
		t.Error("an account that refuses one user is there")
	}
	g = opened()
	g.changed(1)
	g.check(t, 1, 0)
	g.changed(2)
	g.check(t, 1, 1)
}

func TestGateWaitsLongerEachTime(t *testing.T) {
	g := gate{most: 8}
	now, want := noon, []time.Duration{15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600}
	for _, seconds := range want {
		g.met(errRefused, 1, Backoff{}, now, never)
		if got := g.until.Sub(now); got != seconds*time.Second || g.cause != CauseAuth {
			t.Errorf("waits %v, want %v, for %s", got, seconds*time.Second, g.cause)
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

// inTwentySeconds stands for a date.
const inTwentySeconds = "in 20 s"

// Whatever an account says in Retry-After, it is left alone for as long as that
// can be meant, and not for longer.
func TestRetryAfterIsKept(t *testing.T) {
	for _, c := range []struct {
		header string
		wait   time.Duration
		off    time.Duration // what the wait may be off, beside a tenth
	}{
		{"0", time.Second, 0},
		{"5", 5 * time.Second, 0},
		{"-3", time.Second, 0},
		{"99999", 15 * time.Minute, 0},
		{"99999999999999999999999", 15 * time.Minute, 0},
		{"abc", time.Second, 0},
		{"", time.Second, 0},
		{inTwentySeconds, 19 * time.Second, 2 * time.Second},
		{"Thu, 01 Jan 1970 00:00:00 GMT", time.Second, 0},
	} {
		t.Run(c.header, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, openSQLite(t))
			h.worker.Tune.Backoff = Backoff{} // in earnest
			h.worker.Tune.Pushes = 1
			header := c.header
			if header == inTwentySeconds {
				header = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
			}
			h.account.told(func(context.Context, call) *answer {
				a := fails(connectors.Throttled, 429)
				a.fault.RetryAfter = connectors.ParseRetryAfter(header, time.Now())
				return a
			})
			began := time.Now()
			h.start()
			for i := range 10 {
				h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
			}
			h.until("the breaker is open", func() bool { return h.breaker().State == BreakerOpen })
			b, ended := h.breaker(), time.Now()
			least, most := began.Add(c.wait), ended.Add(min(c.wait*11/10+c.off, 15*time.Minute))
			if b.Cause != CauseThrottled || b.Until.Before(least) || b.Until.After(most) {
				t.Errorf("%+v, want between %v and %v", b, least, most)
			}
			<-time.After(time.Until(began.Add(950 * time.Millisecond)))
			if n := len(h.account.heard(nil)); n != 1 {
				t.Errorf("%d requests, want the first alone", n)
			}
			if c.header == "0" {
				h.until("it is tried again", func() bool { return len(h.account.heard(nil)) > 1 })
			}
		})
	}
}

// breaker is acme's.
func (h *harness) breaker() ConnectionState {
	if states := h.worker.States(acme); len(states) > 0 {
		return states[0]
	}
	return ConnectionState{State: BreakerClosed}
}

// An account that fails is left alone but for one probe at a time, and served as
// soon as one succeeds.
func TestBreakerOfAnAccountThatIsAway(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{Least: 50 * time.Millisecond, Most: 100 * time.Millisecond}
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Transient, 500) })
		h.start()
		for i := range 50 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		h.until("the breaker is open", func() bool { return h.breaker().State == BreakerOpen })
		if b := h.breaker(); b.Cause != CauseRate || b.Connection != "appspace" {
			h.Errorf("%+v", b)
		}
		began, before := time.Now(), len(h.account.heard(nil))
		h.until("it was probed five times", func() bool { return h.breaker().Strikes >= 5 })
		probes := len(h.account.heard(nil)) - before
		if most := int(time.Since(began)/(250*time.Millisecond)) + 8; probes > most {
			h.Errorf("%d requests, want one every 250 ms, %d at most", probes, most)
		}
		h.account.told(nil)
		for i := range 50 {
			h.untilState(acme, fmt.Sprint("u", i), directory.Clean)
		}
		if b := h.breaker(); b.State != BreakerClosed || b.Width != 8 || b.Strikes != 0 {
			h.Errorf("%+v", b)
		}
	})
}

// A 401 of the account is the operator's to hear, once.
func TestRefusedCredentialAlertsOnce(t *testing.T) {
	onEach(t, func(h *harness) {
		alerts := h.guarded()
		h.account.check = errRefused
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Unauthorized, 401) })
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.until("it was tried again", func() bool { return h.breaker().Strikes > 2 })
		if a := <-alerts; a.Kind != AlertCredential || len(alerts) != 0 || h.breaker().Cause != CauseAuth {
			h.Errorf("%+v, and %d more; %+v", a, len(alerts), h.breaker())
		}
	})
}
