package entra

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"scimgate/scim/value"
)

func printed(o *value.Object) string { return string(value.Append(nil, value.Of(o))) }

func TestCycle(t *testing.T) {
	f, c := playing(t, "")
	var last Progress
	r := Cycle(context.Background(), c, Load{Users: 20, Connections: 4, Progress: func(p Progress) { last = p }})
	if !r.OK || r.Total.Requests != 20*6 || len(r.Phases) != 5 || r.Total.Failures != 0 || len(r.Reasons) != 0 {
		t.Errorf("%+v", r)
	}
	if len(f.users) != 0 || len(f.seen) != 120 {
		t.Errorf("%d users are left after %d requests", len(f.users), len(f.seen))
	}
	if last != (Progress{Phase: "delete", Done: 20, Of: 20}) {
		t.Errorf("the last progress is %+v", last)
	}
	if r.Total.P50Milliseconds <= 0 || r.Total.P99Milliseconds < r.Total.P50Milliseconds || r.Total.RequestsPerSecond <= 0 {
		t.Errorf("%+v", r.Total)
	}
}

func TestCycleKeeps(t *testing.T) {
	f, c := playing(t, "")
	r := Cycle(context.Background(), c, Load{Users: 3, Connections: 9, Prefix: "p", Keep: true})
	if !r.OK || len(f.users) != 3 || r.Connections != 3 {
		t.Errorf("%+v: %d users", r, len(f.users))
	}
	for _, u := range f.users {
		if !strings.HasPrefix(top("userName")(u), "p.00000") || !strings.HasSuffix(top("displayName")(u), "(new)") || activeOf(u) != "True" {
			t.Errorf("%s", printed(u))
		}
	}
	if again := Cycle(context.Background(), c, Load{Users: 3, Connections: 1, Prefix: "p"}); again.OK || again.Total.Failures != 3 || again.Total.Requests != 3 {
		t.Errorf("the same prefix again: %+v", again)
	}
}

// A user with whom a step fails counts once, with its reason, and is left alone.
func TestCycleCountsFailures(t *testing.T) {
	f, c := playing(t, "")
	f.replace = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "u1") {
			fail(w, http.StatusBadRequest, "not today")
			return true
		}
		return false
	}
	r := Cycle(context.Background(), c, Load{Users: 5, Connections: 2})
	if r.OK || r.Total.Failures != 1 || len(r.Reasons) != 1 || r.Reasons[0] != (Reason{"PATCH: 400: not today", 1}) {
		t.Errorf("%+v", r)
	}
	if len(f.users) != 1 || r.Total.Requests != 5*3+4*3 {
		t.Errorf("%d users are left after %d requests", len(f.users), r.Total.Requests)
	}
}

func TestCycleEndsWithItsContext(t *testing.T) {
	f, c := playing(t, "")
	ctx, cancel := context.WithCancel(context.Background())
	f.replace = func(http.ResponseWriter, *http.Request) bool {
		if len(f.seen) == 10 {
			cancel()
		}
		return false
	}
	if r := Cycle(ctx, c, Load{Users: 1000, Connections: 2}); r.OK || r.Total.Requests > 20 {
		t.Errorf("%+v", r)
	}
}

func TestQuantile(t *testing.T) {
	many := make([]time.Duration, 200)
	for i := range many {
		many[i] = time.Duration(i + 1)
	}
	for _, test := range []struct {
		sorted []time.Duration
		p      int
		want   time.Duration
	}{{nil, 50, 0}, {many[:1], 99, 1}, {many[:3], 50, 2}, {many, 50, 100}, {many, 99, 198}} {
		if got := quantile(test.sorted, test.p); got != test.want {
			t.Errorf("quantile %d of %d is %d, want %d", test.p, len(test.sorted), got, test.want)
		}
	}
}
