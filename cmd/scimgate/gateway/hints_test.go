package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/cmd/scimgate/config"
	"scimgate/tenant"
)

// party is one process that calls and listens.
type party struct {
	*hints
	mu               sync.Mutex
	woken, forgotten map[tenant.ID]int
	held             chan heldFor
}

type heldFor struct {
	id   tenant.ID
	slot tenant.Slot
	d    time.Duration
}

func client(t *testing.T) redis.UniversalClient {
	t.Helper()
	url := os.Getenv("SCIMGATE_TEST_REDIS_URL")
	if url == "" {
		t.Skip("SCIMGATE_TEST_REDIS_URL is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
	}
	c, err := openRedis(&config.Config{RedisURL: url}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func newKeys(t *testing.T) *tenant.Keys {
	t.Helper()
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func join(t *testing.T, c redis.UniversalClient, keys *tenant.Keys) *party {
	t.Helper()
	p := &party{
		hints: newHints(c, keys, slog.New(slog.DiscardHandler)),
		woken: map[tenant.ID]int{}, forgotten: map[tenant.ID]int{}, held: make(chan heldFor, 100),
	}
	p.hold = func(id tenant.ID, slot tenant.Slot, d time.Duration) { p.held <- heldFor{id, slot, d} }
	count := func(m map[tenant.ID]int) func(tenant.ID) {
		return func(id tenant.ID) {
			p.mu.Lock()
			defer p.mu.Unlock()
			m[id]++
		}
	}
	p.wake, p.forget = count(p.woken), count(p.forgotten)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })
	return p
}

func (p *party) heard(m map[tenant.ID]int, id tenant.ID) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return m[id]
}

func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !f(); {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// Both kinds of hint reach every other process of the deployment, not their own,
// and no other deployment on the same Redis.
func TestHints(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		keys := newKeys(t)
		a, b, c := join(t, client(t), keys), join(t, client(t), keys), join(t, client(t), keys)
		stranger := join(t, client(t), newKeys(t))
		until(t, "all listen", func() bool { // what is called before is lost
			a.Wake("first")
			c.Wake("second")
			return b.heard(b.woken, "first") > 0 && c.heard(c.woken, "first") > 0 && a.heard(a.woken, "second") > 0
		})
		for i := range 3 * mostPerCall {
			a.Wake(tenant.ID(fmt.Sprint("due", i)))
			a.Forget(tenant.ID(fmt.Sprint("changed", i)))
		}
		for _, p := range []*party{b, c} {
			until(t, "every hint is heard", func() bool {
				p.mu.Lock()
				defer p.mu.Unlock()
				return len(p.woken) >= 3*mostPerCall+1 && len(p.forgotten) == 3*mostPerCall
			})
		}
		if n := a.heard(a.woken, "first") + a.heard(a.woken, "due0"); n > 0 {
			t.Errorf("it heard itself %d times", n)
		}
		if len(stranger.woken)+len(stranger.forgotten) > 0 {
			t.Errorf("another deployment heard %v", stranger.woken)
		}
	})
}

// Without Redis nobody waits, and memory is bounded; what was called meanwhile is
// passed on when it is back, as far as it was kept.
func TestHintsNeverBlock(t *testing.T) {
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	t.Cleanup(func() { _ = away.Close() })
	p := join(t, away, newKeys(t))
	began := time.Now()
	for i := range 2 * mostPending {
		p.Wake(tenant.ID(fmt.Sprint(i)))
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("%d calls took %v", 2*mostPending, took)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.pending); n > mostPending || p.dropped.Load() < mostPending-2*mostPerCall {
		t.Errorf("%d are kept, %d dropped", n, p.dropped.Load())
	}
}
