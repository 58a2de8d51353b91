package entra

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"scimgate/tenant"
)

// A row that goes wrong in the middle is cleaned up like any other, and costs no
// other row anything.
func TestDrillCleansUpAfterFailures(t *testing.T) {
	for name, door := range map[string]func(http.ResponseWriter, *http.Request, http.Handler){
		"no change is taken": func(w http.ResponseWriter, r *http.Request, on http.Handler) {
			if r.Method == http.MethodPatch {
				fail(w, http.StatusInternalServerError, "broken")
				return
			}
			on.ServeHTTP(w, r)
		},
		"made, and not said so": func(w http.ResponseWriter, r *http.Request, on http.Handler) {
			if r.Method == http.MethodPost {
				on.ServeHTTP(httptest.NewRecorder(), r)
				fail(w, http.StatusInternalServerError, "broken")
				return
			}
			on.ServeHTTP(w, r)
		},
		"made, without a word of its id": func(w http.ResponseWriter, r *http.Request, on http.Handler) {
			if r.Method == http.MethodPost {
				on.ServeHTTP(httptest.NewRecorder(), r)
				w.WriteHeader(http.StatusCreated)
				return
			}
			on.ServeHTTP(w, r)
		},
		"what must be refused is taken": func(w http.ResponseWriter, r *http.Request, on http.Handler) {
			answer := httptest.NewRecorder()
			on.ServeHTTP(answer, r)
			if answer.Code == http.StatusConflict {
				answer.Code = http.StatusCreated
			}
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGround(t, tenant.Settings{})
			g.door = door
			r := drilled(t, t.Context(), g)
			if r.OK || r.Failed < 3 || r.Passed < 3 {
				t.Errorf("%d failed, %d passed", r.Failed, r.Passed)
			}
			// What says that it was made, under no id and no name, is looked for in vain.
			if name != "what must be refused is taken" && len(r.Left) > 0 {
				t.Errorf("left: %v", r.Left)
			}
			g.undisturbed(t)
		})
	}
}

// Ctrl-C ends a drill wherever it is, and nothing stays behind.
func TestDrillCleansUpWhenInterrupted(t *testing.T) {
	for _, after := range []int{1, 5, 77, 650} {
		g := newGround(t, tenant.Settings{})
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
			on.ServeHTTP(w, r)
			if n++; n == after {
				cancel()
			}
		}
		r, err := Drill(ctx, g.Client, Exercise{})
		if err == nil && (r.OK || !strings.Contains(r.Stopped, "interrupted") || len(r.Left) > 0) || err != nil && after > 1 {
			t.Errorf("after %d requests: %+v, %v", after, r, err)
		}
		g.undisturbed(t)
	}
}

// What cannot be removed is tried once more at the end, and told.
func TestDrillTellsWhatIsLeft(t *testing.T) {
	g := newGround(t, tenant.Settings{})
	refusals := 0
	g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		if r.Method == http.MethodDelete && refusals > 0 {
			refusals--
			fail(w, http.StatusForbidden, "never")
			return
		}
		on.ServeHTTP(w, r)
	}
	refusals = 3
	if r := drilled(t, t.Context(), g, "patch-new"); !r.OK {
		t.Errorf("three refusals: %v left", r.Left)
	}
	g.undisturbed(t)
	refusals = 1000
	r := drilled(t, t.Context(), g, "patch-new")
	if r.OK || r.Failed != 0 || len(r.Left) < 10 || !strings.HasPrefix(r.Left[0], "/Users/") {
		t.Errorf("refused for ever: %d failed, %v left", r.Failed, r.Left)
	}
}

// An endpoint that answers a POST with somebody else, or that does not look at
// filters, gets nobody removed.
func TestDrillRemovesNobodyElse(t *testing.T) {
	g := newGround(t, tenant.Settings{})
	resident := g.firstResident(t)
	g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		switch r.Method {
		case http.MethodPost:
			reply(w, http.StatusCreated, resident.resource)
		case http.MethodGet:
			r.URL.RawQuery = ""
			on.ServeHTTP(w, r)
		default:
			on.ServeHTTP(w, r)
		}
	}
	r := drilled(t, t.Context(), g)
	g.undisturbed(t)
	told, err := json.Marshal(r)
	if err != nil || strings.Contains(string(told), "esident") || strings.Contains(string(told), "secret") {
		t.Errorf("strangers, or the token, are told of: %s", told)
	}
}

func (g *ground) firstResident(t *testing.T) *answer {
	t.Helper()
	a, found, err := g.find(t.Context(), "resident0@contoso.example")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	a.resource = found[0].Object()
	return a
}

// A drill comes again when it is told to, and gives up on who does not answer.
func TestDrillIsPolite(t *testing.T) {
	g := newGround(t, tenant.Settings{})
	n := 0
	g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		if n++; n == 5 {
			w.Header().Set("Retry-After", "1")
			fail(w, http.StatusTooManyRequests, "slower")
			return
		}
		on.ServeHTTP(w, r)
	}
	if r := drilled(t, t.Context(), g, "okta"); !r.OK || r.Waits != 1 || r.Seconds < 1 {
		t.Errorf("%+v", r)
	}
	g.undisturbed(t)
	n = 0
	g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		if n++; n > 20 && r.Method != http.MethodDelete {
			w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
			fail(w, http.StatusServiceUnavailable, "tomorrow")
			return
		}
		on.ServeHTTP(w, r)
	}
	if r := drilled(t, t.Context(), g, "patch-old"); r.OK || r.Failed != 1 || r.Requests > 30 || !strings.Contains(r.Stopped, "left alone") {
		t.Errorf("%+v", r)
	}
	g.undisturbed(t)
	n = 0
	g.door = func(w http.ResponseWriter, r *http.Request, on http.Handler) {
		if n++; n > 20 {
			panic(http.ErrAbortHandler) // as net/http documents it: the connection is cut without an answer
		}
		on.ServeHTTP(w, r)
	}
	if r := drilled(t, t.Context(), g, "patch-old"); r.OK || len(r.Rows) > 10 || !strings.Contains(r.Stopped, "does not answer") || r.Left == nil {
		t.Errorf("%+v", r)
	}
}

// A row that would write to what it did not make, by a slip in the table, does not.
func TestDrillRefusesToTouchOthers(t *testing.T) {
	f, c := playing(t, "")
	for _, s := range []step{remove("/Users/u1"), remove("/Users/"), changes("ana", "{}"), put("/Users/u1", "{}"), patch("/Users", "{}")} {
		d := &trial{drill: newDrill(c, Exercise{}), ctx: t.Context(), kept: map[string]string{"ben": "u2"}, nobody: "nobody"}
		if err := s(d); err == nil || len(f.seen) != 0 {
			t.Errorf("%v after %d requests", err, len(f.seen))
		}
	}
}
