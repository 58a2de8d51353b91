package traffic

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"scimgate/tenant"
)

// Outcome is what became of a request.
type Outcome int

// The outcomes, from the best to the worst.
const (
	Answered Outcome = iota // as asked
	Refused                 // 4xx: the client's fault
	Limited                 // 429: too fast
	Failed                  // 5xx: ours, or SCIM is switched off
	outcomes
)

// Outcomes is how many there are.
const Outcomes = int(outcomes)

// hours is how many hours are kept, the one under way among them.
const hours = 24

// Counter counts. Its methods may be called concurrently; none blocks for long.
type Counter struct {
	Since    time.Time // it counts from then on
	Delivers bool      // whether this process delivers: else nothing is known of it

	now     func() time.Time
	mu      sync.Mutex
	latest  int64 // hour that was counted in last
	tenants map[tenant.ID]*day
	lines   map[tenant.ID]*lines
	proved  map[tenant.ID]Proved // since Take
	changed map[tenant.ID]bool   // since the others were told; nil tells nobody
}

// New makes a Counter that counts from now on; now nil is time.Now.
func New(delivers bool, now func() time.Time) *Counter {
	if now == nil {
		now = time.Now
	}
	return &Counter{Since: now().UTC(), Delivers: delivers, now: now, tenants: map[tenant.ID]*day{}, lines: map[tenant.ID]*lines{}}
}

// day are a tenant's hours, each at the place of its number; nil where nothing was
// seen. There may be ten thousand tenants, of most of which little is seen.
type day [hours]*hour

// hour is what was counted within one.
type hour struct {
	Number   int64         `json:"hour"` // since 1970
	Requests [outcomes]int `json:"requests"`
	Waits    []waited      `json:"waits,omitempty"` // by step
	Longest  time.Duration `json:"longest,omitempty"`
}

// waited is how many waits were of a step.
type waited struct {
	Step uint8  `json:"s"`
	N    uint32 `json:"n"`
}

// wait counts some.
func (h *hour) wait(step uint8, n uint32) {
	i, known := slices.BinarySearchFunc(h.Waits, step, func(w waited, step uint8) int { return cmp.Compare(w.Step, step) })
	if !known {
		h.Waits = slices.Insert(h.Waits, i, waited{Step: step})
	}
	h.Waits[i].N += n
}

// add adds what another process counted within the same hour.
func (h *hour) add(other *hour) {
	h.Number = other.Number
	for o, n := range other.Requests {
		h.Requests[o] += n
	}
	for _, w := range other.Waits {
		h.wait(w.Step, w.N)
	}
	h.Longest = max(h.Longest, other.Longest)
}

func (h *hour) clone() *hour {
	twin := *h
	twin.Waits = slices.Clone(h.Waits)
	return &twin
}

// Request counts a request by the status of its answer. What was refused for its
// credential is counted only for a tenant that was seen before: others may not exist.
func (c *Counter) Request(id tenant.ID, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.tenants[id]; !known && status == http.StatusUnauthorized {
		return
	}
	c.hourOf(id).Requests[outcomeOf(status)]++
	if status != http.StatusUnauthorized { // strangers could have a removed tenant told of
		c.mark(id)
	}
}

// mark has the others told of a tenant.
func (c *Counter) mark(id tenant.ID) {
	if c.changed != nil {
		c.changed[id] = true
	}
}

func outcomeOf(status int) Outcome {
	switch {
	case status >= http.StatusInternalServerError:
		return Failed
	case status == http.StatusTooManyRequests:
		return Limited
	case status >= http.StatusBadRequest:
		return Refused
	default:
		return Answered
	}
}

// Delivered counts a change that has reached the account, and how long it waited.
func (c *Counter) Delivered(id tenant.ID, waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark(id)
	h := c.hourOf(id)
	h.wait(stepOf(waited), 1)
	h.Longest = max(h.Longest, waited)
}

// Waits notes a change that was tried in vain, and how long it waits by now.
func (c *Counter) Waits(id tenant.ID, waited time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mark(id)
	h := c.hourOf(id)
	h.Longest = max(h.Longest, waited)
}

// hourOf is the tenant's hour under way.
func (c *Counter) hourOf(id tenant.ID) *hour {
	number := c.now().Unix() / 3600
	if number > c.latest {
		c.latest = number
		c.forget(number - hours)
	}
	all := c.tenants[id]
	if all == nil {
		all = new(day)
		c.tenants[id] = all
	}
	h := all[number%hours]
	if h == nil || h.Number != number {
		h = &hour{Number: number}
		all[number%hours] = h
	}
	return h
}

// forget drops the tenants of which nothing was seen since an hour.
func (c *Counter) forget(until int64) {
	for id, all := range c.tenants {
		newest := int64(0)
		for _, h := range all {
			if h != nil {
				newest = max(newest, h.Number)
			}
		}
		if newest <= until {
			delete(c.tenants, id)
			delete(c.lines, id)
		}
	}
}

// Forget drops what is known of a tenant.
func (c *Counter) Forget(id tenant.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.tenants, id)
	delete(c.lines, id)
	delete(c.changed, id)
}

// The steps of the histogram of waits: each is √2 of the one before, from 1 ms to
// five hours and more.
const waitSteps = 50

func stepOf(waited time.Duration) uint8 {
	ms := float64(waited) / float64(time.Millisecond)
	if ms <= 1 {
		return 0
	}
	return uint8(min(math.Ceil(2*math.Log2(ms)), waitSteps-1))
}

// boundOf is what the waits of a step do not exceed.
func boundOf(step uint8) time.Duration {
	return time.Duration(math.Pow(2, float64(step)/2) * float64(time.Millisecond))
}
