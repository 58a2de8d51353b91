package gateway

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"

	"scimgate/cmd/scimgate/config"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// openRedis returns a client of the Redis that c names, or nil. It connects to
// nobody yet: the gateway starts, and runs, without Redis too.
func openRedis(c *config.Config, log *slog.Logger) (redis.UniversalClient, error) {
	o, err := c.Redis()
	if o == nil || err != nil {
		return nil, err
	}
	redis.SetLogger(redisLog{log}) // the library has one for all clients
	return redis.NewUniversalClient(o), nil
}

// checkRedis reports whether the Redis that c names answers.
func checkRedis(ctx context.Context, c *config.Config) error {
	client, err := openRedis(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	return client.Ping(ctx).Err()
}

// openLimits has the worker paced, and returns the limits of those who send to us;
// in a process that only delivers, which asks them nothing, the worker's.
func (g *Gateway) openLimits(c *config.Config, keys *tenant.Keys) (limits ratelimit.Store) {
	if g.worker != nil {
		limits = g.newLimits(c, config.RoleDelivery, keys)
		g.worker.Pacer = limits
	}
	if answers(c.Role) {
		limits = g.newLimits(c, config.RoleGateway, keys)
	}
	return limits
}

// newLimits returns limits that processes of a role share, through Redis if there is
// one: who answers shares what tenants may send, who delivers what accounts are sent.
func (g *Gateway) newLimits(c *config.Config, role string, keys *tenant.Keys) ratelimit.Store {
	if g.redis == nil {
		return ratelimit.NewFallback(nil, func() int { return c.Replicas }, nil)
	}
	told := func(away bool, err error) {
		if away {
			g.log.WarnContext(context.Background(), "Redis does not answer: each process limits by itself", "limits", role, "error", err)
			return
		}
		g.log.InfoContext(context.Background(), "Redis answers: limits are shared again", "limits", role)
	}
	sharers := g.sharers(c, role, keys)
	return ratelimit.NewFallback(ratelimit.NewLeases(ratelimit.NewRedis(g.redis, keys.Names("limits")), sharers), sharers, told)
}

// sharers tells how many processes share a limit: as many as the operator says, else
// as many as announce themselves.
func (g *Gateway) sharers(c *config.Config, role string, keys *tenant.Keys) func() int {
	if c.Replicas > 0 {
		return func() int { return c.Replicas }
	}
	census := ratelimit.NewCensus(g.redis, keys.Names("limits"), role)
	g.beside = append(g.beside, census.Run)
	return census.Count
}

// redisLog is what the library says of connections that fail, which it does once
// a second while Redis is away: nothing that the operator is not told already.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "the Redis client says", "text", fmt.Sprintf(format, v...))
}
