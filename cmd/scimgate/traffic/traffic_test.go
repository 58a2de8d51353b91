package traffic

import (
	"testing"
	"time"
)

// clock is the time of a test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newCounter() (*Counter, *clock) {
	clock := &clock{time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)}
	return New(true, clock.now), clock
}

func TestADay(t *testing.T) {
	c, clock := newCounter()
	for status, n := range map[int]int{200: 3, 204: 1, 404: 2, 429: 4, 503: 1} {
		for range n {
			c.Request("acme", status)
		}
	}
	for i := range 100 {
		c.Delivered("acme", time.Duration(i+1)*10*time.Millisecond)
	}
	c.Waits("acme", time.Hour)
	clock.at = clock.at.Add(time.Hour)
	c.Request("acme", 401)
	day := c.Of(t.Context(), "acme").Day
	if len(day) != hours || day[23].Start.Hour() != 11 || day[22].Start.Hour() != 10 || day[21].Seen || !day[22].Seen {
		t.Fatalf("%+v", day[20:])
	}
	then := day[22]
	if then.Requests != [Outcomes]int{4, 2, 4, 1} || then.All() != 11 || then.Deliveries != 100 || then.Longest != time.Hour {
		t.Errorf("%+v", then)
	}
	for name, x := range map[string][2]time.Duration{"half": {then.Half, 500 * time.Millisecond}, "most": {then.Most, 950 * time.Millisecond}} {
		if got, want := x[0], x[1]; got < want || got > want*1415/1000 {
			t.Errorf("%s: %v, want %v within √2", name, got, want)
		}
	}
	if now := day[23]; now.Requests != [Outcomes]int{0, 1, 0, 0} || now.Half != 0 {
		t.Errorf("%+v", now)
	}
	for _, h := range c.Of(t.Context(), "globex").Day {
		if h.All() != 0 || h.Longest != 0 {
			t.Errorf("another tenant: %+v", h)
		}
	}
}

// A day later an hour is a new one, and who was silent for a day is forgotten.
func TestHoursAreForgotten(t *testing.T) {
	c, clock := newCounter()
	c.Request("acme", 200)
	c.Request("globex", 200)
	clock.at = clock.at.Add(hours * time.Hour)
	if day := c.Of(t.Context(), "acme").Day; day[23].All() != 0 || day[0].All() != 0 {
		t.Errorf("%+v", day)
	}
	c.Request("acme", 200)
	if day := c.Of(t.Context(), "acme").Day; day[23].All() != 1 || len(c.tenants) != 1 {
		t.Errorf("%d tenants, %+v", len(c.tenants), day[23])
	}
}

// A tenant that nobody has shown a credential for takes no memory.
func TestStrangersAreNotCounted(t *testing.T) {
	c, _ := newCounter()
	c.Request("nobody", 401)
	if len(c.tenants) != 0 {
		t.Error("a stranger made an entry")
	}
}

func TestSteps(t *testing.T) {
	for _, waited := range []time.Duration{0, time.Microsecond, time.Millisecond, 3 * time.Millisecond, time.Second, time.Minute, 5 * time.Hour, 1000 * time.Hour} {
		step := stepOf(waited)
		if step >= waitSteps || step < waitSteps-1 && (boundOf(step) < waited || step > 0 && boundOf(step-1) >= waited) {
			t.Errorf("%v is in step %d, to %v", waited, step, boundOf(step))
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	c := New(true, nil)
	for b.Loop() {
		c.Request("acme", 200)
	}
}
