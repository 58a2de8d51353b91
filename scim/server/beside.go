package server

import (
	"net/http"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// foresight is a limiter that often knows what it will say: ratelimit.Fallback is one.
type foresight interface {
	// Roomy reports whether asking takes a while and hardly ever says wait.
	Roomy(key string, l ratelimit.Limit) bool
}

// ruling is a decision that the limiter is asked for beside the store. It is over once its decision
// was obeyed; refused is what became of that.
type ruling struct {
	class   tenant.Class
	limit   ratelimit.Limit
	said    chan ratelimit.Decision
	over    bool
	refused error
}

// beside has the limiter asked while the store reads, and reports whether it is. Only a
// request that reads can wait for it later: nothing has been changed if it is refused
// then, and nothing is told. And only where there is room, so that a flood is refused
// before it costs the store anything, and who is paced holds no seat.
func (c *call) beside(path string) bool {
	limits, ok := c.Limits.(foresight)
	if !ok || readMethod(c.r.Method) != http.MethodGet {
		return false
	}
	class := classOf(c.r.Method, path)
	key, limit := class.Key(c.tenant.ID), c.tenant.Settings.LimitOf(class)
	if !limits.Roomy(key, limit) {
		return false
	}
	c.ruling = &ruling{class: class, limit: limit, said: make(chan ratelimit.Decision, 1)}
	go func(said chan<- ratelimit.Decision) { said <- c.take(key, limit) }(c.ruling.said)
	return true
}

// admitted waits for the limiter where it is asked beside, and returns its refusal, or
// else err, what has become of the request meanwhile. It comes before any answer.
func (c *call) admitted(err error) error {
	a := c.ruling
	if a == nil {
		return err
	}
	if !a.over {
		d := <-a.said
		c.showLimit(a.class, a.limit, d)
		c.decided(laneOf(a.class), verdictOf(d))
		a.over, a.refused = true, c.obey(d)
	}
	if a.refused != nil {
		return a.refused
	}
	return err
}
