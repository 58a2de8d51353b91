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

// Lines returns the last requests of a tenant, newest first.
func (c *Counter) Lines(id tenant.ID) []server.Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	ring := c.lines[id]
	if ring == nil {
		return []server.Line{}
	}
	all := slices.Concat(ring.all[ring.next:], ring.all[:ring.next])
	slices.Reverse(all)
	return all
}
