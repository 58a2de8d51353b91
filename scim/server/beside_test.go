package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// distant is a limiter that takes its time, and may know that it will say yes.
type distant struct {
	decision ratelimit.Decision
	roomy    bool
	takes    time.Duration
}

func (l distant) Take(context.Context, string, ratelimit.Limit, int) (ratelimit.Decision, error) {
	<-time.After(l.takes)
	return l.decision, nil
}

func (l distant) Roomy(string, ratelimit.Limit) bool { return l.roomy }

// rack is a store of one user that takes its time. It counts how often it is asked
// for anything, and knows nobody by another id.
type rack struct {
	directory.Store
	takes time.Duration
	asked *int
}

const racked = "01900000-0000-7000-8000-000000000001"

func (s rack) List(context.Context, tenant.ID, directory.Query) (*directory.Page, error) {
	*s.asked++
	<-time.After(s.takes)
	return new(directory.Page), nil
}

func (s rack) Get(_ context.Context, _ tenant.ID, ref directory.Ref) (*scim.Resource, error) {
	*s.asked++
	<-time.After(s.takes)
	if ref.ID != racked {
		return nil, directory.ErrNotFound
	}
	return scim.StoredResource(ref.Kind, ref.ID, 7, []byte(`{"userName":"ana@example.com"}`)), nil
}

func (s rack) GroupsOf(context.Context, tenant.ID, []string) (map[string][]directory.Member, error) {
	*s.asked++
	return nil, nil
}

func (s rack) Create(context.Context, tenant.ID, *scim.Resource, []tenant.Slot) error {
	*s.asked++
	return nil
}

func (s rack) Update(context.Context, tenant.ID, directory.Ref, []tenant.Slot, directory.Edit) (*scim.Resource, error) {
	*s.asked++
	return nil, directory.ErrNotFound
}

func (s rack) Delete(context.Context, tenant.ID, directory.Ref, []tenant.Slot, directory.Check) error {
	*s.asked++
	return nil
}

// behind serves a tenant from a rack behind a limiter.
func behind(l distant, takes time.Duration) (h http.Handler, id string, asked *int) {
	account := newTenant()
	asked = new(int)
	return mounted(&server.Server{Store: rack{takes: takes, asked: asked}, Accounts: tenants{account.ID: account}, Limits: l}), string(account.ID), asked
}

// sent sends a request with a body.
func sent(t *testing.T, h http.Handler, method, id, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "/t/"+id+"/identity/scim"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+id)
	r.Header.Set("Content-Type", "application/scim+json")
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

var allowed, refused = ratelimit.Decision{Allowed: true, Remaining: 5}, ratelimit.Decision{RetryAfter: 3 * time.Second}

// reads are requests that only read.
var reads = []struct {
	path   string
	status int
}{
	{"/Users/" + racked, 200},
	{"/Users?filter=userName+eq+%22a%22", 200},
	{"/Groups", 200},
	{"/", 200},
	{"/Users/0190", 404},
	{"/Users?filter=userName+eq", 400},
	{"/Nothing", 404},
	{"/Bulk", 405},
	{"/Me", 501},
}

// The limiter is asked while the store reads: the slower of the two is all that a
// request waits for.
func TestTheLimiterIsAskedBesideTheStore(t *testing.T) {
	const round = 10 * time.Millisecond
	for _, c := range []struct {
		name         string
		roomy        bool
		limiter, all time.Duration
	}{
		{"the limiter is slower", true, 4 * round, 4 * round},
		{"the store is slower", true, round / 2, round},
		{"one after the other, where there may be no room", false, 4 * round, 5 * round},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, id, _ := behind(distant{decision: allowed, roomy: c.roomy, takes: c.limiter}, round)
			began := time.Now()
			got := from(t, h, "192.0.2.1:1", "GET", id, "/Users/"+racked, id)
			if took := time.Since(began); got.Code != 200 || took != c.all || got.Header().Get("RateLimit") == "" {
				t.Errorf("%s: %d after %v, want %v; RateLimit %q", c.name, got.Code, took, c.all, got.Header().Get("RateLimit"))
			}
		})
	}
}

// What the store said is not told to who is refused, whether it said it before the
// limiter or after.
func TestARefusalBesideTheStoreTellsNothing(t *testing.T) {
	for _, method := range []string{"GET", "HEAD"} {
		for _, read := range reads {
			for name, takes := range map[string]time.Duration{"limiter first": 0, "store first": time.Second} {
				synctest.Test(t, func(t *testing.T) {
					h, id, _ := behind(distant{decision: allowed, roomy: true, takes: takes}, 10*time.Millisecond)
					if got := from(t, h, "192.0.2.1:1", method, id, read.path, id); got.Code != read.status {
						t.Errorf("%s %s allowed, %s: %d, want %d", method, read.path, name, got.Code, read.status)
					}
					h, id, _ = behind(distant{decision: refused, roomy: true, takes: takes}, 10*time.Millisecond)
					got := from(t, h, "192.0.2.1:1", method, id, read.path, id)
					headers := got.Header()
					if got.Code != 429 || headers.Get("Retry-After") != "3" || strings.Contains(got.Body.String(), "ana") ||
						headers.Get("ETag")+headers.Get("Location")+headers.Get("Allow") != "" {
						t.Errorf("%s %s refused, %s: %d %v %s", method, read.path, name, got.Code, headers, got.Body)
					}
				})
			}
		}
	}
}

// Nothing but a read reaches the store before the limiter has let it in.
func TestChangesWaitForTheLimiter(t *testing.T) {
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana@example.com"}`
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/Users", user},
		{"POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`},
		{"POST", "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":` + user + `}]}`},
		{"PUT", "/Users/" + racked, user},
		{"PATCH", "/Users/" + racked, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`},
		{"DELETE", "/Users/" + racked, ""},
		{"OPTIONS", "/Users", ""},
	} {
		for decision, heard := range map[ratelimit.Decision]bool{allowed: c.method != "OPTIONS", refused: false} {
			synctest.Test(t, func(t *testing.T) {
				h, id, asked := behind(distant{decision: decision, roomy: true, takes: time.Second}, 0)
				got := sent(t, h, c.method, id, c.path, c.body)
				if (*asked > 0) != heard || (got.Code == 429) == decision.Allowed {
					t.Errorf("%s %s, allowed %v: %d, the store was asked %d times", c.method, c.path, decision.Allowed, got.Code, *asked)
				}
			})
		}
	}
}

// Where there may be no room, the store hears nothing of who is refused.
func TestAFloodIsRefusedBeforeTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, id, asked := behind(distant{decision: refused}, 0)
		for _, read := range reads {
			if got := from(t, h, "192.0.2.1:1", "GET", id, read.path, id); got.Code != 429 || *asked > 0 {
				t.Errorf("%s: %d, the store was asked %d times", read.path, got.Code, *asked)
			}
		}
	})
}

// Who is paced after all is held, and answered then.
func TestPacingBesideTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, id, _ := behind(distant{decision: ratelimit.Decision{Allowed: true, Wait: time.Second}, roomy: true}, 10*time.Millisecond)
		began := time.Now()
		got := from(t, h, "192.0.2.1:1", "GET", id, "/Users/"+racked, id)
		if took := time.Since(began); got.Code != 200 || took != time.Second+10*time.Millisecond {
			t.Errorf("%d after %v", got.Code, took)
		}
	})
}
