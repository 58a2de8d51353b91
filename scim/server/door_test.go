package server_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
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

// limiter answers always the same.
type limiter struct {
	decision ratelimit.Decision
	err      error
	asked    *[]string // the keys
}

func (l limiter) Take(_ context.Context, key string, _ ratelimit.Limit, _ int) (ratelimit.Decision, error) {
	if l.asked != nil {
		*l.asked = append(*l.asked, key)
	}
	return l.decision, l.err
}

// get sends one GET with the credential of account.
func get(t *testing.T, s *server.Server, account *tenant.Tenant, path string) *httptest.ResponseRecorder {
	t.Helper()
	s.Accounts, s.PublicURL = tenants{account.ID: account}, publicURL
	return knock(t, mounted(s), "GET", "/t/"+string(account.ID)+"/identity/scim"+path, "Bearer "+string(account.ID))
}

func TestRateLimit(t *testing.T) {
	store := stores(t)["sqlite"]
	cases := []struct {
		name       string
		limits     ratelimit.Store
		status     int
		retryAfter string
	}{
		{"allowed", limiter{decision: ratelimit.Decision{Allowed: true}}, 200, ""},
		{"refused, rounded up", limiter{decision: ratelimit.Decision{RetryAfter: 2100 * time.Millisecond}}, 429, "3"},
		{"refused, for less than a second", limiter{decision: ratelimit.Decision{RetryAfter: time.Millisecond}}, 429, "1"},
		{"refused, without a time", limiter{}, 429, "1"},
		{"no answer: nobody is limited", limiter{err: errors.New("away")}, 200, ""},
		{"none", nil, 200, ""},
	}
	for _, c := range cases {
		got := get(t, &server.Server{Store: store, Limits: c.limits}, newTenant(), "/Users")
		if got.Code != c.status || got.Header().Get("Retry-After") != c.retryAfter {
			t.Errorf("%s: %d, Retry-After %q", c.name, got.Code, got.Header().Get("Retry-After"))
		}
		if c.status == http.StatusTooManyRequests {
			if err := compareError(got.Body.Bytes(), "429", ""); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}

// Strangers cannot use up a tenant's allowance: what they show is charged to their
// network.
func TestOnlyTheTenantIsCharged(t *testing.T) {
	var asked []string
	account := newTenant()
	s := &server.Server{
		Store: stores(t)["sqlite"], Accounts: tenants{account.ID: account},
		Limits: limiter{decision: ratelimit.Decision{Allowed: true}, asked: &asked},
	}
	h := mounted(s)
	path := "/t/" + string(account.ID) + "/identity/scim/Users"
	for range 5 {
		knock(t, h, "GET", path, "Bearer wrong")
	}
	if len(asked) != 5 || slices.ContainsFunc(asked, func(key string) bool { return strings.HasPrefix(key, string(account.ID)) }) {
		t.Errorf("charged %v for bad credentials", asked)
	}
	asked = nil
	knock(t, h, "GET", path, "Bearer "+string(account.ID))
	if !slices.Equal(asked, []string{string(account.ID) + "/read"}) {
		t.Errorf("charged %v for one request", asked)
	}
}

// empty is a store without anything in it, for what does not get to a store.
type empty struct{ directory.Store }

func (empty) List(context.Context, tenant.ID, directory.Query) (*directory.Page, error) {
	return new(directory.Page), nil
}

// Over its limit a request is held, for exactly as long as it must.
func TestPacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server.Server{Store: empty{}, Limits: limiter{decision: ratelimit.Decision{Allowed: true, Wait: 1500 * time.Millisecond}}}
		start := time.Now()
		if got := get(t, s, newTenant(), "/Users"); got.Code != http.StatusOK {
			t.Errorf("held: %d", got.Code)
		}
		if held := time.Since(start); held != 1500*time.Millisecond {
			t.Errorf("held for %v", held)
		}
	})
}

// A client that goes away while it is held is not served.
func TestPacingEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := newTenant()
		h := mounted(&server.Server{
			Store: empty{}, Accounts: tenants{account.ID: account},
			Limits: limiter{decision: ratelimit.Decision{Allowed: true, Wait: 2 * time.Second}},
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, "GET", "/t/"+string(account.ID)+"/identity/scim/Users", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+string(account.ID))
		start := time.Now()
		h.ServeHTTP(httptest.NewRecorder(), r)
		if held := time.Since(start); held != time.Second {
			t.Errorf("held for %v after the client had gone", held)
		}
	})
}

// faulty answers everything with its error, or panics with its word.
type faulty struct {
	directory.Store
	err   error
	panic any
}

func (f faulty) Get(context.Context, tenant.ID, directory.Ref) (*scim.Resource, error) {
	if f.panic != nil {
		panic(f.panic)
	}
	return nil, f.err
}

func (f faulty) Authenticate(context.Context, string, string) (*tenant.Tenant, error) {
	return nil, f.err
}

