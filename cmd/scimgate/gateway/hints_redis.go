package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/tenant"
)

// newHints makes hints over client. Only who has the same keys hears them.
func newHints(client redis.UniversalClient, keys *tenant.Keys, log *slog.Logger) *hints {
	return &hints{
		client:  client,
		channel: "scimgate:hints:" + hex.EncodeToString(keys.Names("hints")[:8]),
		self:    rand.Text(), log: log,
		wake: func(tenant.ID) {}, forget: func(tenant.ID) {}, hold: func(tenant.ID, tenant.Slot, time.Duration) {},
		pending: make(map[hint]struct{}), some: make(chan struct{}, 1),
	}
}

// Run passes hints on and follows others' until ctx ends, and then passes on what is
// left, as much as one message takes. It outlives any fault of Redis.
func (h *hints) Run(ctx context.Context) {
	var listening sync.WaitGroup
	listening.Go(func() { h.listen(ctx) })
	defer listening.Wait()
	for {
		select {
		case <-h.some:
			h.passOn(ctx)
			rest(ctx, gather)
		case <-ctx.Done():
			m, _ := h.next()
			_ = h.publish(context.WithoutCancel(ctx), m)
			return
		}
	}
}

// passOn publishes what is pending. After a fault it is kept, and tried again a
// second later.
func (h *hints) passOn(ctx context.Context) {
	for more := true; more; {
		var m message
		m, more = h.next()
		if err := h.publish(ctx, m); err != nil {
			h.log.DebugContext(ctx, "hints cannot be passed on", "error", err)
			h.again(m)
			rest(ctx, callTime)
			return
		}
	}
}

func (h *hints) publish(ctx context.Context, m message) error {
	if m.len() == 0 {
		return nil
	}
	payload, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return h.client.Publish(ctx, h.channel, payload).Err()
}

// listen follows hints until ctx ends. The subscription is made again by itself
// whenever it was lost.
func (h *hints) listen(ctx context.Context) {
	heard := h.client.Subscribe(ctx, h.channel)
	defer func() { _ = heard.Close() }()
	messages := heard.Channel(redis.WithChannelSize(1024), redis.WithChannelHealthCheckInterval(time.Second))
	for {
		select {
		case m, ok := <-messages:
			if !ok {
				return
			}
			h.follow(ctx, m.Payload)
		case <-ctx.Done():
			return
		}
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
