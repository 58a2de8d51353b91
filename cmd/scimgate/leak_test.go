package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// town is many tenants of one process, all with one account.
type town struct {
	*soak
	tokens []string
	users  []string
}

func newTown(t *testing.T, tenants int) *town {
	t.Helper()
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	s := &town{soak: &soak{T: t, usage: freeAddress(t), client: client}, tokens: make([]string, tenants), users: make([]string, tenants)}
	s.process = startWith(t, []string{"SCIMGATE_TEST_USAGE=" + s.usage}, append([]string{
		"serve", "--data", t.TempDir(), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--outbound.loopback", "--outbound.late", "1s", "--log-level", "error",
	}, keys(t, t.TempDir())...)...)
	settings := map[string]any{"baseURL": account.text(t, "sandboxURL"), "token": account.text(t, "sandboxToken")}
	s.each(func(i int) {
		api, id := s.process.text(t, "adminURL")+"/api/v1/tenants", fmt.Sprint("t", i)
		must(t, 201, "POST", api, operatorKey, map[string]any{"id": id})
		must(t, 201, "POST", api+"/"+id+"/attributes", operatorKey, map[string]any{"property": "floor", "type": "String"})
		must(t, 200, "PUT", api+"/"+id+"/connections/appspace", operatorKey, map[string]any{"kind": "appspace", "settings": settings})
		s.tokens[i], _ = must(t, 201, "POST", api+"/"+id+"/tokens", operatorKey, map[string]any{})["token"].(string)
		s.users[i], _ = must(t, 201, "POST", s.url(i)+"/Users", s.tokens[i], newUser(fmt.Sprintf("u%d@example.com", i)))["id"].(string)
	})
	return s
}

func (s *town) url(i int) string {
	return fmt.Sprintf("%s/t/t%d/identity/scim", s.process.text(s, "publicURL"), i)
}

// each does something with all tenants, eight at a time.
func (s *town) each(f func(i int)) {
	next := make(chan int)
	var working sync.WaitGroup
	for range 8 {
		working.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range s.tokens {
		next <- i
	}
	close(next)
	working.Wait()
}

// round has every tenant do what tenants do: change, read, search, err, try a bad
// token, and have it all delivered.
func (s *town) round(n int) {
	s.each(func(i int) {
		user := s.url(i) + "/Users/" + s.users[i]
		must(s, 200, "PATCH", user, s.tokens[i], map[string]any{
			"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
			"Operations": []any{map[string]any{"op": "replace", "path": "displayName", "value": fmt.Sprint("round ", n)}},
		})
		for range 4 {
			must(s, 200, "GET", user, s.tokens[i], nil)
			must(s, 200, "GET", s.url(i)+"/Users?count=5", s.tokens[i], nil)
		}
		must(s, 404, "GET", user+"x", s.tokens[i], nil)
		must(s, 400, "GET", s.url(i)+"/Users?filter=x", s.tokens[i], nil)
		if i%10 > 0 { // a network may try few
			return
		}
		if got, _ := call(context.WithoutCancel(s.Context()), "GET", user, "wrong", nil); got != 401 && got != 429 {
			s.Errorf("a bad token: %d", got)
		}
	})
	s.each(func(i int) {
		eventually(s, time.Minute, "all is delivered", func() bool {
			due := must(s, 200, "GET", fmt.Sprintf("%s/api/v1/tenants/t%d/deliveries?state=due", s.process.text(s, "adminURL"), i), operatorKey, nil)
			return len(due["items"].([]any)) == 0
		})
	})
}

// Promise 30: a process that has served all of its tenants again and again holds no
// more than after it had served each a few times: no memory, no goroutine, no file.
func TestManyTenantsLeakNothing(t *testing.T) {
	t.Parallel()
	tenants, least, over := 40, 8, time.Duration(0)
	if d := long(t); d > 0 {
		tenants, over = 5000, d
	}
	s := newTown(t, tenants)
	for n := range 2 {
		s.round(n)
	}
	first, began, rounds := s.held(), time.Now(), 0
	for ; rounds < least || time.Since(began) < over; rounds++ {
		s.round(2 + rounds)
	}
	last := s.held()
	grown := int(last.Heap) - int(first.Heap)
	requests := rounds * tenants * 12
	t.Logf("%d tenants, %d rounds, %d requests in %v: heap %d to %d KiB, goroutines %d to %d, files %d to %d; %+.1f bytes a request", tenants, rounds, requests,
		time.Since(began).Round(time.Second), first.Heap>>10, last.Heap>>10, first.Goroutines, last.Goroutines, first.Files, last.Files,
		float64(grown)/float64(requests))
	if grown > max(int(first.Heap)/10, 1<<20) || last.Goroutines > first.Goroutines+20 || last.Files > first.Files+10 {
		t.Error("that is more than it held after each tenant was served twice")
	}
}