// Whatever goes wrong on our side is 503 with Retry-After, also where a lower
// floor's error reads like an answer; the cause is in the log and not in the answer.
func TestOwnFaultIsNever401Or404(t *testing.T) {
	account := newTenant()
	reader := func(f faulty) *server.Server { return &server.Server{Store: f, Accounts: tenants{account.ID: account}} }
	door := func(err error) *server.Server { return &server.Server{Store: empty{}, Accounts: faulty{err: err}} }
	cases := map[string]*server.Server{
		"the store fails":            reader(faulty{err: errors.New("SECRET: disk is full")}),
		"the store is slow":          reader(faulty{err: context.DeadlineExceeded}),
		"too many writers":           reader(faulty{err: directory.ErrContended}),
		"a panic with a text":        reader(faulty{panic: "SECRET"}),
		"a panic with an error":      reader(faulty{panic: fmt.Errorf("SECRET")}),
		"a panic of the runtime":     reader(faulty{panic: runtimeError()}),
		"tenants cannot be read":     door(errors.New("SECRET: no route to host")),
		"a tenant is half gone":      door(tenant.ErrNotFound),
		"an error of another world":  door(scim.Errorf(scim.Uniqueness, "SECRET")),
		"a missing resource instead": door(directory.ErrNotFound),
	}
	for name, s := range cases {
		var log bytes.Buffer
		s.Log = slog.New(slog.NewTextHandler(&log, nil))
		got := knock(t, mounted(s), "GET", "/t/"+string(account.ID)+"/identity/scim/Users/1", "Bearer "+string(account.ID))
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "10" {
			t.Errorf("%s: %d, Retry-After %q", name, got.Code, got.Header().Get("Retry-After"))
		}
		if err := compareError(got.Body.Bytes(), "503", ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if strings.Contains(got.Body.String(), "SECRET") {
			t.Errorf("%s: the answer tells the cause: %s", name, got.Body)
		}
		if !strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("%s: nothing in the log: %s", name, log.String())
		}
		if strings.Contains(log.String(), "SECRET") && strings.HasPrefix(name, "a panic") {
			t.Errorf("%s: the log has the panic's value: %s", name, log.String())
		}
	}
}

func runtimeError() (caught any) {
	defer func() { caught = recover() }()
	var none []int
	return none[len(none)]
}

// What cannot be an id of ours is not asked of a store, which may have its own
// troubles with it.
func TestOddIdsDoNotReachTheStore(t *testing.T) {
	account := newTenant()
	h := newHandler(faulty{panic: "asked"}, account)
	base := "/t/" + string(account.ID) + "/identity/scim/Users/"
	for _, id := range []string{"", "%ff", "%00", "a%00b", "%20", "a/b", "a%2fb", "..%2f..", "%C3%BC", strings.Repeat("a", 257)} {
		if got := knock(t, h, "GET", base+id, "Bearer "+string(account.ID)); got.Code != http.StatusNotFound {
			t.Errorf("%q: %d", id, got.Code)
		}
	}
}

// The line of a request says what happened and nothing about whom.
func TestLogHasNoPersonalData(t *testing.T) {
	var log bytes.Buffer
	account := newTenant()
	s := &server.Server{Store: stores(t)["sqlite"], Accounts: tenants{account.ID: account}, Log: slog.New(slog.NewTextHandler(&log, nil))}
	p := &player{handler: mounted(s), tenant: account, kept: map[string]string{}}
	p.send(t, "POST /Users?canary1\ncanary-header: canary2\n\n{\"userName\": \"canary3@x.example\", \"canary4\": 1}")
	p.send(t, "POST /Users\n\n{\"userName\": \"canary3@x.example\"}")
	p.send(t, "GET /Users?filter=userName eq \"canary3@x.example\"\n")
	p.send(t, "GET /Users?filter=canary5 eq \"x\"\n")
	p.send(t, "PATCH /Users/canary6\n\n{\"Operations\": [{\"op\": \"replace\", \"path\": \"canary7\", \"value\": \"canary8\"}]}")
	p.send(t, "GET /canary9\nclient-request-id: abc\n")
	p.send(t, "CANARY10 /Users\n")
	if strings.Contains(strings.ToLower(log.String()), "canary") {
		t.Errorf("personal data in the log:\n%s", log.String())
	}
	for _, want := range []string{
		"method=POST route=/Users status=201", "method=POST route=/Users status=409", "route=/Users status=400",
		"method=PATCH route=/Users/{id} status=404", `route="" status=404`, "tenant=" + string(account.ID), "request_id=abc", "duration=",
	} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in the log:\n%s", want, log.String())
		}
	}
}

func TestRequestID(t *testing.T) {
	h := newHandler(empty{}, newTenant())
	for sent, kept := range map[string]bool{
		"5f3b2c8e-7a11-4a55-8c3e-1f0e7d4a9b21": true,
		"a.b_C-9":                              true,
		"":                                     false,
		"two words":                            false,
		"<script>":                             false,
		"ünïcode":                              false,
		strings.Repeat("a", 64):                true,
		strings.Repeat("a", 65):                false,
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", "/t/x/identity/scim/Users", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Client-Request-Id", sent)
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		got := answer.Header().Get("X-Request-Id")
		if kept != (got == sent) || got == "" || len(got) > 64 {
			t.Errorf("%q was sent, %q is answered", sent, got)
		}
	}
}
