package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// earlierBuild makes the program of an earlier commit: the one that
// SCIMGATE_TEST_EARLIER names, else the one before this. Where there is no history, as
// in a shallow clone, it is this build once more, and commit says so.
func earlierBuild(t *testing.T) (binary, commit string) {
	t.Helper()
	dir := t.TempDir()
	binary = filepath.Join(dir, "scimgate")
	root, commit := root(t), earlierCommit(t)
	source := root
	if commit == "" {
		commit = "this build (no earlier one is known here)"
	} else {
		source = filepath.Join(dir, "source")
		if err := os.Mkdir(source, 0o700); err != nil {
			t.Fatal(err)
		}
		output(t, root, "sh", "-c", fmt.Sprintf("git archive %s | tar -x -C %s", commit, source))
	}
	output(t, source, "env", "GOFLAGS=", "go", "build", "-o", binary, "./cmd/scimgate") // the flags of this test are not its own
	return binary, commit
}

// earlierCommit returns the commit to build, "" if there is none.
func earlierCommit(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("SCIMGATE_TEST_EARLIER"); named != "" {
		return output(t, root(t), "git", "rev-parse", "--short", "--verify", named+"^{commit}")
	}
	cmd := exec.Command("git", "rev-parse", "--short", "--verify", "--quiet", "HEAD~1")
	cmd.Dir = root(t)
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// output runs a program that must succeed and returns what it printed.
func output(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// writers change users and groups through all gateways at once, and remember what
// was acknowledged.
type writers struct {
	*testing.T
	gateways []string // base URLs
	token    string
	acked    sync.Map // user name → title that it has
	failed   atomic.Int64
	n        atomic.Int64
}

// write goes on until stop: each user is made by one build and changed by the other.
func (w *writers) write(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case <-time.After(20 * time.Millisecond):
		}
		i := w.n.Add(1)
		name := fmt.Sprintf("two%05d@example.com", i)
		first, second := w.gateways[int(i)%len(w.gateways)], w.gateways[int(i+1)%len(w.gateways)]
		status, made := call(w.Context(), "POST", first+"/Users", w.token, newUser(name))
		if status != 201 {
			w.failed.Add(1)
			continue
		}
		status, _ = call(w.Context(), "PATCH", second+"/Users/"+fmt.Sprint(made["id"]), w.token, map[string]any{
			"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
			"Operations": []any{map[string]any{"op": "replace", "path": "title", "value": name}},
		})
		if status != 200 {
			w.failed.Add(1)
			continue
		}
		w.acked.Store(name, made["id"])
	}
}

// Promise 33: an earlier build and this one serve one store together, under load and
// with settings changed through both; the newer one is then rolled back. Nothing that
// was acknowledged is lost, no request fails, and the account has all of it.
func TestTwoBuildsAtWork(t *testing.T) {
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		each := time.Second // for each phase
		if long(t) > 0 {
			each = 5 * time.Second
		}
		binary, commit := earlierBuild(t)
		f := newFleet(t, false)
		serve := func(role string) []string { return append([]string{"serve", "--json", "--role", role}, f.flags...) }
		old := run(t, exec.Command(binary, serve("gateway")...))
		oldDelivery := run(t, exec.Command(binary, serve("delivery")...))
		token := enroll(t, old, f.account)
		api := old.text(t, "adminURL") + "/api/v1/tenants/acme"
		must(t, 200, "PATCH", api, operatorKey, map[string]any{"settings": map[string]any{"limit": map[string]any{"rate": 10000, "burst": 10000}, "guard": map[string]any{"off": true}}})

		w := &writers{T: t, token: token, gateways: []string{tenantURL(t, old)}}
		phase := func(what string, gateways ...*process) {
			w.gateways = nil
			for _, p := range gateways {
				w.gateways = append(w.gateways, tenantURL(t, p))
			}
			stop := make(chan struct{})
			var writing sync.WaitGroup
			for range 4 {
				writing.Go(func() { w.write(stop) })
			}
			<-time.After(each)
			close(stop)
			writing.Wait()
			t.Logf("%s: %d changes so far, %d failed", what, w.n.Load(), w.failed.Load())
		}
		phase("the earlier build alone", old)
		fresh, freshDelivery := f.run("gateway"), f.run("delivery")
		phase("both", old, fresh)
		newAPI := fresh.text(t, "adminURL") + "/api/v1/tenants/acme"
		must(t, 200, "PATCH", newAPI, operatorKey, map[string]any{"settings": map[string]any{"limits": map[string]any{"write": map[string]any{"rate": 9000, "burst": 9000}}}})
		must(t, 200, "PATCH", api, operatorKey, map[string]any{"displayName": "renamed by " + commit})
		phase("both, settings changed through both", fresh, old)
		if code := fresh.stop(t) + freshDelivery.stop(t); code != 0 {
			t.Errorf("the newer build ends with %d: %s", code, fresh.stderr)
		}
		phase("rolled back", old)
		_ = oldDelivery

		if w.failed.Load() > 0 {
			t.Errorf("%d changes failed", w.failed.Load())
		}
		lost, all := 0, 0
		w.acked.Range(func(name, id any) bool {
			all++
			status, user := call(t.Context(), "GET", fmt.Sprintf("%s/Users/%s", tenantURL(t, old), id), token, nil)
			if status != 200 || user["userName"] != name || user["title"] != name {
				lost++
			}
			return true
		})
		eventually(t, 2*time.Minute, "everything is delivered", func() bool {
			due := must(t, 200, "GET", api+"/deliveries?state=due", operatorKey, nil)
			return len(due["items"].([]any)) == 0
		})
		parked := must(t, 200, "GET", api+"/deliveries?state=parked", operatorKey, nil)
		t.Logf("%s and this build: %d changes acknowledged, %d lost, %d parked", commit, all, lost, len(parked["items"].([]any)))
		if lost > 0 || len(parked["items"].([]any)) > 0 || all == 0 {
			t.Error("something is lost")
		}
	})
}
