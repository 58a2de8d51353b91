package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors/sandbox"
)

// soaking is the load of the soak.
const (
	soakTenants = 100
	soakUsers   = 10  // of each
	soakRate    = 200 // changes a second, over all
	soakSpells  = 6   // in which the long form's load comes, with a calm after each
)

// calm is how long nothing is asked between two spells: longer than the gateway
// keeps a connection to an account that nobody uses.
const calm = 55 * time.Second

// TestSoak keeps one process that accepts and delivers under an even load, and
// watches what it holds on to: heap after a collection, resident memory,
// goroutines, open files. What a load needs of these depends on what else the machine
// does, so they are judged in the calm after each spell of it (holdings.judge says by
// how much they may rise); what was held under the load is written down. The short
// form shows that the load is carried, and judges nothing else: what a
// process takes in its first seconds is no leak.
//
//	SCIMGATE_SOAK=1h go test ./cmd/scimgate -run TestSoak -v -timeout 2h
func TestSoak(t *testing.T) {
	t.Parallel()
	over, every, spells := 3*time.Second, time.Second, 1
	full := os.Getenv("SCIMGATE_SOAK") != ""
	if full {
		var err error
		if over, err = time.ParseDuration(os.Getenv("SCIMGATE_SOAK")); err != nil {
			t.Fatal(err)
		}
		every, spells = min(10*time.Second, over/60), soakSpells
	}
	s := newSoak(t)
	var loaded, calmed holdings
	for range spells {
		loaded = append(loaded, s.spell(over/time.Duration(spells), every)...)
		if full {
			calmed = append(calmed, s.calmed())
		}
	}
	s.rest()
	t.Logf("%v: %d changes acknowledged (%.0f/s), %d answered otherwise, all delivered",
		over, s.acked.Load(), float64(s.acked.Load())/over.Seconds(), s.failed.Load())
	if s.failed.Load() > 0 || full && float64(s.acked.Load()) < 0.95*soakRate*over.Seconds() {
		t.Error("that is not the load that was promised")
	}
	if path := os.Getenv("SCIMGATE_TEST_OUTPUT"); path != "" && full {
		write(t, filepath.Join(path, "soak.csv"), loaded.csv())
		write(t, filepath.Join(path, "soak-calm.csv"), calmed.csv())
	}
	if full {
		calmed[1:].judge(t)
	}
}

// soak is a process with its tenants, each with an account of its own.
type soak struct {
	*testing.T
	process   *process
	usage     string // where the process tells what it holds
	customers []*soaked
	client    *http.Client
	began     time.Time

	acked, failed atomic.Int64
}

// soaked is one tenant, and who is changed there in turn.
type soaked struct {
	base, token, account string

	mu  sync.Mutex
	ids []string
	n   int
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{T: t, usage: freeAddress(t), client: &http.Client{
		Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64},
	}}
	t.Cleanup(s.client.CloseIdleConnections)
	s.process = startWith(t, []string{"SCIMGATE_TEST_USAGE=" + s.usage}, serving(t, t.TempDir(), "--data", t.TempDir())...)
	var enrolling sync.WaitGroup
	tenants := make(chan int)
	for range 4 {
		enrolling.Go(func() {
			for i := range tenants {
				s.enroll(i)
			}
		})
	}
	s.customers = make([]*soaked, soakTenants)
	for i := range soakTenants {
		tenants <- i
	}
	close(tenants)
	enrolling.Wait()
	if t.Failed() {
		t.FailNow()
	}
	s.began = time.Now()
	return s
}

