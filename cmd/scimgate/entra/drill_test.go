package entra

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// ground is our own service with somebody in it already, and a door in front that
// can get in the way of requests.
type ground struct {
	*Client
	store directory.Store

	mu     sync.Mutex
	door   func(w http.ResponseWriter, r *http.Request, on http.Handler)
	issued map[string]bool // ids of what was made since
	writes []string        // "DELETE /Users/<id>", and what was answered
}

const residents = 3

func newGround(t *testing.T, settings tenant.Settings) *ground {
	t.Helper()
	store, err := directory.OpenSQLite(t.Context(), ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := &server.Server{Store: store, PublicURL: "https://scim.example.com", Accounts: one{&tenant.Tenant{ID: "demo", Settings: settings}}}
	engine := server.NewEngine()
	s.Mount(engine)
	g := &ground{store: store, issued: map[string]bool{}}
	listener := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.serve(w, r, engine) }))
	t.Cleanup(listener.Close)
	if g.Client, err = NewClient(listener.URL+"/t/demo/identity/scim", "secret", 1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	for i := range residents {
		u := User{UserName: fmt.Sprintf("resident%d@contoso.example", i), DisplayName: "Resident"}
		if _, err := g.create(t.Context(), &u); err != nil && !settings.Strict {
			t.Fatal(err)
		}
	}
	clear(g.issued)
	return g
}

// serve notes what is made and written, around the door.
func (g *ground) serve(w http.ResponseWriter, r *http.Request, on http.Handler) {
	g.mu.Lock()
	defer g.mu.Unlock()
	noted := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		on.ServeHTTP(answer, r)
		if r.Method == http.MethodPost && answer.Code == http.StatusCreated {
			var made struct{ ID string }
			_ = json.Unmarshal(answer.Body.Bytes(), &made)
			g.issued[made.ID] = true
		}
		if r.Method != http.MethodPost && r.Method != http.MethodGet {
			g.writes = append(g.writes, fmt.Sprint(r.Method, " ", r.URL.Path, " ", answer.Code))
		}
		for name, values := range answer.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	})
	if g.door != nil {
		g.door(w, r, noted)
		return
	}
	noted.ServeHTTP(w, r)
}

// undisturbed checks that only the residents are there, as they were, and that
// nothing was written to but what the drill had made.
func (g *ground) undisturbed(t *testing.T) {
	t.Helper()
	page, err := g.store.List(t.Context(), "demo", directory.Query{Kind: "User", StartIndex: 1, Count: 100})
	if err != nil || page.Total != residents {
		t.Errorf("%d users are left, %v", page.Total, err)
	}
	for _, r := range page.Resources {
		if r.Version != 1 || !strings.Contains(string(r.Body()), "Resident") {
			t.Errorf("left: %s", r.Body())
		}
	}
	g.writesOnlyItsOwn(t)
}

func (g *ground) writesOnlyItsOwn(t *testing.T) {
	t.Helper()
	for _, w := range g.writes {
		id := w[strings.LastIndexByte(w, '/')+1 : strings.LastIndexByte(w, ' ')]
		if !g.issued[id] && !strings.HasSuffix(w, " 404") {
			t.Errorf("what the drill did not make: %s", w)
		}
	}
}

// users are the areas that need no groups.
func users() []string {
	return slices.DeleteFunc(Areas(), func(a string) bool { return a == "groups" || a == "members" })
}

func drilled(t *testing.T, ctx context.Context, g *ground, areas ...string) Drilled { //nolint:revive // ctx may be another than t's
	t.Helper()
	r, err := Drill(ctx, g.Client, Exercise{Areas: areas})
	if err != nil {
		t.Fatal(err)
	}
	if r.Passed+r.Failed != len(r.Rows) || r.OK && (r.Failed > 0 || r.Stopped != "" || r.Left != nil) {
		t.Errorf("%d passed, %d failed of %d; %q, %v left", r.Passed, r.Failed, len(r.Rows), r.Stopped, r.Left)
	}
	return r
}

