package ratelimit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	_ "embed" // take.lua
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed take.lua
var takeSource string

// Redis is a Store that any number of processes share: one script call a Take,
// by the server's clock. What it keeps may be lost at any time: every key is then
// at rest. It gives errors while Redis is away; Fallback bears them.
type Redis struct {
	client redis.UniversalClient
	names  []byte
	take   *redis.Script
	now    func() string // "" is the server's own clock; a test has its own
}

// NewRedis returns a Store on client, which stays the caller's to close. Keys are
// hashed under names, a secret that all who share a limit have: what stands in
// Redis names no tenant and no network, and whoever has other names has other
// limits on the same server.
func NewRedis(client redis.UniversalClient, names []byte) *Redis {
	return &Redis{client: client, names: names, take: redis.NewScript(takeSource), now: func() string { return "" }}
}

// Take implements Store. After an error nobody knows whether it charged.
func (s *Redis) Take(ctx context.Context, key string, l Limit, cost int) (Decision, error) {
	lent, err := s.lend(ctx, key, l, cost, 0)
	return lent.Decision, err
}

// lend implements lender.
func (s *Redis) lend(ctx context.Context, key string, l Limit, cost, ahead int) (loan, error) {
	l = l.effective()
	answer, err := s.take.Run(ctx, s.client, []string{s.name(key)},
		strconv.FormatFloat(l.Rate, 'g', -1, 64), l.Burst, max(cost, 0), MaxPace.Microseconds(), max(ahead, 0), s.now()).Int64Slice()
	if err != nil {
		return loan{}, fmt.Errorf("ratelimit: ask Redis: %w", err)
	}
	if len(answer) != 5 {
		return loan{}, fmt.Errorf("ratelimit: Redis answered with %d numbers", len(answer))
	}
	d := Decision{Allowed: answer[0] == 1, Remaining: int(answer[2])}
	if wait := time.Duration(answer[1]) * time.Microsecond; d.Allowed {
		d.Wait = wait
	} else {
		d.RetryAfter = wait
	}
	return loan{Decision: d, lent: int(answer[3]), arrival: time.Duration(answer[4]) * time.Microsecond}, nil
}

// Forget drops what is known of keys, as if they had never been seen. Without it that
// goes by itself, 10 s after a key is at rest.
func (s *Redis) Forget(ctx context.Context, keys ...string) error {
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Del(ctx, s.name(key)) // one by one: in a Cluster they are apart
		}
		return nil
	})
	return err
}

// Known counts of keys those of which something is known.
func (s *Redis) Known(ctx context.Context, keys ...string) (n int64, err error) {
	answers, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Exists(ctx, s.name(key))
		}
		return nil
	})
	for _, answer := range answers {
		if held, ok := answer.(*redis.IntCmd); ok {
			n += held.Val()
		}
	}
	return n, err
}

// name is the key in Redis.
func (s *Redis) name(key string) string { return "scimgate:rate:" + hashed(s.names, key) }

// hashed is what stands in Redis for a word of ours.
func hashed(names []byte, word string) string {
	mac := hmac.New(sha256.New, names)
	mac.Write([]byte(word))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}
