package traffic

import "time"

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

func (h *Hour) take(from *hour) {
	h.Requests = from.Requests
	for _, w := range from.Waits {
		h.Deliveries += int(w.N)
	}
	h.Half, h.Most = from.share(h.Deliveries, 50), from.share(h.Deliveries, 95)
	h.Longest = from.Longest
}

// share is what so many of 100 deliveries had waited at most.
func (h *hour) share(all, percent int) time.Duration {
	if all == 0 {
		return 0
	}
	wanted := (all*percent + 99) / 100
	for _, w := range h.Waits {
		if wanted -= int(w.N); wanted <= 0 {
			return min(boundOf(w.Step), h.Longest)
		}
	}
	return h.Longest
}
