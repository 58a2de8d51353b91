package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// from sends a request from an address.
func from(t *testing.T, h http.Handler, address, method, id, path, token string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/t/"+id+"/identity/scim"+path, nil)
	r.RemoteAddr = address
	r.Header.Set("Authorization", "Bearer "+token)
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

func (empty) Delete(context.Context, tenant.ID, directory.Ref, []tenant.Slot, directory.Check) error {
	return nil
}

// small is the least limit there is, of bursts of 5.
var small = ratelimit.Limit{Rate: tenant.LeastRate, Burst: 5}

// flooded is a tenant that has read and changed all that it may, and is refused now.
func flooded(t *testing.T) (http.Handler, string) {
	t.Helper()
	account := newTenant()
	account.Settings.Limit = small
	h := mounted(&server.Server{Store: empty{}, Accounts: tenants{account.ID: account}, Limits: ratelimit.NewLocal()})
	id := string(account.ID)
	var flood sync.WaitGroup
	for range small.Burst + int(small.Rate*ratelimit.MaxPace.Seconds()) {
		flood.Go(func() { from(t, h, "192.0.2.1:1", "GET", id, "/Users", id) })
		flood.Go(func() { from(t, h, "192.0.2.1:1", "POST", id, "/Groups", id) })
	}
	synctest.Wait()
	for _, method := range []string{"GET", "POST"} {
		if got := from(t, h, "192.0.2.1:1", method, id, "/Users", id); got.Code != http.StatusTooManyRequests {
			t.Errorf("%s after the flood: %d", method, got.Code)
		}
	}
	t.Cleanup(flood.Wait)
	return h, id
}

// Whoever leaves, and who asks what the service is, does not queue behind a flood.
func TestReservedLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, id := flooded(t)
		began := time.Now()
		for _, c := range []struct {
			method, path string
			status       int
		}{
			{"DELETE", "/Users/1", 204},
			{"GET", "/ServiceProviderConfig", 200},
			{"HEAD", "/Schemas", 200},
			{"GET", "/ResourceTypes/User", 200},
			{"OPTIONS", "/Schemas", 204},
			{"PATCH", "/Users/1", 429}, // of no body
			{"POST", "/Schemas", 429},
		} {
			if got := from(t, h, "192.0.2.1:1", c.method, id, c.path, id); got.Code != c.status {
				t.Errorf("%s %s in a flood: %d, want %d", c.method, c.path, got.Code, c.status)
			}
		}
		if waited := time.Since(began); waited > 0 {
			t.Errorf("they waited %v", waited)
		}
	})
}

// The lane has an end too: it is no way around the limit.
func TestReservedLaneIsLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, id := flooded(t)
		var mu sync.Mutex
		var all sync.WaitGroup
		statuses := map[int]int{}
		for range 100 {
			all.Go(func() {
				got := from(t, h, "192.0.2.1:1", "DELETE", id, "/Users/1", id)
				mu.Lock()
				defer mu.Unlock()
				statuses[got.Code]++
			})
		}
		all.Wait()
		if n := statuses[204]; n < 30 || n > 31 || statuses[429] != 100-n { // 20 at once and 2 s of 5 a second
			t.Errorf("of 100 deletes at once: %v", statuses)
		}
	})
}

func TestRateLimitFields(t *testing.T) {
	cases := []struct {
		limit          ratelimit.Limit
		decision       ratelimit.Decision
		policy, fields string
	}{
		{ratelimit.Limit{}, ratelimit.Decision{Allowed: true, Remaining: 150}, `"read";q=200;w=4`, `"read";r=150;t=1`},
		{ratelimit.Limit{Rate: 100, Burst: 10}, ratelimit.Decision{Allowed: true, Remaining: 10}, `"read";q=100;w=1`, `"read";r=10;t=0`},
		{ratelimit.Limit{Rate: 30, Burst: 80}, ratelimit.Decision{RetryAfter: 3 * time.Second}, `"read";q=80;w=3`, `"read";r=0;t=3`},
		{ratelimit.Limit{Rate: 1, Burst: 50}, ratelimit.Decision{Allowed: true, Remaining: 50}, `"read";q=50;w=2`, `"read";r=50;t=0`}, // 25/s in any case
	}
	for _, c := range cases {
		account := newTenant()
		account.Settings.Limit = c.limit
		got := get(t, &server.Server{Store: empty{}, Limits: limiter{decision: c.decision}}, account, "/Users")
		if h := got.Header(); h.Get("RateLimit-Policy") != c.policy || h.Get("RateLimit") != c.fields {
			t.Errorf("%+v: %s and %s", c.limit, h.Get("RateLimit-Policy"), h.Get("RateLimit"))
		}
	}
}

