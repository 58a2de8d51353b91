package entra

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"scimgate/scim/value"
)

// cutting leaves the first request of each method without an answer, after it was
// done.
func (f *fake) cutting(methods ...string) {
	cut := map[string]bool{}
	for _, m := range methods {
		cut[m] = true
	}
	f.replace = func(_ http.ResponseWriter, r *http.Request) bool {
		if !cut[r.Method] {
			return false
		}
		delete(cut, r.Method)
		body := []byte(f.seen[len(f.seen)-1].body)
		id := r.URL.Path[len("/t/demo/identity/scim/Users"):]
		switch r.Method {
		case http.MethodPost:
			f.create(httptest.NewRecorder(), body)
		case http.MethodPatch:
			f.patch(httptest.NewRecorder(), id[1:], body)
		case http.MethodDelete:
			delete(f.users, id[1:])
		}
		panic(http.ErrAbortHandler) // as net/http documents it: the connection is cut without an answer
	}
}

// What was cut off is found out and goes on, as in Entra's next cycle.
func TestCycleTakesAgainWhatGotNoAnswer(t *testing.T) {
	f, c := playing(t, "")
	f.cutting(http.MethodPost, http.MethodPatch, http.MethodDelete)
	r := Cycle(context.Background(), c, Load{Users: 4, Connections: 2, Again: 1, Check: true})
	if !r.OK || r.Total.Unanswered != 3 || len(f.users) != 0 {
		t.Errorf("%+v: %d users are left", r, len(f.users))
	}
	if f, c = playing(t, ""); true {
		f.cutting(http.MethodPost)
	}
	if r := Cycle(context.Background(), c, Load{Users: 4, Connections: 2}); r.OK || r.Total.Failures != 1 || r.Total.Unanswered != 0 {
		t.Errorf("without Again: %+v", r)
	}
}

// An endpoint that forgets what it answered for is found out.
func TestCycleChecks(t *testing.T) {
	for reason, forget := range map[string]func(f *fake, id string){
		"GET: 200: a change that was answered for is lost: title": func(f *fake, id string) { f.users[id].Set("title", value.NewText("Tester")) },
		"GET: 200: " + notOnce: func(f *fake, id string) { delete(f.users, id) },
	} {
		f, c := playing(t, "")
		patches, forgotten := 0, false
		f.replace = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodPatch {
				patches++
			} else if patches == 6 && !forgotten { // of three users, in both dialects
				forgotten = true
				forget(f, "u1")
			}
			return false
		}
		r := Cycle(context.Background(), c, Load{Users: 3, Connections: 1, Check: true, Keep: true})
		if r.OK || len(r.Reasons) != 1 || r.Reasons[0] != (Reason{reason, 1}) {
			t.Errorf("%s: %+v", reason, r.Reasons)
		}
	}
}

func TestCycleKeepsToItsRate(t *testing.T) {
	_, c := playing(t, "")
	began := time.Now()
	r := Cycle(context.Background(), c, Load{Users: 10, Connections: 4, Rate: 100})
	if took := time.Since(began); !r.OK || took < 500*time.Millisecond { // 60 requests, 4 of them at once
		t.Errorf("%d requests took %v: %+v", r.Total.Requests, took, r)
	}
}
