package sandbox

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"scimgate/tenant"
)

func open(t *testing.T, c Config) *Sandbox {
	t.Helper()
	c.Token, c.PublicURL = "t0ken", "http://sandbox.test"
	s, err := New(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// call makes one request and returns status and body.
func call(t *testing.T, s *Sandbox, authorization, method, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/scim+json")
	}
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Body)
	return w.Code, string(text)
}

const users = Prefix + "/Users"

func TestAccountLetsInItsOneToken(t *testing.T) {
	s := open(t, Config{})
	for authorization, want := range map[string]int{
		"Bearer t0ken": 200, "": 401, "Bearer ": 401, "Bearer": 401, "Bearer t0ke": 401, "Bearer t0ken ": 401, "Basic t0ken": 401, "t0ken": 401,
	} {
		if status, body := call(t, s, authorization, "GET", users, ""); status != want {
			t.Errorf("%q: %d, want %d: %s", authorization, status, want, body)
		}
	}
	if _, err := New(t.Context(), Config{}); err == nil {
		t.Error("an account without a token is open to all")
	}
}

func TestAccountDemandsAnAddress(t *testing.T) {
	tests := []struct {
		name, user string
		ok         bool
	}{
		{"address alone", `"userName":"a@example.com"`, true},
		{"equal to the primary", `"userName":"b@example.com","emails":[{"type":"work","value":"x@example.com"},{"type":"home","value":"B@example.com","primary":true}]`, true},
		{"equal to the work one", `"userName":"c@example.com","emails":[{"type":"home","value":"x@example.com"},{"type":"work","value":"c@example.com"}]`, true},
		{"equal to the only one", `"userName":"d@example.com","emails":[{"value":"d@example.com"}]`, true},
		{"no address", `"userName":"ana"`, false},
		{"half an address", `"userName":"@example.com"`, false},
		{"two in one", `"userName":"a@b@example.com"`, false},
		{"with a space", `"userName":"a na@example.com"`, false},
		{"other than the primary", `"userName":"e@example.com","emails":[{"type":"work","value":"e@example.com"},{"type":"home","value":"x@example.com","primary":true}]`, false},
		{"other than the work one", `"userName":"f@example.com","emails":[{"type":"work","value":"x@example.com"}]`, false},
	}
	s := open(t, Config{})
	for _, test := range tests {
		status, body := call(t, s, "Bearer t0ken", "POST", users, "{"+test.user+"}")
		if test.ok && status != 201 || !test.ok && (status != 400 || !strings.Contains(body, `"invalidValue"`)) {
			t.Errorf("%s: %d %s", test.name, status, body)
		}
	}
}

func TestAccountDemandsNothingOfGroups(t *testing.T) {
	s := open(t, Config{})
	if status, body := call(t, s, "Bearer t0ken", "POST", Prefix+"/Groups", `{"displayName":"Cooks"}`); status != 201 {
		t.Errorf("%d %s", status, body)
	}
}

func TestAccountTakesSimpleCustomAttributes(t *testing.T) {
	tests := []struct {
		value string
		want  int
	}{
		{`"K1"`, 201}, {`701`, 201}, {`-7`, 201}, {`1.5`, 400}, {`1e3`, 400}, {`true`, 400},
	}
	s := open(t, Config{})
	for i, test := range tests {
		user := `{"userName":"u` + string(rune('0'+i)) + `@example.com","urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"costCenter":` + test.value + `}}`
		if status, body := call(t, s, "Bearer t0ken", "POST", users, user); status != test.want {
			t.Errorf("%s: %d, want %d: %s", test.value, status, test.want, body)
		}
	}
	typed := open(t, Config{Attributes: []tenant.Attribute{{Property: "floor", Type: "Integer"}}})
	user := `{"userName":"a@example.com","urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"floor":"seven"}}`
	if status, body := call(t, typed, "Bearer t0ken", "POST", users, user); status != 400 {
		t.Errorf("a text for a defined Integer: %d %s", status, body)
	}
}

func TestDemandsHoldForEveryChange(t *testing.T) {
	s := open(t, Config{})
	_, body := call(t, s, "Bearer t0ken", "POST", users, `{"userName":"a@example.com"}`)
	var made struct {
		ID   string `json:"id"`
		Meta struct {
			Location string `json:"location"`
		} `json:"meta"`
	}
	if err := json.Unmarshal([]byte(body), &made); err != nil || made.Meta.Location != "http://sandbox.test"+users+"/"+made.ID {
		t.Fatalf("%s: %v", body, err)
	}
	rename := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"userName","value":"ana"}]}`
	if status, body := call(t, s, "Bearer t0ken", "PATCH", users+"/"+made.ID, rename); status != 400 {
		t.Errorf("PATCH: %d %s", status, body)
	}
	if status, body := call(t, s, "Bearer t0ken", "PUT", users+"/"+made.ID, `{"userName":"ana"}`); status != 400 {
		t.Errorf("PUT: %d %s", status, body)
	}
}

func TestFileKeepsTheAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sandbox.db")
	first := open(t, Config{Path: path})
	status, body := call(t, first, "Bearer t0ken", "POST", users, `{"userName":"a@example.com"}`)
	if status != 201 {
		t.Fatalf("%d %s", status, body)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := open(t, Config{Path: path})
	if _, body := call(t, second, "Bearer t0ken", "GET", users, ""); !strings.Contains(body, `"a@example.com"`) {
		t.Errorf("after a restart: %s", body)
	}
}

func TestPageSaysWhatIsAssumed(t *testing.T) {
	s := open(t, Config{})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	page := w.Body.String()
	if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") || strings.Contains(page, "t0ken") {
		t.Errorf("%d %v %s", w.Code, w.Header(), page)
	}
	if n := strings.Count(page, "Assumed."); n < 5 || strings.Count(page, "<li>") != len(Assumptions) {
		t.Errorf("%d assumptions on the page:\n%s", n, page)
	}
	r.Header.Set("Accept", "application/json")
	w = httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	var said struct {
		Assumptions []Assumption `json:"assumptions"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || len(said.Assumptions) != len(Assumptions) {
		t.Errorf("%v: %s", err, w.Body)
	}
}
