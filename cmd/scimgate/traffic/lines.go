package traffic

import (
	"slices"

	"scimgate/scim/server"
	"scimgate/tenant"
)

// MostLines is how many requests of each tenant are remembered.
const MostLines = 60

// lines are a tenant's last requests: a ring, once it is full.
type lines struct {
	all  []server.Line
	next int // the oldest, once it is full
}

// Tell remembers a request, and forgets the oldest one of the tenant.
func (c *Counter) Tell(id tenant.ID, l server.Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark(id)
	ring := c.lines[id]
	if ring == nil {
		ring = new(lines)
		c.lines[id] = ring
	}
	if len(ring.all) < MostLines {
		ring.all = append(ring.all, l)
		return
	}
	ring.all[ring.next] = l
	ring.next = (ring.next + 1) % MostLines
}

// newestFirst copies them; nil is none.
func (l *lines) newestFirst() []server.Line {
	if l == nil {
		return nil
	}
	all := slices.Concat(l.all[l.next:], l.all[:l.next])
	slices.Reverse(all)
	return all
}
