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

// newLimits returns this process's limits: shared through Redis if there is one.
func newLimits(client redis.UniversalClient, replicas int, keys *tenant.Keys, log *slog.Logger) ratelimit.Store {
	if client == nil {
		return ratelimit.NewLocal()
	}
	told := func(away bool, err error) {
		if away {
			log.WarnContext(context.Background(), "Redis does not answer: each process limits by itself", "error", err)
			return
		}
		log.InfoContext(context.Background(), "Redis answers: limits are shared again")
	}
	return ratelimit.NewFallback(ratelimit.NewRedis(client, keys.Names("limits")), replicas, told)
}

// redisLog is what the library says of connections that fail, which it does once
// a second while Redis is away: nothing that the operator is not told already.
type redisLog struct{ log *slog.Logger }

func (l redisLog) Printf(ctx context.Context, format string, v ...any) {
	l.log.DebugContext(ctx, "the Redis client says", "text", fmt.Sprintf(format, v...))
}
