package ratelimit

import (
	"context"
	"crypto/rand"
	_ "embed" // census.lua
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed census.lua
var censusSource string

// Census counts the processes that share limits: each announces itself in Redis,
// again and again, and who is not heard of any more is not counted. While Redis is
// away the last count holds, since processes seldom die with it.
type Census struct {
	client redis.UniversalClient
	key    string
	self   string
	script *redis.Script
	count  atomic.Int64
}

const (
	// beat is how often a process announces itself, and remembered how long it is
	// counted without: two beats may be lost.
	beat       = 5 * time.Second
	remembered = 3*beat + time.Second
	// answerTime is how long a beat waits for Redis: nobody waits for it.
	answerTime = time.Second
)

// NewCensus returns a Census of those who have the same names and the same role
// ("gateway"): processes of different roles share different limits. It counts one,
// itself, until Run has asked.
func NewCensus(client redis.UniversalClient, names []byte, role string) *Census {
	c := &Census{
		client: client, key: "scimgate:census:" + hashed(names, role), self: rand.Text(),
		script: redis.NewScript(censusSource),
	}
	c.count.Store(1)
	return c
}

// Count returns how many processes there are, or were when Redis last answered;
// at least 1.
func (c *Census) Count() int { return int(c.count.Load()) }

// Run announces this process until ctx ends, and then takes its leave. It outlives
// any fault of Redis.
func (c *Census) Run(ctx context.Context) {
	ticks := time.NewTicker(beat)
	defer ticks.Stop()
	for {
		_ = c.announce(ctx)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			c.leave(context.WithoutCancel(ctx))
			return
		}
	}
}

func (c *Census) announce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	n, err := c.script.Run(ctx, c.client, []string{c.key}, c.self, remembered.Microseconds()).Int64()
	if err == nil {
		c.count.Store(max(n, 1))
	}
	return err
}

func (c *Census) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	_ = c.client.ZRem(ctx, c.key, c.self).Err()
}
