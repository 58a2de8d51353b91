package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// gateways are so many whole gateways over one MongoDB and one Redis.
type gateways struct {
	testing.TB
	all    []*process
	tokens map[string]string
}

// enrolled makes a tenant whose limit is this.
func (g *gateways) enrolled(id string, rate float64, burst int) {
	g.Helper()
	api := g.all[0].text(g, "adminURL") + "/api/v1/tenants"
	must(g, 201, "POST", api, operatorKey, map[string]any{"id": id, "settings": map[string]any{"limit": map[string]any{"rate": rate, "burst": burst}}})
	g.tokens[id], _ = must(g, 201, "POST", api+"/"+id+"/tokens", operatorKey, map[string]any{})["token"].(string)
}

// read asks any of the gateways for a page of the tenant's users.
func (g *gateways) read(ctx context.Context, id string) (status int, took time.Duration) {
	began := time.Now()
	to := g.all[rand.IntN(len(g.all))].text(g, "publicURL") + "/t/" + id + "/identity/scim/Users?count=1"
	status, _ = call(ctx, "GET", to, g.tokens[id], nil)
	return status, time.Since(began)
}

// answered is one answer to a flooding tenant; all are in order.
type answered struct {
	status int
	at     time.Time
}

// flood has a tenant send from so many clients, each of which rests after an answer
// as long as it takes to hold it to a fixed share of the machine.
func (g *gateways) flood(ctx context.Context, id string, clients int, rest time.Duration) (answers func() []answered) {
	var mu sync.Mutex
	var all []answered
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for pauseFor(ctx, rand.N(2*rest)); ctx.Err() == nil; pauseFor(ctx, rest) {
				if status, _ := g.read(ctx, id); ctx.Err() == nil {
					mu.Lock()
					all = append(all, answered{status, time.Now()})
					mu.Unlock()
				}
			}
		})
	}
	return func() []answered { running.Wait(); return all }
}

// neighbours send at a steady 30 requests a second each for a while, and return the
// 99th percentile of what they waited for an answer.
func (g *gateways) neighbours(ids []string, while time.Duration) time.Duration {
	g.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var running sync.WaitGroup
	ticks := time.NewTicker(time.Second / 30)
	defer ticks.Stop()
	for began := time.Now(); time.Since(began) < while; <-ticks.C {
		for _, id := range ids {
			running.Go(func() {
				status, took := g.read(g.Context(), id)
				mu.Lock()
				defer mu.Unlock()
				all = append(all, took)
				if status != http.StatusOK {
					g.Errorf("a neighbour is answered %d", status)
				}
			})
		}
	}
	running.Wait()
	slices.Sort(all)
	return all[len(all)*99/100]
}

var localAnswers = regexp.MustCompile(`(?m)^scimgate_limiter_answers_total\{[^}]*source="local"[^}]*\} (\S+)$`)

// answeredLocally is how often the gateways did not have Redis' answer in time.
func (g *gateways) answeredLocally() (n int) {
	g.Helper()
	for _, p := range g.all {
		res, err := client.Get(p.text(g, "adminURL") + "/metrics")
		if err != nil {
			g.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		found := localAnswers.FindSubmatch(text)
		if err != nil || found == nil {
			g.Fatalf("no metric: %v\n%s", err, text)
		}
		of, err := strconv.ParseFloat(string(found[1]), 64)
		if err != nil {
			g.Fatal(err)
		}
		n += int(of)
	}
	return n
}

func median[T cmp.Ordered](all []T) T {
	all = slices.Sorted(slices.Values(all))
	return all[len(all)/2]
}

// Promise 22: eight processes let a tenant that floods them have its limit, within
// 2 %, and its neighbours hardly notice: their 99th percentile, the median of five
// runs, is at most half as much again or 25 ms more. What needs a machine that does
// nothing else, the lower bound and the percentile, is judged in the long form.
func TestAFloodingTenantAmongEightGateways(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t, true)
		g := &gateways{TB: t, tokens: map[string]string{}}
		for range 8 {
			g.all = append(g.all, f.run("gateway", "--replicas", "0"))
		}
		const rate, burst = 50, 50
		window, runs, least := time.Second, 5, 0.1
		alone := long(t) > 0
		if alone {
			window, least = long(t)/20, 0.02
		}
		g.enrolled("flooder", rate, burst)
		var others []string
		for i := range 2 {
			others = append(others, fmt.Sprint("neighbour", i))
			g.enrolled(others[i], rate, burst)
		}
		g.neighbours(others, time.Second) // connections are made, caches warm
		var quiet, flooded []time.Duration
		for range runs {
			quiet = append(quiet, g.neighbours(others, window))
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		from := time.Now()
		answers := g.flood(ctx, "flooder", 180, 600*time.Millisecond)
		pauseFor(ctx, 3*time.Second) // the burst is used up, and there is refused
		for range runs {
			flooded = append(flooded, g.neighbours(others, window))
		}
		cancel()
		admitted, statuses, last := 0, map[int]int{}, from
		for _, a := range answers() {
			statuses[a.status]++
			if a.status == http.StatusOK {
				admitted++
			}
			last = a.at
		}
		want := burst + rate*last.Sub(from).Seconds() // from rest on, so that no start or end blurs it
		off := float64(admitted)/want - 1
		t.Logf("flooder: %d admitted in %v, the limit is %.0f (%+.1f %%); answers %v", admitted, last.Sub(from).Round(time.Millisecond), want, 100*off, statuses)
		most := 0.02
		if local := g.answeredLocally(); local > 0 {
			// A machine with too much to do: that is promise 23's.
			t.Logf("Redis did not answer in time %d times", local)
			most = 1
		}
		if off < -least || off > most {
			t.Errorf("%d of %.0f are admitted: %+.1f %%", admitted, want, 100*off)
		}
		if statuses[http.StatusTooManyRequests] == 0 || len(statuses) != 2 {
			t.Errorf("the flooder is answered %v", statuses)
		}
		before, now := median(quiet), median(flooded)
		t.Logf("neighbours' p99: %v quiet, %v in the flood (of %v and %v)", before, now, quiet, flooded)
		if most := max(before*3/2, before+25*time.Millisecond*slack()); alone && now > most {
			t.Errorf("neighbours' p99 is %v in the flood and %v without, most is %v", now, before, most)
		}
	})
}
