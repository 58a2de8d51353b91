package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim/server"
)

// A tenant that reads all that it may can still change, and the reverse.
func TestClassesAreLimitedByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := newTenant()
		account.Settings.Limit = small
		account.Settings.Limits.Write = ratelimit.Limit{Rate: 50, Burst: 3}
		id := string(account.ID)
		h := mounted(&server.Server{Store: empty{}, Accounts: tenants{account.ID: account}, Limits: ratelimit.NewLocal()})
		for _, c := range []struct {
			method, path string
			most         int // at once, and paced
		}{
			{"GET", "/Users", 5 + 50},
			{"POST", "/Groups", 3 + 100},
		} {
			statuses := map[int]int{}
			var mu sync.Mutex
			var all sync.WaitGroup
			for range 200 {
				all.Go(func() {
					got := from(t, h, "192.0.2.1:1", c.method, id, c.path, id)
					mu.Lock()
					defer mu.Unlock()
					statuses[got.Code]++
				})
			}
			all.Wait()
			if taken := 200 - statuses[429]; taken < c.most || taken > c.most+1 {
				t.Errorf("%s %s: %d of 200 at once are let through, want %d: %v", c.method, c.path, taken, c.most, statuses)
			}
		}
	})
}

// What a search by POST reads is no change.
func TestSearchReads(t *testing.T) {
	var asked []string
	account := newTenant()
	s := &server.Server{Store: empty{}, Accounts: tenants{account.ID: account}, Limits: limiter{decision: ratelimit.Decision{Allowed: true}, asked: &asked}}
	h := mounted(s)
	for _, c := range []struct{ method, path, class string }{
		{"POST", "/Users/.search", "read"},
		{"POST", "/.search", "read"},
		{"HEAD", "/Users", "read"},
		{"PUT", "/Users/1", "write"},
		{"POST", "/Bulk", "write"},
		{"POST", "/Users", "write"},
	} {
		asked = nil
		from(t, h, "192.0.2.1:1", c.method, string(account.ID), c.path, string(account.ID))
		if len(asked) != 1 || asked[0] != string(account.ID)+"/"+c.class {
			t.Errorf("%s %s is charged to %v, want %s", c.method, c.path, asked, c.class)
		}
	}
}

// Who is disabled does not queue behind a flood of who joins, in any of the ways in
// which clients disable; who is changed otherwise does.
func TestDisablingGoesBefore(t *testing.T) {
	bodies := []struct {
		method, path, body string
		before             bool
	}{
		{"PATCH", "/Users/1", `{"Operations":[{"op":"Replace","path":"active","value":"False"}]}`, true},
		{"PATCH", "/Users/1", `{"Operations":[{"op":"replace","path":"title","value":"x"},{"op":"replace","value":{"active":false}}]}`, true},
		{"PUT", "/Users/1", `{"userName":"a","active":false}`, true},
		{"PATCH", "/Users/1", `{"Operations":[{"op":"Replace","path":"active","value":"True"}]}`, false},
		{"PATCH", "/Users/1", `{"Operations":[{"op":"replace","path":"title","value":"false"}]}`, false},
		{"PATCH", "/Groups/1", `{"Operations":[{"op":"replace","path":"active","value":false}]}`, false},
		{"PATCH", "/Users/1", `{"Operations":[`, false},
		{"PATCH", "/Users/1", `[]`, false},
		{"PUT", "/Users/1", `{"userName":"a","active":true}`, false},
		{"POST", "/Users", `{"userName":"a","active":false}`, false},
	}
	synctest.Test(t, func(t *testing.T) {
		h, id := flooded(t)
		began := time.Now()
		for _, c := range bodies {
			r := httptest.NewRequestWithContext(t.Context(), c.method, "/t/"+id+"/identity/scim"+c.path, strings.NewReader(c.body))
			r.Header.Set("Authorization", "Bearer "+id)
			r.Header.Set("Content-Type", "application/scim+json")
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			if (answer.Code != http.StatusTooManyRequests) != c.before {
				t.Errorf("%s %s %s: %d", c.method, c.path, c.body, answer.Code)
			}
		}
		if waited := time.Since(began); waited > 0 {
			t.Errorf("they waited %v", waited)
		}
	})
}

