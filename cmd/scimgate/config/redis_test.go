package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

func TestRedisURL(t *testing.T) {
	cases := []struct {
		url  string
		want redis.UniversalOptions
	}{
		{"redis://localhost", redis.UniversalOptions{Addrs: []string{"localhost:6379"}}},
		{"redis://u:p%40ss@r.example:1/3", redis.UniversalOptions{Addrs: []string{"r.example:1"}, Username: "u", Password: "p@ss", DB: 3}},
		{"redis://:p@[::1]:7000", redis.UniversalOptions{Addrs: []string{"[::1]:7000"}, Password: "p"}},
		{"redis://a:1,b:2/2?sentinel=main&sentinel-password=q", redis.UniversalOptions{
			Addrs: []string{"a:1", "b:2"}, MasterName: "main", SentinelPassword: "q", DB: 2,
		}},
		{"redis://a:1,b:2", redis.UniversalOptions{Addrs: []string{"a:1", "b:2"}}},
		{"redis://a?cluster=true", redis.UniversalOptions{Addrs: []string{"a:6379"}, IsClusterMode: true}},
	}
	for _, c := range cases {
		got, err := (&Config{RedisURL: c.url}).Redis()
		if err != nil {
			t.Errorf("%s: %v", c.url, err)
			continue
		}
		if !slices.Equal(got.Addrs, c.want.Addrs) || got.Username != c.want.Username || got.Password != c.want.Password ||
			got.DB != c.want.DB || got.MasterName != c.want.MasterName || got.SentinelPassword != c.want.SentinelPassword ||
			got.IsClusterMode != c.want.IsClusterMode || got.TLSConfig != nil {
			t.Errorf("%s: got %+v", c.url, got)
		}
	}
}

func TestRedisOverTLS(t *testing.T) {
	o, err := (&Config{RedisURL: "rediss://cache.example"}).Redis()
	if err != nil || o.TLSConfig == nil || o.TLSConfig.InsecureSkipVerify {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestBadRedisURLsAreRefusedWithoutRepeatingThem(t *testing.T) {
	for _, url := range []string{
		"localhost:6379", "http://:hunter2@x", "redis://", "redis://:hunter2@a:6379/x", "redis://:hunter2@a:6379/-1",
		"redis://:hunter2@a?cluster=maybe", "redis://:hunter2@a?sentinel=m&cluster=true", "redis://:hunter2@a/1?cluster=true",
		"redis://:hunter2@a,b/1", "redis://a?password=hunter2", "redis://:hunter2@a,,b", "redis://:hunter2@%zz", "redis://:hunter2@a:port",
		"redis://a?sentinel-password=hunter2;x",
	} {
		_, err := (&Config{RedisURL: url}).Redis()
		if err == nil || !strings.HasPrefix(err.Error(), "redis-url: ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
