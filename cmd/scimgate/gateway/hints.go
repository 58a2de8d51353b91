package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/tenant"
)

// hints are what the processes of one deployment call to each other through
// Redis: that a tenant has something due, that what is cached of it is out of date,
// and that its account asked for patience. They may be lost, repeated and late. A
// lost wake-up costs the time until the next sweep, a lost change what a cache keeps
// (30 s at most), a lost hold one request more to the account.
//
// To call costs a look into a map: nobody waits for Redis.
type hints struct {
	client  redis.UniversalClient
	channel string
	self    string // tells our own from others'
	log     *slog.Logger
	// wake, forget and hold follow what another process calls.
	wake, forget func(tenant.ID)
	hold         func(id tenant.ID, slot tenant.Slot, d time.Duration)

	mu      sync.Mutex
	pending map[hint]struct{} // called, not passed on yet: the same twice is one
	some    chan struct{}     // of capacity 1: there are some
	dropped atomic.Uint64     // because there were too many
}

type hint struct {
	about topic
	id    tenant.ID
	slot  tenant.Slot // of a hold, as is
	until time.Time
}

type topic int

const (
	due     topic = iota // the tenant has something due
	changed              // the tenant changed
	held                 // its account asked for patience
)

// message is what goes over the channel. Who does not know a part of it passes over
// that: processes of two versions call to each other while one replaces the other.
type message struct {
	From   string      `json:"from"`
	Wake   []tenant.ID `json:"wake,omitempty"`
	Forget []tenant.ID `json:"forget,omitempty"`
	Hold   []patience  `json:"hold,omitempty"`
}

// patience is a hold, by how long it lasts: clocks differ.
type patience struct {
	ID     tenant.ID   `json:"id"`
	Slot   tenant.Slot `json:"slot"`
	Millis int64       `json:"ms"`
}

func (m *message) len() int { return len(m.Wake) + len(m.Forget) + len(m.Hold) }

const (
	mostPending = 1 << 14 // hints; more are dropped
	mostPerCall = 256     // hints in one message
	callTime    = time.Second
	// gather is how long what is called gathers after a message: the first is told at
	// once, and of a rush each process hears once in a while and not each time.
	gather = 5 * time.Millisecond
)

// Wake calls that a tenant has something due.
func (h *hints) Wake(id tenant.ID) { h.call(hint{about: due, id: id}) }

// Forget calls that a tenant changed.
func (h *hints) Forget(id tenant.ID) { h.call(hint{about: changed, id: id}) }

// Hold calls that an account asked for patience.
func (h *hints) Hold(id tenant.ID, slot tenant.Slot, d time.Duration) {
	h.call(hint{held, id, slot, time.Now().Add(d)})
}

func (h *hints) call(c hint) {
	h.mu.Lock()
	if len(h.pending) < mostPending {
		h.pending[c] = struct{}{}
	} else if _, known := h.pending[c]; !known {
		h.dropped.Add(1)
	}
	h.mu.Unlock()
	select {
	case h.some <- struct{}{}:
	default:
	}
}

// next takes what the next message says; more reports whether that was not all.
func (h *hints) next() (m message, more bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	m.From = h.self
	for c := range h.pending {
		if m.len() == mostPerCall {
			return m, true
		}
		delete(h.pending, c)
		m.add(c)
	}
	return m, false
}

func (m *message) add(c hint) {
	switch c.about {
	case changed:
		m.Forget = append(m.Forget, c.id)
	case held:
		m.Hold = append(m.Hold, patience{c.id, c.slot, time.Until(c.until).Milliseconds()})
	default:
		m.Wake = append(m.Wake, c.id)
	}
}

// again takes back a message that could not be passed on.
func (h *hints) again(m message) {
	for _, id := range m.Wake {
		h.Wake(id)
	}
	for _, id := range m.Forget {
		h.Forget(id)
	}
	for _, p := range m.Hold {
		h.Hold(p.ID, p.Slot, time.Duration(p.Millis)*time.Millisecond)
	}
}

// follow does what another process calls. What we do not understand may be a
// newer version's.
func (h *hints) follow(ctx context.Context, payload string) {
	var m message
	if err := json.Unmarshal([]byte(payload), &m); err != nil {
		h.log.DebugContext(ctx, "a hint cannot be read")
		return
	}
	if m.From == h.self {
		return
	}
	for _, id := range m.Forget {
		h.forget(id)
	}
	for _, id := range m.Wake {
		h.wake(id)
	}
	for _, p := range m.Hold {
		h.hold(p.ID, p.Slot, time.Duration(p.Millis)*time.Millisecond)
	}
}
