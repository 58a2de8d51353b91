package delivery

import (
	"context"
	"fmt"
	"testing"
	"time"

	"scimgate/scim/directory"
)

// giant gives a crew's only tenant very much to do, at an account that takes its
// time.
func giant(h *harness, users int) *crew {
	h.worker.Tune.Lease, h.worker.Tune.Sweep, h.worker.Tune.Linger = time.Second, 50*time.Millisecond, time.Hour
	c := newCrew(h, 1)
	c.targets[tenantName(0)].told(func(ctx context.Context, _ call) *answer {
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
		return nil
	})
	for i := range users {
		c.accept(1, fmt.Sprint("u", i))
	}
	return c
}

func (c *crew) pushedBy(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.served[tenantName(0)][n]
}

// A tenant that owes very much is served by several workers, and one of which they
// are done is not.
func TestAGiantIsShared(t *testing.T) {
	onEach(t, func(h *harness) {
		const users = 400
		c := giant(h, users)
		c.start(1)
		c.until("the first is at it", func() bool { return c.pushedBy(1) > 0 })
		c.start(2)
		for i := range users {
			c.untilState(tenantName(0), fmt.Sprint("u", i), directory.Clean)
		}
		if first, second := c.pushedBy(1), c.pushedBy(2); second < users/10 || first+second != users {
			t.Errorf("%d and %d of %d", first, second, users)
		}
	})
}

// When the worker in front dies, the one behind moves up to what goes first.
func TestAGiantIsTakenOver(t *testing.T) {
	onEach(t, func(h *harness) {
		const users = 400
		c := giant(h, users)
		first := c.start(1)
		c.until("the first is at it", func() bool { return c.pushedBy(1) > 0 })
		c.start(2)
		c.until("the second helps", func() bool { return c.pushedBy(2) > 0 })
		first.leases.dead.Store(true)
		first.stop()
		for i := range users {
			c.untilState(tenantName(0), fmt.Sprint("u", i), directory.Clean)
		}
	})
}
