package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// remainsInRedis counts what stands there of a tenant: what is counted of it, and any
// key of ours that has its name in the clear, which none may.
func remainsInRedis(ctx context.Context, c *config.Config, id tenant.ID) (found []Remain, err error) {
	secrets, err := c.Secrets()
	if err != nil {
		return nil, err
	}
	keys, err := tenant.LoadKeys(secrets.Keys)
	if err != nil {
		return nil, fmt.Errorf("redis-url: what stands there is named by the key: key-file: %w", err)
	}
	client, err := openRedis(c, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	counted, err := ratelimit.NewRedis(client, keys.Names("limits")).Known(ctx, tenant.LimitKeys(id)...)
	if err != nil {
		return nil, fmt.Errorf("redis-url: %w", err)
	}
	told, err := traffic.Share(traffic.New(false, nil), client, keys.Names("traffic"), slog.New(slog.DiscardHandler)).Told(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("redis-url: %w", err)
	}
	named, err := namedInRedis(ctx, client, id)
	return []Remain{{"redis limits", counted}, {"redis traffic", told}, {"redis names", named}}, err
}

// namedInRedis counts our keys that have a tenant's name in them.
func namedInRedis(ctx context.Context, client redis.UniversalClient, id tenant.ID) (n int64, err error) {
	var mu sync.Mutex
	count := func(ctx context.Context, client redis.UniversalClient) error {
		all := client.Scan(ctx, 0, "scimgate:*"+string(id)+"*", 1000).Iterator()
		for all.Next(ctx) {
			if names(all.Val(), id) {
				mu.Lock()
				n++
				mu.Unlock()
			}
		}
		return all.Err()
	}
	if cluster, ok := client.(*redis.ClusterClient); ok {
		err = cluster.ForEachMaster(ctx, func(ctx context.Context, one *redis.Client) error { return count(ctx, one) })
	} else {
		err = count(ctx, client)
	}
	return n, err
}

var hashes = regexp.MustCompile(`:([0-9a-f]{32}|\{[0-9a-f]{32}\}:[A-Z2-7]{26})$`)

// names reports whether a key has a tenant's name in it, which may look like a part of
// a hash.
func names(key string, id tenant.ID) bool {
	return strings.Contains(hashes.ReplaceAllString(key, ""), string(id))
}
