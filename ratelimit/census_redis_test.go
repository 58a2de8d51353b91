package ratelimit

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// stand starts a member of a census and returns what ends it.
func stand(t *testing.T, c *Census) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(ctx) }()
	leave = func() { cancel(); <-ended }
	t.Cleanup(leave)
	return leave
}

// becomes announces until the count is what it should be.
func (c *Census) becomes(t *testing.T, want int, within time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(within); ; <-time.After(10 * time.Millisecond) {
		if err := c.announce(t.Context()); err == nil && c.Count() == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d are counted, want %d", c.Count(), want)
		}
	}
}

// Who is there is counted, who has left is not; other roles and other deployments
// count for themselves; and nobody is named in Redis.
func TestRedisCensus(t *testing.T) {
	t.Parallel()
	client, names := connect(t, ""), []byte(uuid.NewString())
	first := NewCensus(client, names, "gateway")
	if first.Count() != 1 {
		t.Errorf("%d before anybody asked", first.Count())
	}
	stand(t, first)
	leave := stand(t, NewCensus(client, names, "gateway"))
	stand(t, NewCensus(client, names, "gateway"))
	stand(t, NewCensus(client, names, "delivery"))
	stand(t, NewCensus(client, []byte(uuid.NewString()), "gateway"))
	first.becomes(t, 3, 5*time.Second)
	leave()
	first.becomes(t, 2, 5*time.Second)
	if left := client.PTTL(t.Context(), first.key).Val(); left <= 0 || left > remembered {
		t.Errorf("the census goes in %v", left)
	}
}

// Who died is forgotten after a while, by the server's clock.
func TestRedisCensusForgetsTheDead(t *testing.T) {
	t.Parallel()
	client, names := connect(t, ""), []byte(uuid.NewString())
	c := NewCensus(client, names, "gateway")
	t0, err := client.Time(t.Context()).Result()
	if err != nil {
		t.Fatal(err)
	}
	client.ZAdd(t.Context(), c.key,
		redis.Z{Score: float64(t0.Add(-remembered - time.Second).UnixMicro()), Member: "dead"},
		redis.Z{Score: float64(t0.Add(-remembered + 5*time.Second).UnixMicro()), Member: "late"})
	c.becomes(t, 2, time.Second)
}

// Without Redis the last count holds.
func TestRedisCensusOutlivesRedis(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client, names := connect(t, server.url()), []byte(uuid.NewString())
	c, other := NewCensus(client, names, "gateway"), NewCensus(client, names, "gateway")
	other.becomes(t, 1, time.Second)
	c.becomes(t, 2, time.Second)
	server.kill()
	if err := c.announce(t.Context()); err == nil || c.Count() != 2 {
		t.Errorf("%v; %d are counted, want the 2 of before", err, c.Count())
	}
	shares := NewFallback(nil, c.Count, nil)
	if got, want := shares.share(Limit{Rate: 100, Burst: 40}, 1), (Limit{Rate: 75, Burst: 30}); got != want {
		t.Errorf("the share is %+v, want %+v", got, want)
	}
}
