package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	crashRounds = 20
	crashUsers  = 500
)

// TestKill9LosesNothing kills `serve` in the middle of concurrent creates and
// patches, again and again, on the SQLite file. Each user is written by one
// writer, which counts in displayName, so that what the gateway answered for and
// what it holds can be compared exactly: it must hold at least the last count
// acknowledged, and at most the last one sent.
func TestKill9LosesNothing(t *testing.T) {
	dir := t.TempDir()
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	serve := serving(t, dir, "--data", dir)
	p := start(t, serve...)
	token := enroll(t, p, account)

	ledger := newLedger()
	for round := range crashRounds {
		deadline := time.Duration(100+rand.IntN(400)) * time.Millisecond
		ctx, cut := context.WithCancel(t.Context())
		base := tenantURL(t, p)
		var writers sync.WaitGroup
		for w := range 32 {
			writers.Go(func() { ledger.write(ctx, base, token, w, 32) })
		}
		<-time.After(deadline)
		p.kill()
		cut()
		writers.Wait()

		p = start(t, serve...)
		if lost := ledger.lost(t, tenantURL(t, p), token); len(lost) > 0 {
			t.Fatalf("round %d: %d acknowledged changes lost: %v", round, len(lost), lost)
		}
	}
	t.Logf("%d kills, %d changes acknowledged, none lost", crashRounds, ledger.total())
	ledger.reaches(t, p, account, token)
}

func tenantURL(t *testing.T, p *process) string {
	t.Helper()
	return p.text(t, "publicURL") + "/t/acme/identity/scim"
}

// enroll makes the tenant acme with the sandbox as its account, and returns a
// token.
func enroll(t *testing.T, p, account *process) string {
	t.Helper()
	return enrollAs(t, p, account, "acme")
}

func enrollAs(t *testing.T, p, account *process, id string) string {
	t.Helper()
	api := p.text(t, "adminURL") + "/api/v1/tenants"
	must(t, 201, "POST", api, operatorKey, map[string]any{
		"id": id, "displayName": id, "settings": map[string]any{"limit": map[string]any{"rate": 10000, "burst": 10000}},
	})
	must(t, 200, "PUT", api+"/"+id+"/connections/appspace", operatorKey, map[string]any{
		"kind": "appspace", "settings": map[string]any{"baseURL": account.text(t, "sandboxURL"), "token": account.text(t, "sandboxToken")},
	})
	answer := must(t, 201, "POST", api+"/"+id+"/tokens", operatorKey, map[string]any{"label": "test"})
	token, ok := answer["token"].(string)
	if !ok {
		t.Fatalf("no token in %v", answer)
	}
	return token
}

// ledger is what the writers sent and what they were answered.
type ledger struct {
	mu    sync.Mutex
	users map[string]*written
}

type written struct {
	id          string
	acked, sent int
}

func newLedger() *ledger {
	l := &ledger{users: map[string]*written{}}
	for i := range crashUsers {
		l.users[userName(i)] = &written{}
	}
	return l
}

// write creates and patches every n-th user, beginning with the w-th, until ctx
// ends.
func (l *ledger) write(ctx context.Context, base, token string, w, n int) {
	for ctx.Err() == nil {
		for i := w; i < crashUsers && ctx.Err() == nil; i += n {
			l.next(ctx, base, token, userName(i))
		}
	}
}

func (l *ledger) next(ctx context.Context, base, token, name string) {
	u, count := l.send(name)
	display := strconv.Itoa(count)
	if u.id == "" {
		user := joiner(name)
		user["displayName"] = display
		status, answer := call(ctx, "POST", base+"/Users", token, user)
		if status == 201 {
			l.ack(name, answer["id"].(string), count)
		}
		return
	}
	status, _ := call(ctx, "PATCH", base+"/Users/"+u.id, token, replaced("displayName", display))
	if status == 200 {
		l.ack(name, u.id, count)
	}
}

func (l *ledger) send(name string) (written, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.users[name]
	u.sent++
	return *u, u.sent
}

func (l *ledger) ack(name, id string, count int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.users[name]
	u.id, u.acked = id, max(u.acked, count)
}

// lost compares every user with the ledger after a restart. A user created
// without an answer is adopted by its name, as Entra does.
func (l *ledger) lost(t *testing.T, base, token string) []string {
	t.Helper()
	var lost []string
	for name, u := range l.users {
		found := lookUp(t, base, token, name)
		switch {
		case found == nil && u.acked > 0:
			lost = append(lost, name+" is gone")
		case found == nil:
			continue
		case u.id != "" && found["id"] != u.id:
			lost = append(lost, name+" has another id")
		case count(found) < u.acked || count(found) > u.sent:
			lost = append(lost, fmt.Sprintf("%s holds %d, acknowledged %d, sent %d", name, count(found), u.acked, u.sent))
		default:
			u.id = found["id"].(string)
		}
	}
	return lost
}

// reaches waits until the account holds what the gateway holds: each user once,
// none besides.
func (l *ledger) reaches(t *testing.T, p, account *process, token string) {
	t.Helper()
	want := list(t, tenantURL(t, p), token)
	var got map[string]int
	eventually(t, 60*time.Second, "the account equals the store", func() bool {
		got = list(t, account.text(t, "sandboxURL"), account.text(t, "sandboxToken"))
		if len(got) != len(want) {
			return false
		}
		for name, n := range want {
			if got[name] != n {
				return false
			}
		}
		return true
	})
	t.Logf("the account holds all %d users", len(got))
}

// list reads all users page by page, as Entra's account discovery does, and
// returns their counts by name. A name met twice fails the test.
func list(t *testing.T, base, token string) map[string]int {
	t.Helper()
	users := map[string]int{}
	for start := 1; ; {
		page := must(t, 200, "GET", fmt.Sprintf("%s/Users?startIndex=%d&count=100", base, start), token, nil)
		resources, _ := page["Resources"].([]any)
		for _, r := range resources {
			user := r.(map[string]any)
			name := user["userName"].(string)
			if _, twice := users[name]; twice {
				t.Fatalf("%s is there twice", name)
			}
			users[name] = count(user)
		}
		if len(resources) == 0 || start+len(resources) > int(page["totalResults"].(float64)) {
			return users
		}
		start += len(resources)
	}
}

func lookUp(t *testing.T, base, token, name string) map[string]any {
	t.Helper()
	page := must(t, 200, "GET", base+"/Users?filter="+url.QueryEscape(`userName eq "`+name+`"`), token, nil)
	resources, _ := page["Resources"].([]any)
	if len(resources) == 0 {
		return nil
	}
	if len(resources) > 1 {
		t.Fatalf("%s is there %d times", name, len(resources))
	}
	return resources[0].(map[string]any)
}

func count(user map[string]any) int {
	text, _ := user["displayName"].(string)
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return -1
	}
	return n
}

func (l *ledger) total() int {
	n := 0
	for _, u := range l.users {
		n += u.acked
	}
	return n
}
