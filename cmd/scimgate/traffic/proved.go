package traffic

import (
	"net/http"
	"time"

	"scimgate/tenant"
)

// Proved are requests of a tenant whose credential held.
type Proved struct {
	tenant.Tallied
	Last time.Time // of them
}

// Proved counts the answer to a request whose credential held, until Take.
func (c *Counter) Proved(id tenant.ID, status int) {
	one := tenant.Tallied{All: 1}
	if status >= http.StatusBadRequest {
		one.Failed = 1
	}
	c.Return(id, Proved{one, c.now()})
}

// Take returns what was Proved since it was called last, by tenant.
func (c *Counter) Take() map[tenant.ID]Proved {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.proved
	c.proved = nil
	return taken
}

// Return gives back what was taken of a tenant and could not be kept.
func (c *Counter) Return(id tenant.ID, p Proved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.proved == nil {
		c.proved = map[tenant.ID]Proved{}
	}
	more := c.proved[id]
	p.All, p.Failed = p.All+more.All, p.Failed+more.Failed
	if more.Last.After(p.Last) {
		p.Last = more.Last
	}
	c.proved[id] = p
}
