package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// redisServer is a redis-server of the test's own, with these settings beside.
func redisServer(t *testing.T, port int, settings ...string) {
	t.Helper()
	args := append([]string{"--bind", "127.0.0.1", "--port", strconv.Itoa(port), "--save", "", "--dir", t.TempDir()}, settings...)
	start(t, exec.Command("redis-server", args...))
}

func start(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Getenv("SCIMGATE_TEST_REDIS_URL") == "" {
		t.Skip("SCIMGATE_TEST_REDIS_URL is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
	}
	var said strings.Builder
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		t.Fatalf("this test starts a Redis of its own, from PATH: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(said.String())
		}
	})
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// works requires of the Redis that c names all that we want of one: limits, hints, a
// count of who is there, and what each saw.
func works(t *testing.T, c *config.Config) {
	t.Helper()
	if err := c.Validate(); err != nil && strings.Contains(err.Error(), "redis") {
		t.Fatal(err)
	}
	client, err := openRedis(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	until(t, "it answers", func() bool { return checkRedis(t.Context(), c) == nil })
	keys := newKeys(t)

	limits := ratelimit.NewRedis(client, keys.Names("limits"))
	l := ratelimit.Limit{Rate: 0.01, Burst: 3}
	for i := range 4 { // over as many keys as there are slots in a Cluster, nearly
		for _, key := range []string{"acme/read", "globex/write", "network/203.0.113.0/24"} {
			d, err := limits.Take(t.Context(), key, l, 1)
			if err != nil || d.Allowed != (i < 3) {
				t.Errorf("%s, request %d: %+v, %v", key, i+1, d, err)
			}
		}
	}

	a, b := join(t, client, keys), join(t, client, keys)
	until(t, "a hint is heard", func() bool { a.Wake("acme"); return b.heard(b.woken, "acme") > 0 })

	census := ratelimit.NewCensus(client, keys.Names("limits"), config.RoleGateway)
	other := ratelimit.NewCensus(client, keys.Names("limits"), config.RoleGateway)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go other.Run(ctx)
	<-time.After(200 * time.Millisecond)
	go census.Run(ctx)
	until(t, "both are counted", func() bool { return census.Count() == 2 })

	tellsTraffic(t, client, keys)
}

// tellsTraffic: what one process saw another shows, until the tenant is removed.
func tellsTraffic(t *testing.T, client redis.UniversalClient, keys *tenant.Keys) {
	t.Helper()
	process := func() *traffic.Shared {
		return traffic.Share(traffic.New(false, nil), client, keys.Names("traffic"), slog.New(slog.DiscardHandler))
	}
	one, other := process(), process()
	ended, end := context.WithCancel(t.Context())
	end()
	for _, s := range []*traffic.Shared{one, other} {
		s.Request("acme", 200)
		s.Run(ended)
	}
	if p := other.Of(t.Context(), "acme"); !p.Whole || p.Day[23].All() != 2 {
		t.Errorf("it shows %d requests, of all processes: %v", p.Day[23].All(), p.Whole)
	}
	if err := one.Forget(t.Context(), "acme"); err != nil {
		t.Error(err)
	}
	if n, err := other.Told(t.Context(), "acme"); n != 0 || err != nil {
		t.Errorf("%d tell of a tenant that is gone, %v", n, err)
	}
}

func TestRedisTopologies(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		for name, open := range map[string]func(*testing.T) *config.Config{
			"single with a password": singleRedis, "TLS": redisOverTLS, "Cluster": redisCluster, "Sentinel": redisSentinel,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				works(t, open(t))
			})
		}
	})
}

func singleRedis(t *testing.T) *config.Config {
	port := freePort(t)
	redisServer(t, port, "--requirepass", "s3cret")
	return &config.Config{RedisURL: fmt.Sprintf("redis://:s3cret@127.0.0.1:%d/3", port)}
}

