package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"scimgate/ratelimit"
	"scimgate/scim/server"
)

// plain is Redis, asked each time.
type plain struct{ *ratelimit.Redis }

func (plain) Roomy(string, ratelimit.Limit) bool { return true }

// blind is a limiter that foresees nothing.
type blind struct{ ratelimit.Store }

// BenchmarkLimited measures what the limiter adds to a read: asked before the store,
// beside it, and with leases too, each beside no limiter at all, in turns,
//
// on SQLite in memory and on MongoDB. For each, x-p50 is the median latency and x-cpu the CPU of this process, by those
// without a limiter; added-µs is the difference of the medians.
//
//	go test ./scim/server -run '^$' -bench Limited -benchtime 4000x
func BenchmarkLimited(b *testing.B) {
	uri := os.Getenv("SCIMGATE_TEST_REDIS_URL")
	if uri == "" {
		b.Skip("SCIMGATE_TEST_REDIS_URL is not set")
	}
	o, err := redis.ParseURL(uri)
	if err != nil {
		b.Fatal(err)
	}
	o.ContextTimeoutEnabled, o.MaxRetries = true, -1
	o.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	b.Run("memory", func(b *testing.B) { newBench(b, 1000).limited(b, client) })
	b.Run("mongo", func(b *testing.B) {
		if store := openMongo(b); store != nil {
			newBenchOn(b, store, 1000).limited(b, client)
		}
	})
}

func (x *bench) limited(b *testing.B, client redis.UniversalClient) {
	b.Helper()
	x.account.Settings.Limit = ratelimit.Limit{Rate: 100_000, Burst: 100_000}
	sharers := func() int { return 2 }
	shared := func() *ratelimit.Redis { return ratelimit.NewRedis(client, []byte(uuid.NewString())) }
	ways := []struct {
		name   string
		limits ratelimit.Store
	}{
		{"none", nil},
		{"before", blind{shared()}},
		{"beside", plain{shared()}},
		{"leased", ratelimit.NewLeases(shared(), sharers)},
	}
	took, used := make([][]time.Duration, len(ways)), make([]time.Duration, len(ways))
	const turns = 20
	for range turns {
		for i, way := range ways {
			h := mounted(&server.Server{Store: x.store, Accounts: tenants{x.account.ID: x.account}, PublicURL: publicURL, Limits: way.limits})
			began := cpu()
			for range b.N/turns + 1 {
				took[i] = append(took[i], x.look(b, h, len(took[i])))
			}
			used[i] += cpu() - began
		}
	}
	without := middle(took[0])
	for i, way := range ways[1:] {
		p50 := middle(took[i+1])
		b.ReportMetric(float64(p50)/float64(without), way.name+"-x-p50")
		b.ReportMetric(float64((p50-without).Nanoseconds())/1000, way.name+"-added-µs")
		b.ReportMetric(float64(used[i+1])/float64(used[0]), way.name+"-x-cpu")
	}
	b.ReportMetric(float64(without.Nanoseconds())/1000, "none-p50-µs")
	b.ReportMetric(0, "ns/op")
}

// look reads a user and returns how long that took.
func (x *bench) look(b *testing.B, h http.Handler, i int) time.Duration {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/t/"+string(x.account.ID)+"/identity/scim/Users/"+x.ids[i%len(x.ids)], nil)
	r.Header["Authorization"] = []string{"Bearer " + string(x.account.ID)}
	w := httptest.NewRecorder()
	began := time.Now()
	h.ServeHTTP(w, r)
	took := time.Since(began)
	if w.Code != http.StatusOK {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
	return took
}

func middle(all []time.Duration) time.Duration {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// cpu is what this process has used.
func cpu() time.Duration {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