// Who guesses tokens is slowed down with all of its network; a good token is not,
// wherever it comes from.
func TestBadCredentialsAreChargedToTheirNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := newTenant()
		id := string(account.ID)
		h := mounted(&server.Server{Store: empty{}, Accounts: tenants{account.ID: account}, Limits: ratelimit.NewLocal()})
		var guesses sync.WaitGroup
		for i := range 130 {
			guesses.Go(func() { from(t, h, fmt.Sprintf("203.0.113.%d:9", i), "GET", id, "/Users", "wrong") })
		}
		synctest.Wait()
		for address, want := range map[string]int{
			"203.0.113.250:7": 429, "[::ffff:203.0.113.7]:7": 429, "203.0.114.1:7": 401, "[2001:db8::1]:7": 401,
		} {
			got := from(t, h, address, "GET", id, "/Users", "wrong")
			if got.Code != want || (want == 429) != (got.Header().Get("Retry-After") != "") {
				t.Errorf("a bad token from %s: %d, Retry-After %q, want %d", address, got.Code, got.Header().Get("Retry-After"), want)
			}
		}
		if got := from(t, h, "203.0.113.5:7", "GET", id, "/Users", id); got.Code != http.StatusOK {
			t.Errorf("a good token from there: %d", got.Code)
		}
		guesses.Wait()
	})
}

// stuck is a store that answers when it is told to.
type stuck struct {
	empty
	release chan struct{}
}

func (s stuck) List(context.Context, tenant.ID, directory.Query) (*directory.Page, error) {
	<-s.release
	return new(directory.Page), nil
}

// crowded serves two tenants over a store that hangs, and n requests of the first.
func crowded(t *testing.T, most, n int) (h http.Handler, busy, idle string, release func(), statuses func() map[int]int) {
	t.Helper()
	one, other := newTenant(), newTenant()
	other.ID = one.ID + "-2"
	store := stuck{release: make(chan struct{})}
	h = mounted(&server.Server{Store: store, Most: most, Accounts: tenants{one.ID: one, other.ID: other}})
	var mu sync.Mutex
	var all sync.WaitGroup
	seen := map[int]int{}
	for range n {
		all.Go(func() {
			got := from(t, h, "192.0.2.1:1", "GET", string(one.ID), "/Users", string(one.ID))
			mu.Lock()
			defer mu.Unlock()
			seen[got.Code]++
		})
	}
	synctest.Wait()
	return h, string(one.ID), string(other.ID), sync.OnceFunc(func() { close(store.release) }), func() map[int]int {
		all.Wait()
		return seen
	}
}

// A tenant whose requests hang waits behind itself, and not for ever; its
// neighbours do not.
func TestRequestsUnderWayAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, busy, idle, release, statuses := crowded(t, 0, 64+64)
		if got := from(t, h, "192.0.2.1:1", "GET", busy, "/ServiceProviderConfig", busy); got.Code != 429 || got.Header().Get("Retry-After") != "2" {
			t.Errorf("one more than may be served and wait: %d", got.Code)
		}
		if got := from(t, h, "192.0.2.1:1", "GET", idle, "/ServiceProviderConfig", idle); got.Code != 200 {
			t.Errorf("a neighbour: %d", got.Code)
		}
		<-time.After(ratelimit.MaxPace + time.Millisecond) // those that waited gave up
		release()
		if got := statuses(); got[200] != 64 || got[429] != 64 {
			t.Errorf("of 128: %v", got)
		}
		if got := from(t, h, "192.0.2.1:1", "GET", busy, "/Users", busy); got.Code != 200 {
			t.Errorf("afterwards: %d", got.Code)
		}
	})
}

// Those that wait are served in their turn.
func TestWhoWaitsIsServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, _, _, release, statuses := crowded(t, 0, 64+64)
		<-time.After(ratelimit.MaxPace / 2)
		release()
		if got := statuses(); got[200] != 128 {
			t.Errorf("of 128: %v", got)
		}
	})
}

// A process that has too much to do says so at once, before it asks who calls.
func TestShedding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _, idle, release, statuses := crowded(t, 8, 4) // two are served, two wait
		for range 4 {
			go from(t, h, "192.0.2.1:1", "GET", idle, "/Users", idle)
		}
		synctest.Wait()
		got := from(t, h, "192.0.2.1:1", "GET", idle, "/ServiceProviderConfig", "wrong")
		if got.Code != 503 || got.Header().Get("Retry-After") != "1" {
			t.Errorf("the ninth: %d, Retry-After %q", got.Code, got.Header().Get("Retry-After"))
		}
		if err := compareError(got.Body.Bytes(), "503", ""); err != nil {
			t.Error(err)
		}
		release()
		statuses()
		synctest.Wait()
		if got := from(t, h, "192.0.2.1:1", "GET", idle, "/ServiceProviderConfig", idle); got.Code != 200 {
			t.Errorf("afterwards: %d", got.Code)
		}
	})
}
