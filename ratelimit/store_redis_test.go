package ratelimit

import (
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"pgregory.net/rapid"
)

const redisURL = "SCIMGATE_TEST_REDIS_URL"

// connect returns a client of the server at url, or of the tests' own.
func connect(tb testing.TB, url string) *redis.Client {
	tb.Helper()
	if url == "" {
		url = os.Getenv(redisURL)
	}
	if url == "" {
		tb.Skip(redisURL + " is not set")
	}
	o, err := redis.ParseURL(url)
	if err != nil {
		tb.Fatal(err)
	}
	o.ContextTimeoutEnabled, o.MaxRetries = true, -1
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(o)
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

// openRedis returns a Store without any key, by the clock of the bubble.
func openRedis(tb testing.TB) *Redis {
	s := NewRedis(connect(tb, ""), []byte(uuid.NewString()))
	s.now = func() string { return strconv.FormatInt(time.Now().UnixMicro(), 10) }
	return s
}

// The script decides as the pure function does.
func TestRedisEqualsLend(t *testing.T) {
	client := connect(t, "")
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimit(t)
		now, tat := epoch, time.Time{}
		s := NewRedis(client, []byte(uuid.NewString()))
		s.now = func() string { return strconv.FormatInt(now.UnixMicro(), 10) }
		for range rapid.IntRange(1, 30).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "ms")) * time.Millisecond)
			cost, ahead := rapid.IntRange(0, l.Burst+1).Draw(t, "cost"), rapid.IntRange(-1, 40).Draw(t, "ahead")
			next, want, lent := l.Lend(tat, now, cost, ahead)
			got, err := s.lend(t.Context(), "k", l, cost, ahead)
			if err != nil {
				t.Fatal(err)
			}
			if nearMaxPace(got.Decision) || nearMaxPace(want) || got.lent != lent && nearAWhole(l, next, now) {
				return // rounding decides; both are right
			}
			if got.Allowed != want.Allowed || apart(got.Wait, want.Wait) || apart(got.RetryAfter, want.RetryAfter) ||
				got.lent != lent || apart(got.arrival, next.Sub(now)) {
				t.Fatalf("got %+v, want %+v, %d lent, arrival in %v", got, want, lent, next.Sub(now))
			}
			tat = next
		}
	})
}

// nearAWhole reports whether what remains is a whole number but for rounding.
func nearAWhole(l Limit, tat, now time.Time) bool {
	left := (l.last(l.Burst) - tat.Sub(now)).Seconds() * l.Rate
	return math.Abs(left-math.Round(left)) < 1e-3
}

// A server whose clock is set back a day locks nobody out.
func TestRedisSurvivesAClockSetBack(t *testing.T) {
	l, now := Limit{Rate: 10, Burst: 10}, epoch
	s := NewRedis(connect(t, ""), []byte(uuid.NewString()))
	s.now = func() string { return strconv.FormatInt(now.UnixMicro(), 10) }
	drain(t, s, "k", l)
	now = now.Add(-24 * time.Hour)
	d := take(t, s, "k", l, 1)
	if d.Allowed || d.RetryAfter > MaxPace+time.Second {
		t.Fatalf("after the clock went back: %+v", d)
	}
	now = now.Add(d.RetryAfter)
	if d = take(t, s, "k", l, 1); !d.Allowed {
		t.Errorf("still locked out: %+v", d)
	}
}

// What stands in Redis names nobody, and goes by itself.
func TestRedisKeepsNoNamesAndNotForLong(t *testing.T) {
	client := connect(t, "")
	s := NewRedis(client, []byte(uuid.NewString()))
	take(t, s, "203.0.113.0/24", Limit{Rate: 10, Burst: 20}, 10)
	name := s.name("203.0.113.0/24")
	left := client.PTTL(t.Context(), name).Val()
	if left < 10*time.Second || left > 11*time.Second {
		t.Errorf("%s goes in %v, want 11 s: when it is at rest, and 10 s", name, left)
	}
	if other := NewRedis(client, []byte("other names")); other.name("acme") == s.name("acme") {
		t.Error("two deployments on one server meet")
	}
}

// The server's own clock, in real time.
func TestRedisTime(t *testing.T) {
	s := NewRedis(connect(t, ""), []byte(uuid.NewString()))
	l := Limit{Rate: 20, Burst: 2}
	if n := drain(t, s, "k", l); n < 42 || n > 44 {
		t.Fatalf("%d at once, want the burst of 2 and 2 s of pacing", n)
	}
	d := take(t, s, "k", l, 1)
	<-time.After(d.RetryAfter)
	if d = take(t, s, "k", l, 1); !d.Allowed || d.Wait > MaxPace {
		t.Errorf("after RetryAfter: %+v", d)
	}
}

func BenchmarkRedisTake(b *testing.B) {
	s, l := NewRedis(connect(b, ""), []byte("benchmark")), Limit{Rate: 1e6, Burst: 1000}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Take(b.Context(), "acme", l, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