// What Entra and Okta do with users goes well here, and nobody else notices.
func TestDrillOfUsers(t *testing.T) {
	g := newGround(t, tenant.Settings{})
	var stages []Stage
	r, err := Drill(t.Context(), g.Client, Exercise{Areas: users(), Progress: func(s Stage) { stages = append(stages, s) }})
	if err != nil || !r.OK || len(r.Rows) < 100 || r.Requests < 300 {
		t.Errorf("%d rows, %d requests, %v", len(r.Rows), r.Requests, err)
	}
	for _, row := range r.Rows {
		if !row.OK {
			t.Errorf("%s: %s: %s\n%+v", row.Area, row.Name, row.Reason, row.Exchanges)
		}
		if row.Exchanges != nil && row.OK || row.Source == "" {
			t.Errorf("%+v", row)
		}
	}
	if last := stages[len(stages)-1]; last != (Stage{Done: len(r.Rows), Of: len(r.Rows)}) || len(stages) != len(r.Rows)+1 {
		t.Errorf("the last stage is %+v", last)
	}
	g.undisturbed(t)
}

// No two rows are called the same, and each says where it comes from.
func TestTheTableIsInOrder(t *testing.T) {
	cited := regexp.MustCompile(`RFC \d{4} §|Microsoft: |Okta: |^[\w.-]+/[\w.-]+ \d+|draft-|sourcegraph`)
	seen := map[string]bool{}
	for _, a := range areas {
		for _, c := range a.cases {
			if name := a.name + c.name; seen[name] || len(c.steps) == 0 || !cited.MatchString(c.source) {
				t.Errorf("%s: %s (%s)", a.name, c.name, c.source)
			} else {
				seen[name] = true
			}
		}
	}
}

// An endpoint that only pretends fails in every row: none of them is vacuous.
func TestNoRowIsGreenOnPretence(t *testing.T) {
	for name, answer := range map[string]string{
		"empty objects": `{}`,
		"empty lists":   `{"schemas":["` + listURN + `"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}`,
		"an echo":       "",
	} {
		t.Run(name, func(t *testing.T) {
			g, next := newGround(t, tenant.Settings{}), 0
			g.door = func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
				w.Header().Set("Content-Type", contentType)
				body := new(bytes.Buffer)
				_, _ = body.ReadFrom(r.Body)
				if answer != "" || body.Len() == 0 {
					body = bytes.NewBufferString(or(answer, "{}"))
				}
				status := map[string]int{http.MethodPost: 201, http.MethodDelete: 204}[r.Method]
				w.WriteHeader(max(status, 200))
				if next++; status != http.StatusNoContent {
					id := fmt.Sprintf(`{"id":"%d",`, next)
					_, _ = w.Write(bytes.Replace(body.Bytes(), []byte("{"), []byte(id), 1))
				}
			}
			for _, row := range drilled(t, t.Context(), g).Rows {
				// Not finding anybody, ever, is all that these ask for.
				trivial := name == "empty lists" && (strings.HasPrefix(row.Name, "Test Connection") ||
					strings.HasPrefix(row.Name, "the same for externalId") || strings.HasPrefix(row.Name, "the flag"))
				if row.OK && !trivial {
					t.Errorf("%s: %s", row.Area, row.Name)
				}
				if !row.OK && (row.Reason == "" || len(row.Exchanges) == 0) {
					t.Errorf("%s: %s: %q", row.Area, row.Name, row.Reason)
				}
			}
		})
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// The areas are played alone, and an unknown one is named.
func TestDrillOfAnArea(t *testing.T) {
	g := newGround(t, tenant.Settings{})
	if r := drilled(t, t.Context(), g, "okta"); !r.OK || len(r.Rows) != len(oktaCases) {
		t.Errorf("%+v", r)
	}
	if _, err := Drill(t.Context(), g.Client, Exercise{Areas: []string{"nope"}}); err == nil || !strings.Contains(err.Error(), "okta") {
		t.Errorf("an unknown area: %v", err)
	}
}

func TestDrillDoesNotBeginInVain(t *testing.T) {
	f, c := playing(t, "")
	c.token = "wrong"
	if _, err := Drill(t.Context(), c, Exercise{}); err == nil || !strings.Contains(err.Error(), "token") || len(f.seen) != 1 {
		t.Errorf("a wrong token: %v after %d requests", err, len(f.seen))
	}
	nobody, err := NewClient("http://127.0.0.1:1/scim", "secret", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Drill(t.Context(), nobody, Exercise{}); err == nil || !strings.Contains(err.Error(), "no answer") {
		t.Errorf("nobody there: %v", err)
	}
}
