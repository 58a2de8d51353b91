package traffic

import (
	"fmt"
	"testing"
	"time"

	"scimgate/scim/server"
)

// The last requests are remembered, newest first, of each tenant by itself.
func TestLines(t *testing.T) {
	c, clock := newCounter()
	for i := range 2*MostLines + 7 {
		c.Request("acme", 200)
		c.Tell("acme", server.Line{At: clock.at.Add(time.Duration(i) * time.Second), Request: fmt.Sprint(i)})
		if all := c.Of(t.Context(), "acme").Lines; len(all) != min(i+1, MostLines) || all[0].Request != fmt.Sprint(i) {
			t.Fatalf("after %d: %d, the newest %v", i, len(all), all[0])
		}
	}
	all := c.Of(t.Context(), "acme").Lines
	for i, l := range all {
		if l.Request != fmt.Sprint(2*MostLines+6-i) {
			t.Fatalf("%d is %s", i, l.Request)
		}
	}
	if len(c.Of(t.Context(), "globex").Lines) != 0 {
		t.Error("another tenant's")
	}
	clock.at = clock.at.Add(25 * time.Hour)
	c.Request("globex", 200)
	if len(c.Of(t.Context(), "acme").Lines) != 0 {
		t.Error("they are remembered for longer than a day")
	}
}

// What is of before a tenant was made is not its own.
func TestAfter(t *testing.T) {
	c, clock := newCounter()
	for range 3 {
		c.Request("acme", 200)
		c.Tell("acme", server.Line{At: clock.at})
		clock.at = clock.at.Add(time.Hour)
	}
	made := clock.at.Add(-105 * time.Minute) // within the second hour
	if p := c.Of(t.Context(), "acme").After(made); len(p.Lines) != 1 || p.Day[20].All() != 0 || p.Day[21].All() != 1 || p.Day[22].All() != 1 {
		t.Errorf("%d lines, %+v", len(p.Lines), p.Day[20:])
	}
}
