package entra

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"scimgate/tenant"
)

// naive is our service with one of the mistakes that servers make: it may change
// the request before, and the answer after.
type naive struct {
	name   string
	before func(r *http.Request, body string) string
	after  func(r *http.Request, answer *httptest.ResponseRecorder, body string) string
	red    []string // the rows that tell, by the beginning of their names, and no others
}

var naives = []naive{
	{
		name: "application/json",
		after: func(_ *http.Request, a *httptest.ResponseRecorder, body string) string {
			a.Header().Set("Content-Type", "application/json")
			return body
		},
		red: []string{"every answer is application/scim+json"},
	},
	{
		name: "nothing found is 404",
		after: func(r *http.Request, a *httptest.ResponseRecorder, body string) string {
			if strings.Contains(r.URL.RawQuery, "filter") && strings.Contains(body, `"totalResults":0`) {
				a.Code = http.StatusNotFound
			}
			return body
		},
		red: []string{
			"Test Connection", "the same for externalId", "the flag", "externalId is exact", "the work e-mail, with brackets", "two terms joined",
			"whether somebody is the manager", "id and meta are not", "rename: Replace userName", "looks a user up", "disabled, then deleted",
			"found by displayName", "rename, as Entra does", "deleted: 204", "whether somebody is a member",
		},
	},
	{
		name:   "excludedAttributes is not looked at",
		before: func(r *http.Request, body string) string { return without(r, "excludedAttributes", body) },
		red:    []string{"only the attributes", "excludedAttributes=members"},
	},
	{
		name:   "pages begin anew",
		before: func(r *http.Request, body string) string { return without(r, "startIndex", body) },
		red:    []string{"paging: pages do not overlap", "paging: one at a time", "paging: beyond the end"},
	},
	{
		name: "Remove with values removes all",
		before: func(_ *http.Request, body string) string {
			if at := strings.Index(body, `{"op":"Remove","path":"members","value"`); at >= 0 {
				return body[:at] + `{"op":"Remove","path":"members"}]}`
			}
			return body
		},
		red: []string{"Remove with a list of values"},
	},
	{
		name: "status as a number",
		after: func(_ *http.Request, a *httptest.ResponseRecorder, body string) string {
			if a.Code < 400 {
				return body
			}
			return strings.NewReplacer(`"status":"4`, `"status":4`, `","scimType"`, `,"scimType"`, `","detail"`, `,"detail"`).Replace(body)
		},
		red: []string{""}, // all rows in which something is refused
	},
	{
		name: "duplicates are a fault",
		after: func(_ *http.Request, a *httptest.ResponseRecorder, body string) string {
			if a.Code == http.StatusConflict {
				a.Code = http.StatusInternalServerError
			}
			return body
		},
		red: []string{
			"PUT of a name that is taken", "who is disabled keeps the name", "the same user again", "a name that differs in case",
			"a rename to a name that is taken", "the same group again", "rename to a name that is taken",
		},
	},
	{
		name: "who is disabled cannot be read",
		after: func(r *http.Request, a *httptest.ResponseRecorder, body string) string {
			if r.Method == http.MethodGet && strings.Contains(body, `"active":false`) {
				a.Code = http.StatusNotFound
			}
			return body
		},
		red: []string{
			"created disabled", "disable", "active wrapped", "deactivates", "who is disabled is still found", "who is disabled is changed",
		},
	},
}

func without(r *http.Request, parameter, body string) string {
	q := r.URL.Query()
	q.Del(parameter)
	r.URL.RawQuery = q.Encode()
	return body
}

func (n naive) door(w http.ResponseWriter, r *http.Request, on http.Handler) {
	body, _ := io.ReadAll(r.Body)
	if n.before != nil {
		body = []byte(n.before(r, string(body)))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := httptest.NewRecorder()
	on.ServeHTTP(answer, r)
	text := answer.Body.String()
	if n.after != nil {
		text = n.after(r, answer, text)
	}
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = io.WriteString(w, text)
}

// Each mistake turns the rows red that are about it, and no others.
func TestDrillSeesNaiveServers(t *testing.T) {
	for _, n := range naives {
		t.Run(n.name, func(t *testing.T) {
			g := newGround(t, tenant.Settings{})
			g.door = n.door
			told := map[string]bool{}
			for _, row := range drilled(t, t.Context(), g).Rows {
				due := slices.IndexFunc(n.red, func(name string) bool { return strings.HasPrefix(row.Name, name) })
				if due >= 0 && !row.OK {
					told[n.red[due]] = true
				}
				if due < 0 && !row.OK {
					t.Errorf("red: %s: %s: %s", row.Area, row.Name, row.Reason)
				}
			}
			for _, name := range n.red {
				if !told[name] {
					t.Errorf("green: %s", name)
				}
			}
			g.undisturbed(t)
		})
	}
}
