package sandbox

import (
	"encoding/json"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

func TestControlSetsAndClears(t *testing.T) {
	s := newStage(t)
	got := s.ask("PUT", "/faults", `{"faults":[{"name":"error","args":{"status":"503"},"methods":["POST"],"path":"/Users","count":2,"share":1,"seed":7},{"name":"no-groups"}]}`)
	if got.status != 200 {
		t.Fatalf("%+v", got)
	}
	if got := s.ask("POST", users, other); got.status != 503 {
		t.Errorf("%+v", got)
	}
	r := s.report()
	want := FaultState{Fault{"error", map[string]string{"status": "503"}, new(1.0), []string{"POST"}, "/Users", 2, 7}, 1}
	if len(r.Faults) != 2 || !reflect.DeepEqual(r.Faults[0], want) || len(r.Kinds) != len(FaultKinds) || r.Counters.Requests["POST"] != 1 {
		t.Errorf("%+v", r)
	}
	if got := s.ask("DELETE", "/faults", ""); got.status != 204 {
		t.Errorf("%+v", got)
	}
	if got := s.ask("POST", users, other); got.status != 201 {
		t.Errorf("%+v", got)
	}
	if r := s.report(); len(r.Faults) != 0 || r.Counters.Requests["POST"] != 2 || r.Counters.Taken["Users"].Created != 1 {
		t.Errorf("%+v", r)
	}
}

func (s *stage) report() report {
	s.Helper()
	var r report
	got := s.ask("GET", "/faults", "")
	if err := json.Unmarshal([]byte(got.body), &r); err != nil || got.status != 200 {
		s.Fatalf("%+v: %v", got, err)
	}
	return r
}

func TestControlRefusesAllMistakesAtOnce(t *testing.T) {
	s := newStage(t, "hang=method=DELETE")
	for body, want := range map[string]int{
		`{"faults":[{"name":"nope"},{"name":"latency","args":{"delay":"x","y":"z"},"share":-1}]}`: 4,
		`{"faults":[{"name":"hang","often":true}]}`:                                               1,
		`{"faults":[{"name":"error","args":{"status":503}}]}`:                                     1,
		`{"faults":[]} {}`:                       1,
		`[]`:                                     1,
		``:                                       1,
		`{"faults":[{"name":"hang","seed":-1}]}`: 1,
		`{"faults":[{"name":"hang","share":2}]}`: 1,
		`{"faults":"` + strings.Repeat("x", 2<<20): 1,
	} {
		var refused struct{ Errors []string }
		got := s.ask("PUT", "/faults", body)
		if err := json.Unmarshal([]byte(got.body), &refused); err != nil || got.status != 400 || len(refused.Errors) != want {
			t.Errorf("%.60s: %d %v, want %d", body, got.status, refused.Errors, want)
		}
	}
	if r := s.report(); len(r.Faults) != 1 || r.Faults[0].Name != "hang" {
		t.Errorf("a refused set changed the one before: %v", r.Faults)
	}
}

func TestControlIsBehindTheToken(t *testing.T) {
	s := open(t, Config{})
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		for authorization, want := range map[string]int{"": 401, "Bearer nope": 401, "Bearer ": 401, "t0ken": 401} {
			if status, body := call(t, s, authorization, method, "/faults", `{"faults":[{"name":"hang"}]}`); status != want || strings.Contains(body, "t0ken") {
				t.Errorf("%s %q: %d %s", method, authorization, status, body)
			}
		}
	}
	r := httptest.NewRequest("GET", "/faults", nil)
	r.Header["Authorization"] = []string{"Bearer t0ken", "Bearer t0ken"}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code != 401 || len(s.Faults()) != 0 {
		t.Errorf("%d, set %v", w.Code, s.Faults())
	}
}

func TestCountersTellWhatWasTaken(t *testing.T) {
	s := newStage(t)
	user := s.add()
	for _, request := range []struct{ method, path, body string }{
		{"POST", users, penny},
		{"POST", users, `{"userName":"no address"}`},
		{"GET", users, ""},
		{"PUT", user, penny},
		{"PATCH", user, retitled},
		{"PATCH", user, retitled},
		{"DELETE", user, ""},
		{"DELETE", user, ""},
		{"GET", Prefix + "/ResourceTypes", ""},
		{"GET", "/", ""},
		{"BREW", users, ""},
		{"POST", users + "/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}`},
		{"POST", Prefix + "/Groups", `{"displayName":"Cooks"}`},
		{"POST", Prefix + "/Bulk", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{"method":"POST","path":"/Users","bulkId":"b","data":{"userName":"bulk@example.com"}}]}`},
	} {
		_ = s.ask(request.method, request.path, request.body)
	}
	got := s.box.Counters()
	want := Counters{
		Requests: map[string]int{"GET": 2, "POST": 6, "PUT": 1, "PATCH": 2, "DELETE": 2, "other": 1},
		Taken: map[string]Taken{
			"Users":  {Read: 2, Created: 1, Changed: 3, Deleted: 1, Duplicates: 1, Refused: 3},
			"Groups": {Created: 1}, "Bulk": {Changed: 1},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestPageShowsWhatIsSet(t *testing.T) {
	s := newStage(t)
	if got := s.ask("GET", "/", ""); !strings.Contains(got.body, "It was not told to fail.") {
		t.Errorf("%+v", got)
	}
	s.fail("hang=method=POST", "latency=delay=10ms")
	_ = s.ask("GET", users, "")
	page := s.ask("GET", "/", "").body
	for _, want := range []string{"It was told to fail:", "<code>hang=method=POST</code></td><td>met 0", "<code>latency=delay=10ms</code></td><td>met 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	for _, k := range FaultKinds {
		if !strings.Contains(page, "<code>"+k.Name+"</code>") {
			t.Errorf("%s is not on the page", k.Name)
		}
	}
}
