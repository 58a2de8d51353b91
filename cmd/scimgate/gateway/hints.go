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
// Redis: that a tenant has something due, and that what is cached of it is out of
// date. They may be lost, repeated and late. A lost wake-up costs the time until
// the next sweep, a lost change what a cache keeps (30 s at most).
//
// To call costs a look into a map: nobody waits for Redis.
type hints struct {
	client  redis.UniversalClient
	channel string
	self    string // tells our own from others'
	log     *slog.Logger
	// wake and forget follow what another process calls.
	wake, forget func(tenant.ID)

	mu      sync.Mutex
	pending map[hint]struct{} // called, not passed on yet: the same twice is one
	some    chan struct{}     // of capacity 1: there are some
	dropped atomic.Uint64     // because there were too many
}

type hint struct {
	about topic
	id    tenant.ID
}

type topic bool

const (
	due     topic = false // the tenant has something due
	changed topic = true  // the tenant changed
)

// message is what goes over the channel.
type message struct {
	From   string      `json:"from"`
	Wake   []tenant.ID `json:"wake,omitempty"`
	Forget []tenant.ID `json:"forget,omitempty"`
}

const (
	mostPending = 1 << 14 // hints; more are dropped
	mostPerCall = 256     // hints in one message
	callTime    = time.Second
)

// Wake calls that a tenant has something due.
func (h *hints) Wake(id tenant.ID) { h.call(hint{due, id}) }

// Forget calls that a tenant changed.
func (h *hints) Forget(id tenant.ID) { h.call(hint{changed, id}) }

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
		if len(m.Wake)+len(m.Forget) == mostPerCall {
			return m, true
		}
		delete(h.pending, c)
		if c.about == changed {
			m.Forget = append(m.Forget, c.id)
		} else {
			m.Wake = append(m.Wake, c.id)
		}
	}
	return m, false
}

// again takes back a message that could not be passed on.
func (h *hints) again(m message) {
	for _, id := range m.Wake {
		h.Wake(id)
	}
	for _, id := range m.Forget {
		h.Forget(id)
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
}
