package traffic

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"scimgate/scim/server"
	"scimgate/tenant"
)

// openRedis connects to the real server of the tests.
func openRedis(t *testing.T) redis.UniversalClient {
	t.Helper()
	url := os.Getenv("SCIMGATE_TEST_REDIS_URL")
	if url == "" {
		t.Skip("SCIMGATE_TEST_REDIS_URL is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
	}
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// fleet are processes that share a Redis, with names of their own.
type fleet struct {
	*testing.T
	client redis.UniversalClient
	clock  *clock
	names  []byte
}

func newFleet(t *testing.T) *fleet {
	return &fleet{t, openRedis(t), &clock{time.Now()}, []byte(t.Name() + time.Now().String())}
}

func (f *fleet) process(delivers bool) *Shared {
	return Share(New(delivers, f.clock.now), f.client, f.names, slog.New(slog.DiscardHandler))
}

func (f *fleet) has(s *Shared, requests, deliveries, lines int) Picture {
	f.Helper()
	p := s.Of(f.Context(), "acme")
	got := fmt.Sprint(p.Day[23].All(), p.Day[23].Deliveries, len(p.Lines), p.Whole, p.Away)
	if want := fmt.Sprint(requests, deliveries, lines, true, false); got != want {
		f.Errorf("it shows %s, want %s", got, want)
	}
	return p
}

// Each process shows what all saw: itself at once, the others when they have told.
// What is told again counts once.
func TestAllSeeTheSame(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		gateway, other, deliverer := f.process(false), f.process(false), f.process(true)
		for i := range 3 {
			gateway.Request("acme", 200)
			gateway.Tell("acme", server.Line{At: f.clock.at.Add(time.Duration(2*i) * time.Second), Request: fmt.Sprint("g", i)})
		}
		other.Request("acme", 404)
		other.Tell("acme", server.Line{At: f.clock.at.Add(3 * time.Second), Request: "o"})
		deliverer.Delivered("acme", time.Second)
		f.has(gateway, 3, 0, 3)
		for range 2 {
			for _, s := range []*Shared{gateway, other, deliverer} {
				s.mark("acme")
				s.tellNew(t.Context())
			}
		}
		p := f.has(gateway, 4, 1, 4)
		if p.Day[23].Requests != [Outcomes]int{3, 1} || !p.Delivers || p.Day[23].Half < time.Second {
			t.Errorf("%+v", p.Day[23])
		}
		if order := p.Lines[0].Request + p.Lines[1].Request + p.Lines[2].Request + p.Lines[3].Request; order != "g2og1g0" {
			t.Errorf("the lines are %s", order)
		}
		for i := range MostLines {
			other.Tell("acme", server.Line{At: f.clock.at.Add(time.Minute), Request: fmt.Sprint("more", i)})
		}
		if lines := other.Of(t.Context(), "acme").Lines; len(lines) != MostLines || lines[0].Request != "more59" {
			t.Errorf("%d lines, the newest %v", len(lines), lines[0])
		}
		other.Request("acme", 200) // its own at once, of the others what they told
		f.has(other, 5, 1, MostLines)
		f.has(gateway, 4, 1, 4)
		if n, err := gateway.Told(t.Context(), "acme"); n != 3 || err != nil {
			t.Errorf("%d have told of it, %v", n, err)
		}
		if p := gateway.Of(t.Context(), "globex"); p.Day[23].All() != 0 {
			t.Error("another tenant's")
		}
	})
}

// A process that ends tells the rest, and is remembered for a day.
func TestWhatAnEndedProcessSaw(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		ended := f.process(true)
		ended.Request("acme", 200)
		ctx, end := context.WithCancel(t.Context())
		end()
		ended.Run(ctx)
		next := f.process(true)
		f.has(next, 1, 0, 0)
		left, err := f.client.TTL(t.Context(), next.key("acme", ended.process)).Result()
		if err != nil || left < 24*time.Hour || left > keptFor {
			t.Errorf("it is kept for %v, %v", left, err)
		}
		f.clock.at = f.clock.at.Add(keptFor + time.Hour)
		next.Request("acme", 200)
		next.tellNew(t.Context())
		if score := f.client.ZScore(t.Context(), next.processes(), ended.process); score.Err() == nil {
			t.Error("it is never forgotten")
		}
	})
}

// A process that Redis has forgotten, as one that was started anew has, tells all again.
func TestRedisHasForgotten(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		quiet, other := f.process(false), f.process(false)
		quiet.Request("acme", 200)
		quiet.tellNew(t.Context())
		if err := f.client.Del(t.Context(), quiet.processes(), quiet.key("acme", quiet.process)).Err(); err != nil {
			t.Fatal(err)
		}
		f.has(other, 0, 0, 0)
		for range 2 { // finds out, and tells
			quiet.tellNew(t.Context())
		}
		f.has(other, 1, 0, 0)
	})
}

