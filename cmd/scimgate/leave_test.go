package main

import (
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestALeavingProcessStillAnswers tells a process to stop under load. /readyz says
// so at once; requests, on kept connections and new ones, are answered for as long
// as those who send them may need to notice, and none is cut off.
func TestALeavingProcessStillAnswers(t *testing.T) {
	p := start(t, append([]string{"serve"}, append(keys(t, t.TempDir()), "--data", ":memory:",
		"--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--lame-duck", "2s")...)...)
	public, admin := p.text(t, "publicURL"), p.text(t, "adminURL")
	must(t, 201, "POST", admin+"/api/v1/tenants", operatorKey, map[string]any{
		"id": "acme", "settings": map[string]any{"limit": map[string]any{"rate": 100000, "burst": 100000}},
	})
	token := must(t, 201, "POST", admin+"/api/v1/tenants/acme/tokens", operatorKey, map[string]any{})["token"].(string)
	stop, failed, asked := make(chan struct{}), atomic.Int64{}, atomic.Int64{}
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for !closed(stop) {
				if status, _ := call(t.Context(), "GET", public+"/t/acme/identity/scim/Users?count=1", token, nil); status != 200 {
					failed.Add(1)
				}
				asked.Add(1)
			}
		})
	}
	told := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Second, "/readyz fails", func() bool { return status(t, "GET", admin+"/readyz", "") == 503 })
	before := asked.Load()
	if got := connectionOf(t, admin+"/healthz"); got != "close" {
		t.Errorf("a leaving process keeps connections: %q", got)
	}
	<-time.After(time.Until(told.Add(1500 * time.Millisecond)))
	close(stop)
	clients.Wait()
	if failed.Load() > 0 || asked.Load() <= before {
		t.Errorf("of %d requests, %d after /readyz failed, %d were not answered", asked.Load(), asked.Load()-before, failed.Load())
	}
	_ = p.cmd.Wait()
	if code, took := p.cmd.ProcessState.ExitCode(), time.Since(told); code != 0 || took < 2*time.Second || took > 15*time.Second {
		t.Errorf("it ended with %d after %v\n%s", code, took, p.stderr)
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// connectionOf returns what an answer says of its connection.
func connectionOf(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.Close {
		return "close"
	}
	return "keep"
}
