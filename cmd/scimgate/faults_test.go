package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestAccountFaultsStayBehindUs plays a client while its account fails in every
// way. Whatever the account answers us, the client is answered as if all were
// well, or 503: never 401 or 404, for which Entra would quarantine the customer
// (vector 77). When the account is well again, it gets everything.
func TestAccountFaultsStayBehindUs(t *testing.T) {
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	p := start(t, serving(t, t.TempDir(), "--data", ":memory:")...)
	token := enroll(t, p, account)
	base, tenant := tenantURL(t, p), p.text(t, "adminURL")+"/api/v1/tenants/acme"
	id := must(t, 201, "POST", base+"/Users", token, joiner(userName(0)))["id"]
	user := fmt.Sprint(base, "/Users/", id)
	newLedger().reaches(t, p, account, token)
	for i, fault := range []string{
		`{"name":"refused-token","args":{"status":"401"}}`, `{"name":"refused-token","args":{"status":"403"}}`,
		`{"name":"error","args":{"status":"500"}}`,
		`{"name":"error","args":{"status":"503","retryAfter":"99999"}}`, `{"name":"throttled","args":{"retryAfter":"abc"}}`,
		`{"name":"page"}`, `{"name":"reset"}`, `{"name":"hang"}`,
	} {
		account.fails(t, fault)
		must(t, 200, "PATCH", tenant, operatorKey, map[string]any{"displayName": fmt.Sprint(i)}) // an open gate
		must(t, 200, "PATCH", user, token, replaced("displayName", fmt.Sprint(10*i+1)))
		eventually(t, 20*time.Second, "the account has failed: "+fault, func() bool { return account.failed(t) })
		must(t, 200, "GET", user, token, nil)
		must(t, 200, "PATCH", user, token, replaced("displayName", fmt.Sprint(10*i+2)))
		must(t, 404, "GET", base+"/Users/nobody", token, nil)
	}
	account.fails(t)
	must(t, 200, "PATCH", tenant, operatorKey, map[string]any{"displayName": "well again"})
	newLedger().reaches(t, p, account, token)
}

// fails sets the sandbox's faults, as JSON, in the place of those it had.
func (p *process) fails(t *testing.T, faults ...string) {
	t.Helper()
	at := strings.TrimSuffix(p.text(t, "sandboxURL"), "/identity/scim") + "/faults"
	all := "[" + strings.Join(faults, ",") + "]"
	must(t, 200, "PUT", at, p.text(t, "sandboxToken"), map[string]any{"faults": raw(all)})
}

// failed reports whether the sandbox has met one of its faults.
func (p *process) failed(t *testing.T) bool {
	t.Helper()
	at := strings.TrimSuffix(p.text(t, "sandboxURL"), "/identity/scim") + "/faults"
	set, _ := must(t, 200, "GET", at, p.text(t, "sandboxToken"), nil)["faults"].([]any)
	met, _ := set[0].(map[string]any)["met"].(float64)
	return met > 0
}

// serving is the arguments of a serve on this machine, with keys in dir.
func serving(t *testing.T, dir string, flags ...string) []string {
	t.Helper()
	args := []string{
		"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--outbound.loopback", "--outbound.late", "1s", "--log-level", "error",
	}
	return append(append(args, keys(t, dir)...), flags...)
}

// TestTermFinishesWhatIsUnderWay tells serve to stop while requests are half sent
// and pushes wait for their answer. Each request is answered, each push is noted:
// after a restart nothing is sent twice.
func TestTermFinishesWhatIsUnderWay(t *testing.T) {
	dir := t.TempDir()
	account := start(t, "sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=delay=400ms,method=POST")
	serve := serving(t, dir, "--data", dir)
	p := start(t, serve...)
	token := enroll(t, p, account)
	for i := range 8 {
		must(t, 201, "POST", tenantURL(t, p)+"/Users", token, joiner(userName(i)))
	}
	eventually(t, 10*time.Second, "pushes are under way", func() bool { return account.requests(t, "POST") > 0 })
	var halves []*half
	for i := range 8 {
		halves = append(halves, sendHalf(t, tenantURL(t, p)+"/Users", token, joiner(userName(100+i))))
	}
	<-time.After(100 * time.Millisecond)
	stopped := make(chan int, 1)
	go func() { stopped <- p.stop(t) }()
	<-time.After(300 * time.Millisecond)
	for _, h := range halves {
		if status := h.finish(t); status != 201 {
			t.Errorf("a request under way was answered %d", status)
		}
	}
	if status := <-stopped; status != 0 {
		t.Errorf("exit status %d\n%s", status, p.stderr)
	}
	p = start(t, serve...)
	newLedger().reaches(t, p, account, token)
	if n := account.requests(t, "POST"); n != 16 {
		t.Errorf("the account was told of 16 users %d times", n)
	}
}
