package traffic

import (
	"time"

	"scimgate/tenant"
)

// Hour is what was seen of a tenant within one hour.
type Hour struct {
	Start      time.Time
	Seen       bool // the process was there, if only for a part of it
	Requests   [Outcomes]int
	Deliveries int
	// Half and Most are what half, and 95 of 100, of the deliveries had waited at
	// most, within √2; 0 where there were none.
	Half, Most time.Duration
	Longest    time.Duration // wait of anything that was delivered or tried
}

// All is the number of requests.
func (h Hour) All() int {
	n := 0
	for _, one := range h.Requests {
		n += one
	}
	return n
}

// Day returns the last 24 hours of a tenant, the one under way last.
func (c *Counter) Day(id tenant.ID) []Hour {
	c.mu.Lock()
	defer c.mu.Unlock()
	last := c.now().Unix() / 3600
	all := make([]Hour, hours)
	for i := range all {
		number := last - hours + 1 + int64(i)
		all[i] = Hour{Start: time.Unix(number*3600, 0).UTC(), Seen: (number+1)*3600 > c.Since.Unix()}
		if day := c.tenants[id]; day != nil && day[number%hours] != nil && day[number%hours].number == number {
			all[i].take(day[number%hours])
		}
	}
	return all
}

func (h *Hour) take(from *hour) {
	h.Requests = from.requests
	for _, w := range from.waits {
		h.Deliveries += int(w.n)
	}
	h.Half, h.Most = from.share(h.Deliveries, 50), from.share(h.Deliveries, 95)
	h.Longest = from.longest
}

// share is what so many of 100 deliveries had waited at most.
func (h *hour) share(all, percent int) time.Duration {
	if all == 0 {
		return 0
	}
	wanted := (all*percent + 99) / 100
	for _, w := range h.waits {
		if wanted -= int(w.n); wanted <= 0 {
			return min(boundOf(int(w.step)), h.longest)
		}
	}
	return h.longest
}
