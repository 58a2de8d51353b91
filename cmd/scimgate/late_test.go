package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestLateAccount has an account cut half of all changes off and apply them later,
// up to a minute in the long form, up to 2 s in the short one, with real time,
// sockets and processes. It never ends stale. (connectors/delivery plays the
// minute in a moment, with many more stories.)
func TestLateAccount(t *testing.T) {
	t.Parallel()
	latest, over := 2*time.Second, 3*time.Second
	if long(t) > 0 {
		latest, over = time.Minute, 2*time.Minute
	}
	account := start(t, "sandbox", "--listen", "127.0.0.1:0", "--fault", fmt.Sprintf("late=delay=0s,jitter=%v,share=0.5", latest))
	dir := t.TempDir()
	p := start(t, append([]string{
		"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data", ":memory:",
		"--outbound.loopback", "--outbound.late", latest.String(), "--log-level", "error",
	}, keys(t, dir)...)...)
	token := enroll(t, p, account)
	ctx, cancel := context.WithTimeout(t.Context(), over)
	defer cancel()
	l := newLedger()
	var writers sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for ctx.Err() == nil {
				for i := w; i < 80 && ctx.Err() == nil; i += 8 {
					l.next(ctx, tenantURL(t, p), token, userName(i))
					pauseFor(ctx, 100*time.Millisecond)
				}
			}
		})
	}
	writers.Wait()
	account.fails(t)
	eventually(t, 5*time.Minute, "nothing is owed, and nothing can land any more", func() bool {
		return account.pending(t) == 0 && p.owed(t) == 0
	})
	applied := account.late(t, "applied")
	want := list(t, tenantURL(t, p), token)
	got := list(t, account.text(t, "sandboxURL"), account.text(t, "sandboxToken"))
	stale := 0
	for name, n := range want {
		if got[name] != n {
			stale++
		}
	}
	t.Logf("%d changes acknowledged, %.0f applied up to %v late; of %d users %d are stale", l.total(), applied, latest, len(want), stale)
	if stale > 0 || len(got) != len(want) || applied == 0 {
		t.Errorf("the account has %d users, the tenant %d; %d are stale, %.0f came late", len(got), len(want), stale, applied)
	}
}

// late is a count of the requests that the sandbox cut off.
func (p *process) late(t *testing.T, what string) float64 {
	t.Helper()
	at := strings.TrimSuffix(p.text(t, "sandboxURL"), "/identity/scim") + "/faults"
	counters := must(t, 200, "GET", at, p.text(t, "sandboxToken"), nil)["counters"].(map[string]any)
	n, _ := counters["late"].(map[string]any)[what].(float64)
	return n
}

func (p *process) pending(t *testing.T) float64 {
	t.Helper()
	return p.late(t, "pending")
}

// owed is how many of acme's users are due, at most a page of them.
func (p *process) owed(t *testing.T) int {
	t.Helper()
	due := must(t, 200, "GET", p.text(t, "adminURL")+"/api/v1/tenants/acme/deliveries?state=due", operatorKey, nil)
	items, _ := due["items"].([]any)
	return len(items)
}