// Without Redis a process shows what it saw, says so, and tells the others later.
func TestRedisIsAway(t *testing.T) {
	f := &fleet{t, redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1}), &clock{time.Now()}, []byte("x")}
	alone := f.process(false)
	alone.Request("acme", 200)
	alone.tellNew(t.Context())
	if p := alone.Of(t.Context(), "acme"); p.Whole || !p.Away || p.Day[23].All() != 1 {
		t.Errorf("%+v", p)
	}
	if some := alone.takeChanged(); len(some) != 1 {
		t.Errorf("it will tell of %v", some)
	}
}

// A tenant that was removed is told of no more: not by who knocks with its token.
func TestARemovedTenant(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		here, there := f.process(false), f.process(false)
		for _, s := range []*Shared{here, there} {
			s.Request("acme", 200)
			s.tellNew(t.Context())
		}
		if err := here.Forget(t.Context(), "acme"); err != nil {
			t.Fatal(err)
		}
		there.Request("acme", 401)
		there.tellNew(t.Context())
		there.Known = func(context.Context, tenant.ID) (bool, error) { return false, nil }
		there.Request("acme", 200) // it was under way
		there.tellNew(t.Context())
		if p := there.Of(t.Context(), "acme"); p.Day[23].All() != 0 {
			t.Error("the other process goes on knowing it")
		}
		if n, err := here.Told(t.Context(), "acme"); n != 0 || err != nil {
			t.Errorf("%d tell of it, %v", n, err)
		}
	})
}

// A tenant is removed while another process tells of it, which knew it until then.
func TestForgetWhileOneTells(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		here, there := f.process(false), f.process(false)
		there.Request("acme", 200)
		there.Known = func(ctx context.Context, id tenant.ID) (bool, error) { return true, here.Forget(ctx, id) }
		there.tellNew(t.Context())
		if n, err := here.Told(t.Context(), "acme"); n != 0 || err != nil {
			t.Errorf("%d tell of it, %v", n, err)
		}
	})
}

// Nothing in Redis names a tenant.
func TestKeysNameNobody(t *testing.T) {
	key := (&fleet{T: t, clock: &clock{}, names: []byte("n")}).process(false).key("acme", "P")
	if strings.Contains(key, "acme") || !strings.Contains(key, "{"+tenant.Named([]byte("n"), "acme")+"}") {
		t.Error(key)
	}
}

// What is told of many at once is told of all, a few at a time.
func TestManyTenants(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t)
		busy := f.process(false)
		for i := range tellAt + 10 {
			busy.Request(tenant.ID(fmt.Sprint("t", i)), 200)
		}
		busy.tellNew(t.Context())
		if len(busy.changed) != 10 {
			t.Errorf("%d wait for the next time", len(busy.changed))
		}
		busy.tellNew(t.Context())
		if n, err := busy.Told(t.Context(), tenant.ID(fmt.Sprint("t", tellAt+9))); n != 1 || err != nil || len(busy.changed) != 0 {
			t.Errorf("%d, %v; %d wait", n, err, len(busy.changed))
		}
	})
}

func TestPack(t *testing.T) {
	c, clock := newCounter()
	for i := range 70 {
		c.Request("acme", 200)
		c.Delivered("acme", time.Duration(i)*time.Second)
		c.Tell("acme", server.Line{At: clock.at, Request: fmt.Sprintf("0192f3a0-%04d-7000-8000-0123456789ab", i), Method: "PATCH", Route: "/Users/{id}", Status: 200, Took: 3 * time.Millisecond})
	}
	var p packer
	for range 2 {
		text, err := p.pack(c.seen("acme"))
		if err != nil || len(text) > 3<<10 {
			t.Fatalf("%d bytes, %v", len(text), err)
		}
		if back, err := unpack(string(text)); err != nil || !reflect.DeepEqual(back, c.seen("acme")) {
			t.Fatalf("%+v, %v", back, err)
		}
	}
}

// FuzzUnpack: whatever stands in Redis, it is read or refused.
func FuzzUnpack(f *testing.F) {
	c, _ := newCounter()
	c.Request("acme", 200)
	c.Delivered("acme", time.Second)
	text, err := new(packer).pack(c.seen("acme"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("no"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if s, err := unpack(string(text)); err == nil {
			pictureOf([]seen{s, s}, time.Unix(1_800_000_000, 0))
		}
	})
}
