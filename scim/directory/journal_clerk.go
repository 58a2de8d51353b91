package directory

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"scimgate/tenant"
)

// KeepJournal is how long entries are kept where nobody says otherwise.
const KeepJournal = 30 * 24 * time.Hour

// The rhythm of a Clerk: how often it relays, ± a quarter, and how often it looks
// for what is old.
const (
	relayEvery  = 2 * time.Second
	expireEvery = time.Hour
)

// What a Clerk bounds: entries that wait in memory, entries that one write removes,
// and the time of the last write of all.
const (
	maxAsides    = 10_000
	expireAtOnce = 1000
	finishTime   = 5 * time.Second
)

// Clerk keeps a Journal in order: relays what waits, adds what changed nothing, and
// removes what is old. Every process may have one. Entries of what changed nothing
// are best effort: they wait in memory for a few seconds, of which a crash loses
// them, and are dropped rather than grow without bounds or delay a request.
type Clerk struct {
	Store Journal
	Keep  time.Duration // 0: KeepJournal
	Log   *slog.Logger  // nil: nothing is logged
	// Worked is told of each round how many entries it relayed, how many were
	// dropped before it, and what went wrong, if something did; nil tells nobody.
	Worked func(relayed, dropped int, err error)

	mu      sync.Mutex
	asides  map[tenant.ID][]Entry
	waiting int // in asides
	dropped int // since it was last said
}

// Aside takes an entry of what changed nothing. It never blocks.
func (c *Clerk) Aside(t tenant.ID, e Entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting >= maxAsides {
		c.dropped++
		return
	}
	if c.asides == nil {
		c.asides = map[tenant.ID][]Entry{}
	}
	c.asides[t] = append(c.asides[t], e)
	c.waiting++
}

// Run works until ctx ends; Finish must follow.
func (c *Clerk) Run(ctx context.Context) {
	for expired := (time.Time{}); ctx.Err() == nil; {
		c.work(ctx)
		if now := time.Now(); now.Sub(expired) >= expireEvery {
			c.expire(ctx, now)
			expired = now
		}
		select {
		case <-ctx.Done():
		case <-time.After(relayEvery*3/4 + rand.N(relayEvery/2)):
		}
	}
}

// Finish works for the last time, after the last request.
func (c *Clerk) Finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTime)
	defer cancel()
	c.work(ctx)
}

// work relays, and adds what waits in memory only where that went well: what
// nobody relays must not grow.
func (c *Clerk) work(ctx context.Context) {
	relayed, err := c.Store.RelayJournal(ctx, c.keep())
	if err != nil {
		c.worked(relayed, 0, err)
		c.warn(ctx, "relay", err)
		return
	}
	entries, dropped := c.take()
	c.worked(relayed, dropped, nil)
	for t, list := range entries {
		if err := c.Store.AddToJournal(ctx, t, list); err != nil {
			c.warn(ctx, "add what changed nothing, which is lost", err)
		}
	}
	if dropped > 0 && c.Log != nil {
		c.Log.WarnContext(ctx, "too many entries of the journal about what changed nothing", "dropped", dropped)
	}
}

func (c *Clerk) worked(relayed, dropped int, err error) {
	if c.Worked != nil {
		c.Worked(relayed, dropped, err)
	}
}

func (c *Clerk) take() (entries map[tenant.ID][]Entry, dropped int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entries, dropped = c.asides, c.dropped
	c.asides, c.waiting, c.dropped = nil, 0, 0
	return entries, dropped
}

func (c *Clerk) expire(ctx context.Context, now time.Time) {
	for {
		n, err := c.Store.ExpireJournal(ctx, now.Add(-c.keep()), expireAtOnce)
		if err != nil {
			c.warn(ctx, "remove what is old", err)
		}
		if err != nil || n < expireAtOnce {
			return
		}
	}
}

func (c *Clerk) keep() time.Duration {
	if c.Keep > 0 {
		return c.Keep
	}
	return KeepJournal
}

func (c *Clerk) warn(ctx context.Context, task string, err error) {
	if c.Log != nil && !errors.Is(err, context.Canceled) {
		c.Log.LogAttrs(ctx, slog.LevelWarn, "the journal is not in order", slog.String("task", task), slog.Any("error", err))
	}
}