// enroll makes a tenant with its users. Its load is a mass change all the time, so
// the guard is off.
func (s *soak) enroll(i int) {
	account, err := sandbox.New(s.Context(), sandbox.Config{Token: accountToken})
	if err != nil {
		s.Error(err)
		return
	}
	server := httptest.NewServer(account.Handler())
	s.Cleanup(func() {
		account.Release()
		server.CloseClientConnections()
		server.Close()
		_ = account.Close()
	})
	id := fmt.Sprintf("t%03d", i)
	api := s.process.line["adminURL"].(string) + "/api/v1/tenants"
	s.ask("POST", api, operatorKey, map[string]any{"id": id, "settings": map[string]any{
		"limit": map[string]any{"rate": 10000, "burst": 10000}, "onDelete": "delete", "guard": map[string]any{"off": true},
	}})
	s.ask("PUT", api+"/"+id+"/connections/appspace", operatorKey, map[string]any{
		"kind": "appspace", "settings": map[string]any{"baseURL": server.URL + sandbox.Prefix, "token": accountToken},
	})
	token := s.ask("POST", api+"/"+id+"/tokens", operatorKey, map[string]any{"label": "test"})
	who := &soaked{
		base: s.process.line["publicURL"].(string) + "/t/" + id + "/identity/scim/Users", token: fmt.Sprint(token["token"]),
		account: server.URL + sandbox.Prefix,
	}
	for n := range soakUsers {
		who.ids = append(who.ids, fmt.Sprint(s.ask("POST", who.base, who.token, joiner(userName(n)))["id"]))
	}
	s.customers[i] = who
}

// ask makes a request that has to work.
func (s *soak) ask(method, url, token string, body any) map[string]any {
	status, answer := call(s.Context(), method, url, token, body)
	if status < 200 || status > 299 {
		s.Errorf("%s %s: %d %v", method, url, status, answer)
	}
	return answer
}

// spell is a stretch of the load, and what the process held meanwhile.
func (s *soak) spell(over, every time.Duration) (all holdings) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), over)
	defer cancel()
	var loading sync.WaitGroup
	defer loading.Wait()
	loading.Go(func() { s.load(ctx) })
	return s.watch(ctx, every)
}

// calmed is what the process holds when nothing has been asked for a while.
func (s *soak) calmed() holding {
	s.Helper()
	client.CloseIdleConnections()
	pauseFor(s.Context(), calm)
	now := s.held()
	now.At = time.Since(s.began)
	s.Logf("calm: %v", now)
	return now
}

// load makes one change each 1/soakRate of a second until ctx ends, whatever the
// ones before took; what a busy machine held up is made up for.
func (s *soak) load(ctx context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	began := time.Now()
	for n := 0; ; n++ {
		pauseFor(ctx, time.Until(began.Add(time.Duration(n)*time.Second/soakRate)))
		if ctx.Err() != nil {
			return
		}
		under.Go(func() { s.change(s.customers[n%soakTenants]) })
	}
}

// change changes the tenant's next user. One in fifty leaves and comes back
// instead, so that tombstones and re-hires are among it.
func (s *soak) change(who *soaked) {
	who.mu.Lock()
	defer who.mu.Unlock()
	at := who.n % soakUsers
	who.n++
	if who.n%50 == 0 {
		s.send(http.MethodDelete, who.base+"/"+who.ids[at], who.token, nil)
		if user := s.send(http.MethodPost, who.base, who.token, joiner(userName(at))); user != nil {
			who.ids[at] = fmt.Sprint(user["id"])
		}
		return
	}
	s.send(http.MethodPatch, who.base+"/"+who.ids[at], who.token, replaced("displayName", fmt.Sprint(who.n)))
}

func (s *soak) send(method, url, token string, body any) map[string]any {
	status, answer := call(context.WithoutCancel(s.Context()), method, url, token, body)
	if status < 200 || status > 299 {
		s.failed.Add(1)
		return nil
	}
	s.acked.Add(1)
	return answer
}

// rest waits until every account is what its tenant is.
func (s *soak) rest() {
	s.Helper()
	for _, who := range s.customers {
		base := who.base[:len(who.base)-len("/Users")]
		eventually(s, time.Minute, "the account equals the store", func() bool {
			want, got := list(s.T, base, who.token), list(s.T, who.account, accountToken)
			same := len(want) == len(got)
			for name, n := range want {
				same = same && got[name] == n
			}
			return same
		})
	}
}
