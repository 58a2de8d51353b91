package sandbox

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// row is a fault as an HTTP client sees it.
type row struct {
	fault                string
	method, path, body   string // path {user} is that of a user who was there before
	status               int    // 0: no answer
	shows, hides, header string // in the body; "Name: value"
	created, changed     int    // what the account then took, beside the one user
}

var rows = []row{
	{"latency=delay=30ms,jitter=30ms", "GET", "{user}", "", 200, `"Cook"`, "", "", 0, 0},
	{"throttled", "POST", users, other, 429, `"429"`, "", "Retry-After: ", 0, 0},
	{"throttled=retryAfter=30", "POST", users, other, 429, `"429"`, "", "Retry-After: 30", 0, 0},
	{"throttled=retryAfter=-1", "GET", "{user}", "", 429, "", "", "Retry-After: -1", 0, 0},
	{"throttled=retryAfter=99999999999999999999", "GET", "{user}", "", 429, "", "", "Retry-After: 99999999999999999999", 0, 0},
	{"throttled=retryAfter=soon", "GET", "{user}", "", 429, "", "", "Retry-After: soon", 0, 0},
	{"throttled=retryAfter=Tue, 24 Nov 2026 12:00:30 GMT", "GET", "{user}", "", 429, "", "", "Retry-After: Tue, 24 Nov 2026 12:00:30 GMT", 0, 0},
	{"error", "POST", users, other, 500, `"500"`, "", "Content-Type: application/scim+json;charset=utf-8", 0, 0},
	{"error=status=503,retryAfter=7", "POST", users, other, 503, `"503"`, "", "Retry-After: 7", 0, 0},
	{"error=status=504,applied=true", "POST", users, other, 504, `"504"`, "other@", "Location: ", 1, 0},
	{"page", "POST", users, other, 200, "<h1>Sign in", "", "Content-Type: text/html; charset=utf-8", 0, 0},
	{"page=status=201,applied=true", "POST", users, other, 201, "<h1>Sign in", "other@", "", 1, 0},
	{"no-id", "POST", users, other, 201, "other@example.com", `"id"`, "Location: ", 1, 0},
	{"no-id", "GET", "{user}", "", 200, `"id"`, "", "", 0, 0},
	{"reset", "POST", users, other, 0, "", "", "", 0, 0},
	{"reset=when=after", "POST", users, other, 0, "", "", "", 1, 0},
	{"reset=when=after", "PATCH", "{user}", retitled, 0, "", "", "", 0, 1},
	{"put-only", "PATCH", "{user}", retitled, 405, `"405"`, "", "Allow: DELETE, GET, HEAD, OPTIONS, PUT", 0, 0},
	{"put-only=status=501", "PATCH", "{user}", retitled, 501, `"501"`, "", "Allow: ", 0, 0},
	{"put-only", "PUT", "{user}", penny, 200, "penny@", "", "", 0, 1},
	{"no-groups", "GET", Prefix + "/Groups", "", 404, `"404"`, "", "", 0, 0},
	{"no-groups", "GET", Prefix + "/Groups/G1", "", 404, `"404"`, "", "", 0, 0},
	{"no-groups", "GET", Prefix + "/ResourceTypes/Group", "", 404, `"404"`, "", "", 0, 0},
	{"no-groups", "GET", Prefix + "/ResourceTypes", "", 200, `"totalResults":1`, `/Groups"`, "", 0, 0},
	{"no-groups", "GET", "{user}", "", 200, "penny@", "", "", 0, 0},
	{"refused-token", "GET", "{user}", "", 401, `"401"`, "penny", `WWW-Authenticate: Bearer realm="sandbox", error="invalid_token"`, 0, 0},
	{"refused-token=status=403", "POST", users, other, 403, `"403"`, "", "", 0, 0},
	{"string-booleans", "GET", "{user}", "", 200, `"active":"True"`, "true", "", 0, 0},
	{"string-booleans", "GET", lookUp("penny@example.com"), "", 200, `"primary":"True"`, "true", "", 0, 0},
	{"flat-manager", "GET", "{user}", "", 200, `"manager":"M1"`, `"value":"M1"`, "", 0, 0},
	{"flat-manager", "GET", users, "", 200, `"manager":"M1"`, `"value":"M1"`, "", 0, 0},
	{"hidden-attribute", "GET", "{user}", "", 200, "penny@", "Cook", "", 0, 0},
	{"hidden-attribute=attribute=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "GET", users, "", 200, "penny@", "manager", "", 0, 0},
	{"no-content", "PATCH", "{user}", retitled, 204, "", "title", "Content-Type: ", 0, 1},
	{"no-content", "PUT", "{user}", penny, 204, "", "title", "", 0, 1},
	{"no-content", "GET", "{user}", "", 200, "penny@", "", "", 0, 0},
	{"no-content", "PATCH", users + "/nobody", retitled, 404, `"404"`, "", "", 0, 0},
	{"delete-suspends", "DELETE", "{user}", "", 204, "", "penny", "", 0, 1},
	{"delete-suspends", "DELETE", users + "/nobody", "", 404, `"404"`, "", "", 0, 0},
	{"unfiltered", "GET", lookUp("nobody@example.com"), "", 200, "penny@", "", "", 0, 0},
	{"lookup-404", "GET", lookUp("nobody@example.com"), "", 404, `"404"`, "", "", 0, 0},
	{"lookup-404", "GET", lookUp("penny@example.com"), "", 200, "penny@", "", "", 0, 0},
	{"lookup-404", "GET", users, "", 200, "penny@", "", "", 0, 0},
	{"bare-errors", "POST", users, penny, 409, "Conflict", "{", "Content-Type: text/plain; charset=utf-8", 0, 0},
	{"bare-errors", "GET", "{user}", "", 200, "penny@", "", "", 0, 0},
	{"duplicate", "POST", users, penny, 500, `"500"`, "uniqueness", "", 0, 0},
	{"duplicate=status=400", "POST", users, penny, 400, `"400"`, "uniqueness", "", 0, 0},
	{"duplicate", "POST", users, other, 201, "other@", "", "", 1, 0},
}

func TestFaultsAsAClientSeesThem(t *testing.T) {
	tried := map[string]bool{"hang": true, "certificate": true, "late": true} // in tests of their own
	for _, row := range rows {
		name, _, _ := strings.Cut(row.fault, "=")
		tried[name] = true
		t.Run(row.fault+" "+row.method, func(t *testing.T) {
			s := newStage(t)
			user := s.add()
			s.fail(row.fault)
			row.judge(s, s.ask(row.method, strings.ReplaceAll(row.path, "{user}", user), row.body))
			s.healthy(user)
		})
	}
	for _, k := range FaultKinds {
		if !tried[k.Name] {
			t.Errorf("%s is not tried", k.Name)
		}
	}
}

func (r row) judge(s *stage, got said) {
	s.Helper()
	if got.status != r.status || (got.err == nil) != (r.status != 0) {
		s.Fatalf("%+v", got)
	}
	if !strings.Contains(got.body, r.shows) || r.hides != "" && strings.Contains(got.body, r.hides) {
		s.Errorf("body %s", got.body)
	}
	if name, want, ok := strings.Cut(r.header, ": "); ok && got.header.Get(name) != want {
		s.Errorf("%s is %q", name, got.header.Get(name))
	}
	taken := s.box.Counters().Taken["Users"]
	if taken.Created != 1+r.created || taken.Changed != r.changed {
		s.Errorf("the account took %+v", taken)
	}
}

// healthy clears the faults and looks whether the account answers as ever.
func (s *stage) healthy(user string) {
	s.Helper()
	s.fail()
	if got := s.ask("GET", user, ""); got.status != 200 || !strings.Contains(got.body, `"penny@example.com"`) {
		s.Errorf("after the fault: %+v", got)
	}
}

func TestResetIsAReset(t *testing.T) {
	for _, scheme := range []string{"http", "https"} {
		s := newStage(t, "reset")
		s.client.Transport.(*http.Transport).TLSClientConfig = trusting(t)
		s.url = strings.Replace(s.url, "http", scheme, 1)
		if got := s.ask("POST", users, other); !errors.Is(got.err, syscall.ECONNRESET) {
			t.Errorf("%s: %v", scheme, got.err)
		}
	}
}

func TestRetryAfterAsADistance(t *testing.T) {
	for _, distance := range []time.Duration{90 * time.Second, -time.Hour} {
		s := newStage(t, "throttled=retryAfter=date:"+distance.String())
		at, err := http.ParseTime(s.ask("GET", users, "").header.Get("Retry-After"))
		if off := time.Until(at) - distance; err != nil || off.Abs() > 5*time.Second {
			t.Errorf("%v: %v, %v", distance, at, err)
		}
	}
}

// TestNoGroupsTakesThemAway puts an account with groups behind the fault, which
// the sandbox may be or not.
func TestNoGroupsTakesThemAway(t *testing.T) {
	l := newLine(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"totalResults":2,"itemsPerPage":2,"startIndex":1,"Resources":[{"name":"User"},{"name":"Group"}]}`)
	}), newCounts())
	if err := l.replace([]Fault{{Name: "no-groups"}}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/ResourceTypes": `{"totalResults":1,"itemsPerPage":1,"startIndex":1,"Resources":[{"name":"User"}]}`,
		"/Users":         `{"totalResults":2,"itemsPerPage":2,"startIndex":1,"Resources":[{"name":"User"},{"name":"Group"}]}`,
	} {
		w := httptest.NewRecorder()
		l.ServeHTTP(w, httptest.NewRequest("GET", Prefix+path, nil))
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestFaultsStandBehindOneAnother(t *testing.T) {
	s := newStage(t, "latency=delay=50ms", "string-booleans", "reset=method=POST,when=after", "error=method=DELETE")
	begin := time.Now()
	if got := s.ask("POST", users, penny); got.err == nil {
		t.Errorf("%+v", got)
	}
	if time.Since(begin) < 50*time.Millisecond {
		t.Error("the outermost fault did nothing")
	}
	if got := s.ask("GET", users, ""); !strings.Contains(got.body, `"active":"True"`) {
		t.Errorf("%+v", got)
	}
	if got := s.ask("DELETE", users+"/x", ""); got.status != 500 {
		t.Errorf("%+v", got)
	}
	if set := s.box.Faults(); set[0].Met != 3 || set[1].Met != 3 || set[2].Met != 1 || set[3].Met != 1 {
		t.Errorf("met %v", set)
	}
}

func TestPageAndControlAlwaysAnswer(t *testing.T) {
	s := newStage(t, "hang", "refused-token")
	for _, path := range []string{"/", "/faults"} {
		if got := s.ask("GET", path, ""); got.status != 200 {
			t.Errorf("%s: %+v", path, got)
		}
	}
	if n := s.box.Counters().Requests; len(n) != 0 {
		t.Errorf("counted %v", n)
	}
}
