package entra

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"scimgate/scim/value"
)

var britta = User{
	ExternalID: "bsimon", UserName: "b.simon@contoso.example", DisplayName: "Britta Simon",
	GivenName: "Britta", FamilyName: "Simon", Email: "b.simon@contoso.example", Department: "Research",
}

func TestProbeSendsWhatEntraSends(t *testing.T) {
	f, c := playing(t, "/?aadOptscim062020")
	if r := Probe(context.Background(), c, nil); !r.OK || len(r.Steps) != 2 {
		t.Fatalf("%+v", r)
	}
	first := f.seen[0]
	uri, guid, _ := strings.Cut(first.uri, "userName+eq+%22")
	if uri != "/t/demo/identity/scim/Users?aadOptscim062020&filter=" || len(guid) != 36+len("%22") {
		t.Errorf("the URI is %s", first.uri)
	}
	if first.header.Get("Authorization") != "Bearer secret" || first.header.Values("User-Agent") != nil {
		t.Errorf("the headers are %v", first.header)
	}
	if f.seen[1].uri != "/t/demo/identity/scim/Schemas?aadOptscim062020" {
		t.Errorf("the URI is %s", f.seen[1].uri)
	}
}

func TestAnswersThatEntraRefuses(t *testing.T) {
	answer := func(status int, media, body string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", media)
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return true
		}
	}
	const scim = "application/scim+json"
	for name, test := range map[string]struct {
		replace func(http.ResponseWriter, *http.Request) bool
		status  int
		reason  string
	}{
		"404 for no match": {answer(404, scim, `{"detail":"nothing here"}`), 404, "nothing here"},
		"plain JSON":       {answer(200, "application/json", `{}`), 200, "Content-Type"},
		"no list":          {answer(200, scim, `{"totalResults":0}`), 200, "not a ListResponse"},
		"no total":         {answer(200, scim, `{"schemas":["`+listURN+`"]}`), 200, "no totalResults"},
		"lost resources":   {answer(200, scim, `{"schemas":["`+listURN+`"],"totalResults":3,"Resources":[]}`), 200, "not there"},
		"everybody":        {answer(200, scim, `{"schemas":["`+listURN+`"],"totalResults":1,"Resources":[{"id":"1"}]}`), 200, "random name"},
		"HTML":             {answer(200, "text/html", `<html>`), 200, "Content-Type"},
		"garbage":          {answer(200, scim, `<html>`), 200, "not a JSON object"},
		"redirect":         {answer(302, scim, ``), 302, "should have been 200"},
		"null in schemas": {func(w http.ResponseWriter, r *http.Request) bool {
			return strings.HasSuffix(r.URL.Path, "/Schemas") && answer(200, scim,
				`{"schemas":["`+listURN+`"],"totalResults":1,"Resources":[{"attributes":[{"referenceTypes":null}]}]}`)(w, r)
		}, 200, "hold null"},
	} {
		t.Run(name, func(t *testing.T) {
			f, c := playing(t, "")
			f.replace = test.replace
			r := Probe(context.Background(), c, nil)
			last := r.Steps[len(r.Steps)-1]
			if r.OK || last.OK || last.Status != test.status || !strings.Contains(last.Outcome, test.reason) {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	c, err := NewClient("http://127.0.0.1:1/scim", "secret", 1)
	if err != nil {
		t.Fatal(err)
	}
	r := Probe(context.Background(), c, nil)
	if r.OK || r.Steps[0].Status != 0 || !strings.Contains(r.Steps[0].Outcome, "refused") || strings.Contains(r.Steps[0].Outcome, "127.0.0.1") {
		t.Errorf("%+v", r)
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, bad := range [][2]string{{"", "x"}, {"gateway.example/scim", "x"}, {"ftp://x.io", "x"}, {"https://x.io", ""}} {
		if _, err := NewClient(bad[0], bad[1], 1); err == nil {
			t.Errorf("accepted %q with token %q", bad[0], bad[1])
		}
	}
}

func TestWaitsWhenToldTo(t *testing.T) {
	f, c := playing(t, "")
	first := true
	f.replace = func(w http.ResponseWriter, _ *http.Request) bool {
		if !first {
			return false
		}
		first = false
		w.Header().Set("Retry-After", "1")
		fail(w, http.StatusTooManyRequests, "slower")
		return true
	}
	begin := time.Now()
	a, _, err := c.find(context.Background(), "x")
	if err != nil || a.waits != 1 || time.Since(begin) < time.Second {
		t.Errorf("%v, %v after %s", a, err, time.Since(begin))
	}
}

func TestOnDemand(t *testing.T) {
	f, c := playing(t, "?aadOptscim062020") // the flag does not apply on demand
	changed := britta
	changed.DisplayName, changed.Title, changed.Email = "B. Simon", "Engineer", "new@contoso.example"
	for _, test := range []struct {
		user   User
		method string
		body   string
	}{
		{britta, "POST", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
			`"externalId":"bsimon","userName":"b.simon@contoso.example","active":true,"displayName":"Britta Simon",` +
			`"emails":[{"primary":true,"type":"work","value":"b.simon@contoso.example"}],"meta":{"resourceType":"User"},` +
			`"name":{"formatted":"Britta Simon","familyName":"Simon","givenName":"Britta"},"roles":[],` +
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Research"}}`},
		{britta, "GET", ""},
		{changed, "PATCH", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` +
			`{"op":"Replace","path":"displayName","value":"B. Simon"},` +
			`{"op":"Add","path":"title","value":"Engineer"},` +
			`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"new@contoso.example"}]}`},
		{changed, "GET", ""},
	} {
		var told []Step
		r := OnDemand(context.Background(), c, test.user, func(s Step) { told = append(told, s) })
		last := f.seen[len(f.seen)-1]
		if !r.OK || len(told) != len(r.Steps) || last.method != test.method || last.body != test.body {
			t.Errorf("%+v\nsent %s %s", r, last.method, last.body)
		}
		if last.method != "GET" && last.header.Get("Content-Type") != contentType {
			t.Errorf("Content-Type is %q", last.header.Get("Content-Type"))
		}
	}
}

func TestOnDemandRestoresTheDisabled(t *testing.T) {
	f, c := playing(t, "")
	OnDemand(context.Background(), c, britta, nil)
	f.users["u1"].Set("active", text("", "False").Value)
	r := OnDemand(context.Background(), c, britta, nil)
	if body := f.seen[len(f.seen)-1].body; !r.OK || !strings.Contains(body, `[{"op":"Replace","path":"active","value":"True"}]`) {
		t.Errorf("%+v: %s", r, body)
	}
}

func TestCreatedWithoutID(t *testing.T) {
	f, c := playing(t, "")
	f.replace = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			reply(w, http.StatusCreated, britta.creation())
		}
		return r.Method == http.MethodPost
	}
	if r := OnDemand(context.Background(), c, britta, nil); r.OK || r.Steps[1].Outcome != "the created user has no id" {
		t.Errorf("%+v", r)
	}
}

func TestOnDemandSkipsTheAmbiguous(t *testing.T) {
	f, c := playing(t, "")
	f.users["u1"], f.users["u2"] = britta.creation(), britta.creation()
	r := OnDemand(context.Background(), c, britta, nil)
	if r.OK || len(f.seen) != 1 || !strings.Contains(r.Steps[0].Outcome, "more than one") {
		t.Errorf("%+v", r)
	}
	f.users = map[string]*value.Object{"u1": britta.creation()}
	if r := OnDemand(context.Background(), c, britta, nil); r.OK || len(f.seen) != 2 {
		t.Errorf("a user without id: %+v", r)
	}
}

func TestNewDialect(t *testing.T) {
	changed := britta
	changed.DisplayName, changed.FamilyName, changed.Title, changed.Email, changed.Department = "S", "Symons", "T", "s@x.io", "D"
	got := printed(newDialect.patch(changed.changes(britta.creation())))
	want := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` +
		`{"op":"add","path":"title","value":"T"},` +
		`{"op":"replace","path":"emails[type eq \"work\"].value","value":"s@x.io"},` +
		`{"op":"replace","value":{"displayName":"S","name.familyName":"Symons","name.formatted":"Britta Symons",` +
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"D"}}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for d, value := range map[dialect]string{oldDialect: `{"op":"Replace","path":"active","value":"False"}`, newDialect: `{"op":"replace","path":"active","value":false}`} {
		if got := printed(d.activation(false)); !strings.Contains(got, value) {
			t.Errorf("disabling is %s", got)
		}
	}
}

func TestPlayCanBePlayedAgain(t *testing.T) {
	f, c := playing(t, "")
	for range 2 {
		var said []string
		if err := Play(context.Background(), c, func(s string) { said = append(said, s) }); err != nil {
			t.Fatal(err)
		}
		if len(said) != 8 {
			t.Errorf("said %q", said)
		}
		if len(f.users) != 2 {
			t.Fatalf("%d users are left", len(f.users))
		}
		for _, u := range f.users {
			state := top("displayName")(u) + ", " + top("title")(u) + ", " + activeOf(u)
			if state != "Ada Lindqvist, Head of Research, True" && state != "Ben Osei, Receptionist, False" {
				t.Errorf("left behind: %s", state)
			}
		}
	}
	if err := Play(context.Background(), c, func(string) { f.mu.Lock(); clear(f.users); f.mu.Unlock() }); err == nil {
		t.Error("nobody noticed that the users were gone")
	}
}
