package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// watcher writes down what it sees.
type watcher struct {
	mu    sync.Mutex
	lines []string
}

type watchedKey struct{}

func (w *watcher) Begin(ctx context.Context, _ *http.Request, id string) (context.Context, string) {
	return context.WithValue(ctx, watchedKey{}, id), "trace-of-" + id
}

func (w *watcher) Decided(lane server.Lane, v server.Verdict) { w.note(string(lane) + " " + string(v)) }

func (w *watcher) End(ctx context.Context, a server.Answered) {
	id, _ := ctx.Value(watchedKey{}).(string)
	w.note(strings.Join([]string{id, a.Method, a.Route, http.StatusText(a.Status), string(a.Tenant)}, " "))
	if a.Took <= 0 || a.Gone {
		w.note("took no time, or the client had left")
	}
}

func (w *watcher) note(line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line)
}

// Whoever watches sees templates, verdicts and statuses, and a change bears the
// trace that it was given.
func TestWatch(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			one := newTenant()
			w := new(watcher)
			h := mounted(&server.Server{
				Store: store, Accounts: tenants{one.ID: one}, Limits: ratelimit.NewLocal(), PublicURL: publicURL, Watch: w,
			})
			send := func(id, method, path, token, body string) {
				r := httptest.NewRequest(method, "/t/"+string(one.ID)+"/identity/scim"+path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Content-Type", "application/scim+json")
				r.Header.Set("Client-Request-Id", id)
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			send("r1", "POST", "/Users", string(one.ID), `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana"}`)
			send("r2", "GET", "/Users/secret-id", string(one.ID), "")
			send("r3", "TRACE", "/Users", "wrong", "")
			send("r4", "GET", "/Nothing/x/y", string(one.ID), "")
			send("r5", "GET", "/Schemas", string(one.ID), "")
			want := []string{
				"write allowed", "r1 POST /Users Created " + string(one.ID),
				"read allowed", "r2 GET /Users/{id} Not Found " + string(one.ID),
				"network allowed", "r3 TRACE  Unauthorized ",
				"read allowed", "r4 GET  Not Found " + string(one.ID),
				"reserved allowed", "r5 GET /Schemas OK " + string(one.ID),
			}
			if !slices.Equal(w.lines, want) {
				t.Errorf("saw\n%s\nwant\n%s", strings.Join(w.lines, "\n"), strings.Join(want, "\n"))
			}
			if trace := traceOfOnly(t, store, one.ID); trace != "trace-of-r1" {
				t.Errorf("the change bears the trace %q", trace)
			}
		})
	}
}

// traceOfOnly claims the tenant's only resource.
func traceOfOnly(t *testing.T, store directory.Store, id tenant.ID) string {
	t.Helper()
	work := store.(directory.Deliveries)
	items, err := work.Deliveries(t.Context(), id, 0, directory.Due, 2)
	if err != nil || len(items) != 1 {
		t.Fatalf("due: %v, %v", items, err)
	}
	c, err := work.Claim(t.Context(), id, 0, items[0].Ref, directory.Intent{ID: "i", Op: directory.Updating}, items[0].Delivery.Due)
	if err != nil {
		t.Fatal(err)
	}
	return c.Trace
}