// Vector 76: 30 requests a second for a minute are never refused; above the limit
// there is 429 with Retry-After and a SCIM error, and nobody else notices.
func TestVector76(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, other := newTenant(), newTenant()
		other.ID = one.ID + "-2"
		h := mounted(&server.Server{Store: empty{}, Accounts: tenants{one.ID: one, other.ID: other}, Limits: ratelimit.NewLocal()})
		steady := func(id string) {
			start := time.Now()
			defer func() {
				if took := time.Since(start); took > 61*time.Second {
					t.Errorf("30 requests a second for a minute took %v", took)
				}
			}()
			for i := range 30 * 60 {
				method, path := "GET", "/Users"
				if i%2 == 0 {
					method, path = "DELETE", "/Users/1"
				}
				if i%5 == 0 {
					method, path = "POST", "/Groups"
				}
				began := time.Now()
				if got := from(t, h, "192.0.2.1:1", method, id, path, id); got.Code == http.StatusTooManyRequests {
					t.Fatalf("request %d, %s: 429", i, method)
				}
				<-time.After(time.Second/30 - time.Since(began))
			}
		}
		steady(string(one.ID))

		var flood sync.WaitGroup
		flooding := make(chan struct{})
		refused := 0
		var mu sync.Mutex
		for range 200 { // more than are paced at a time
			flood.Go(func() {
				for {
					select {
					case <-flooding:
						return
					case <-time.After(50 * time.Millisecond):
					}
					got := from(t, h, "192.0.2.1:1", "GET", string(one.ID), "/Users", string(one.ID))
					if got.Code != http.StatusTooManyRequests {
						continue
					}
					if after := got.Header().Get("Retry-After"); after < "1" || after > "9" || len(after) != 1 {
						t.Errorf("Retry-After is %q", after)
					}
					if err := compareError(got.Body.Bytes(), "429", ""); err != nil {
						t.Error(err)
					}
					mu.Lock()
					refused++
					mu.Unlock()
				}
			})
		}
		steady(string(other.ID))
		close(flooding)
		flood.Wait()
		if refused == 0 {
			t.Error("the flood is never refused")
		}
	})
}

// A flood of bad tokens that name a tenant, from everywhere, costs that tenant
// nothing: it may send all that it could before.
func TestBadTokensCostTheTenantNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := newTenant()
		account.Settings.Limit = small
		id := string(account.ID)
		h := mounted(&server.Server{Store: empty{}, Accounts: tenants{account.ID: account}, Limits: ratelimit.NewLocal()})
		var flood sync.WaitGroup
		for i := range 2000 {
			flood.Go(func() {
				address := fmt.Sprintf("%d.%d.0.1:9", 1+i%200, i/200)
				for _, request := range []struct{ method, path string }{{"GET", "/Users"}, {"POST", "/Users"}, {"DELETE", "/Users/1"}} {
					if got := from(t, h, address, request.method, id, request.path, "wrong"); got.Code != 401 && got.Code != 429 {
						t.Errorf("a bad token: %d", got.Code)
					}
				}
			})
		}
		synctest.Wait()
		for i := range small.Burst {
			began := time.Now()
			for _, request := range []struct{ method, path string }{{"GET", "/Users"}, {"POST", "/Groups"}, {"DELETE", "/Users/1"}} {
				got := from(t, h, "192.0.2.1:1", request.method, id, request.path, id)
				if got.Code == http.StatusTooManyRequests || time.Since(began) > 0 {
					t.Errorf("%s %d of the tenant: %d after %v", request.method, i+1, got.Code, time.Since(began))
				}
			}
		}
		flood.Wait()
	})
}