// redisOverTLS is one that is reached by TLS alone, by a certificate of an authority
// that no system knows.
func redisOverTLS(t *testing.T) *config.Config {
	port, p := freePort(t), newPlace(t)
	redisServer(t, 0, "--tls-port", strconv.Itoa(port), "--tls-cert-file", p.cert, "--tls-key-file", p.key,
		"--tls-ca-cert-file", p.cert, "--tls-auth-clients", "no")
	c := &config.Config{RedisURL: fmt.Sprintf("rediss://localhost:%d", port), RedisCAFile: p.cert}
	until(t, "it answers", func() bool { return checkRedis(t.Context(), c) == nil })
	stranger := *c
	stranger.RedisCAFile = ""
	if err := checkRedis(t.Context(), &stranger); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("a certificate that nobody vouches for: %v", err)
	}
	plain := &config.Config{RedisURL: fmt.Sprintf("redis://127.0.0.1:%d", port)}
	if checkRedis(t.Context(), plain) == nil {
		t.Error("it answers without TLS")
	}
	return c
}

// redisCluster is a Cluster of one node, which has all slots.
func redisCluster(t *testing.T) *config.Config {
	port := freePort(t)
	redisServer(t, port, "--cluster-enabled", "yes", "--cluster-port", strconv.Itoa(freePort(t)), "--cluster-config-file", "nodes.conf")
	node, err := openRedis(&config.Config{RedisURL: fmt.Sprintf("redis://127.0.0.1:%d", port)}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = node.Close() }()
	until(t, "it has all slots", func() bool {
		return node.Do(t.Context(), "cluster", "addslotsrange", 0, 16383).Err() == nil
	})
	until(t, "the Cluster is well", func() bool {
		info, err := node.ClusterInfo(t.Context()).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok")
	})
	return &config.Config{RedisURL: fmt.Sprintf("redis://127.0.0.1:%d?cluster=true", port)}
}

// redisSentinel is a master that a Sentinel knows.
func redisSentinel(t *testing.T) *config.Config {
	port, watch, dir := freePort(t), freePort(t), t.TempDir()
	redisServer(t, port)
	conf := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %d\nbind 127.0.0.1\ndir %s\nsentinel monitor main 127.0.0.1 %d 1\n", watch, dir, port)
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, exec.Command("redis-server", conf, "--sentinel"))
	return &config.Config{RedisURL: fmt.Sprintf("redis://127.0.0.1:%d?sentinel=main", watch)}
}

// How many share a limit while Redis is away is what the operator says, else what
// was counted last.
func TestWhoSharesALimit(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		g := &Gateway{redis: client(t), log: slog.New(slog.DiscardHandler)}
		if got := g.sharers(&config.Config{Replicas: 7}, config.RoleGateway, newKeys(t))(); got != 7 || len(g.beside) > 0 {
			t.Errorf("%d share it, want the 7 that are set", got)
		}
		keys := newKeys(t)
		var counts []func() int
		for range 3 {
			counts = append(counts, g.sharers(&config.Config{}, config.RoleGateway, keys))
		}
		stop := g.startBeside(t.Context())
		defer stop()
		g.sharers(&config.Config{}, config.RoleDelivery, keys)
		until(t, "three share it", func() bool { return counts[2]() == 3 || counts[0]() == 3 || counts[1]() == 3 })
	})
}

// A hold goes to every other process.
func TestHolds(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		keys := newKeys(t)
		a, b := join(t, client(t), keys), join(t, client(t), keys)
		until(t, "both listen", func() bool { a.Wake("x"); return b.heard(b.woken, "x") > 0 })
		a.Hold("acme", 2, 10*time.Second)
		select {
		case got := <-b.held:
			if got.id != "acme" || got.slot != tenant.Slot(2) || got.d > 10*time.Second || got.d < 5*time.Second {
				t.Errorf("heard %+v", got)
			}
		case <-time.After(10 * time.Second):
			t.Error("nothing is heard")
		}
	})
}
