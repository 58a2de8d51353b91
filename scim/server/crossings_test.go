package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// TestNothingCrosses asks each route, with everything that one tenant can know of
// another: ids, names, filters, sort orders, cursors, ETags, references, locations,
// bulk operations, and its token. No answer holds anything of the other's, and at
// the end everything of the other's is as it was (promise 15).
func TestNothingCrosses(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			a, b := newSide(t, "aardvark"), newSide(t, "basilisk")
			handler := newHandler(store, a.tenant, b.tenant)
			for _, s := range []*side{a, b} {
				s.handler = handler
				s.furnish()
			}
			c := crossing{T: t, tried: map[string]bool{}}
			c.try(a, b)
			c.try(b, a)
			t.Logf("cross reads %d, cross writes %d of %d probes", c.reads, c.writes, c.probes)
			for _, route := range server.Routes() {
				if !c.tried[route] {
					t.Errorf("%s is not tried", route)
				}
			}
		})
	}
}

// side is one tenant, of which everything bears a mark.
type side struct {
	*testing.T
	handler     http.Handler
	tenant      *tenant.Tenant
	mark        string
	user, group string // ids
	tags        map[string]string
	cursors     map[string]string
}

func newSide(t *testing.T, mark string) *side {
	s := &side{T: t, tenant: newTenant(), mark: mark, tags: map[string]string{}, cursors: map[string]string{}}
	s.tenant.Attributes = []tenant.Attribute{{Property: mark + "Property", DisplayName: mark, Type: "String"}}
	return s
}

func (s *side) base() string { return "/t/" + string(s.tenant.ID) + "/identity/scim" }

// ask makes a request with the token of by.
func (s *side) ask(by *side, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.Helper()
	r := httptest.NewRequestWithContext(s.Context(), method, s.base()+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+string(by.tenant.ID))
	r.Header.Set("Content-Type", "application/scim+json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

func (s *side) made(kind, body string) string {
	s.Helper()
	w := s.ask(s, "POST", "/"+kind, body)
	var made struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil || w.Code != http.StatusCreated {
		s.Fatalf("%d %s", w.Code, w.Body)
	}
	s.tags[made.ID] = w.Header().Get("ETag")
	return made.ID
}

// furnish makes users, one the manager of another, and a group of them.
func (s *side) furnish() {
	s.Helper()
	user := func(name, more string) string {
		return fmt.Sprintf(`{"schemas":[%q],"userName":"%s.%s@example.com","externalId":"x-%s-%s","title":"%s",
			"emails":[{"type":"work","value":"%s.%s@example.com"}]%s}`, scim.UserURN, s.mark, name, s.mark, name, s.mark, s.mark, name, more)
	}
	s.user = s.made("Users", user("ana", ""))
	s.made("Users", user("bob", fmt.Sprintf(`,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":%q}}`, s.user)))
	s.made("Users", user("cyd", ""))
	s.group = s.made("Groups", fmt.Sprintf(`{"schemas":[%q],"displayName":"%s staff","members":[{"value":%q}]}`, scim.GroupURN, s.mark, s.user))
	s.made("Groups", fmt.Sprintf(`{"schemas":[%q],"displayName":"%s others"}`, scim.GroupURN, s.mark))
	for _, kind := range []string{"Users", "Groups"} {
		var page struct{ NextCursor string }
		w := s.ask(s, "GET", "/"+kind+"?cursor=&count=1", "")
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.NextCursor == "" {
			s.Fatalf("no cursor: %s", w.Body)
		}
		s.cursors[kind] = page.NextCursor
	}
}

// held is all that the side has, as it sees it.
func (s *side) held() string {
	s.Helper()
	all := ""
	for _, kind := range []string{"Users", "Groups"} {
		all += s.ask(s, "GET", "/"+kind+"?count=100", "").Body.String()
	}
	return all
}

// crossing counts what came across.
type crossing struct {
	*testing.T
	tried                 map[string]bool // routes
	probes, reads, writes int
}

// try has one side ask for what is the other's, on its own path and on the other's.
func (c *crossing) try(mine, theirs *side) {
	c.Helper()
	before := theirs.held()
	if !strings.Contains(before, theirs.mark) || !strings.Contains(before, theirs.user) {
		c.Fatalf("nothing is there to be found: %s", before)
	}
	own := mine.made("Groups", fmt.Sprintf(`{"schemas":[%q],"displayName":"trap"}`, scim.GroupURN))
	for _, p := range probesOf(mine, theirs, own) {
		c.probe(mine, theirs, p)
		c.refused(mine, theirs, p)
	}
	if after := theirs.held(); after != before {
		c.writes++
		c.Errorf("%s changed what is %s's\nfrom %s\nto   %s", mine.mark, theirs.mark, before, after)
	}
}

// probe is one question: what may be answered has none of the other's values, and
// is no success where there is nothing of one's own to succeed with.
type probe struct {
	method, path, body string
	headers            []string
	fails              bool // it names only what is the other's
}

func (c *crossing) probe(mine, theirs *side, p probe) {
	c.Helper()
	c.probes++
	c.tried[p.route()] = true
	w := mine.ask(mine, p.method, p.path, p.body, p.headers...)
	text := fmt.Sprint(w.Body, w.Header())
	if strings.Contains(text, theirs.mark) && w.Code < 300 || strings.Contains(text, "/"+string(theirs.tenant.ID)+"/") {
		c.reads++
		c.Errorf("%s %s %s %v: %d %s", p.method, p.path, p.body, p.headers, w.Code, text)
	}
	if p.fails && w.Code < 400 {
		c.reads++
		c.Errorf("%s %s %s: %d %s", p.method, p.path, p.body, w.Code, w.Body)
	}
}

// refused asks the same on the other's path with one's own token.
func (c *crossing) refused(mine, theirs *side, p probe) {
	c.Helper()
	c.probes++
	if w := theirs.ask(mine, p.method, p.path, p.body, p.headers...); w.Code != http.StatusUnauthorized {
		c.reads++
		c.Errorf("%s %s at the other's path: %d %s", p.method, p.path, w.Code, w.Body)
	}
}

var (
	anID       = regexp.MustCompile(`^/(Users|Groups)/[0-9a-f-]{36}$`)
	anEndpoint = regexp.MustCompile(`^/(Users|Groups)\b`)
	aName      = regexp.MustCompile(`^/(Schemas|ResourceTypes)/.+`)
)

// route is the row of the routes' table that a probe asks.
func (p probe) route() string {
	path, _, _ := strings.Cut(p.path, "?")
	switch {
	case anID.MatchString(path):
		path = "/{endpoint}/{id}"
	case aName.MatchString(path):
		path = "/" + strings.Split(path, "/")[1] + "/{id}"
	default:
		path = anEndpoint.ReplaceAllString(path, "/{endpoint}")
	}
	return p.method + " " + path
}

// probesOf are the questions of one side about the other. own is a group of the
// asker's.
func probesOf(mine, theirs *side, own string) (all []probe) {
	user := fmt.Sprintf(`{"schemas":[%q],"userName":"stolen@x.example","id":%q}`, scim.UserURN, theirs.user)
	group := fmt.Sprintf(`{"schemas":[%q],"displayName":"stolen","id":%q,"members":[{"value":%q}]}`, scim.GroupURN, theirs.group, theirs.user)
	patch := func(op, path string, value any) string {
		text, _ := json.Marshal(map[string]any{"schemas": []string{scim.PatchURN}, "Operations": []any{map[string]any{"op": op, "path": path, "value": value}}})
		return string(text)
	}
	member := []any{map[string]any{"value": theirs.user, "$ref": publicURL + theirs.base() + "/Users/" + theirs.user}}
	for _, ref := range []struct{ path, id, put, patch string }{
		{"/Users/" + theirs.user, theirs.user, user, patch("replace", "title", "stolen")},
		{"/Groups/" + theirs.group, theirs.group, group, patch("remove", "members", member)},
	} {
		for _, headers := range [][]string{nil, {"If-Match", theirs.tags[ref.id]}, {"If-None-Match", theirs.tags[ref.id]}, {"If-Match", "*"}} {
			all = append(all,
				probe{"GET", ref.path, "", headers, true}, probe{"PUT", ref.path, ref.put, headers, true},
				probe{"PATCH", ref.path, ref.patch, headers, true}, probe{"DELETE", ref.path, "", headers, true})
		}
		all = append(all, probe{"GET", ref.path + "?attributes=members,groups,userName", "", nil, true})
	}
	all = append(all, searches(theirs)...)
	all = append(all, bulks(theirs, user, group)...)
	for _, path := range []string{"/ServiceProviderConfig", "/ResourceTypes", "/ResourceTypes/User", "/Schemas", "/Schemas/" + scim.UserURN, "/Schemas/" + scim.AppspaceUserURN} {
		all = append(all, probe{method: "GET", path: path})
	}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		all = append(all, probe{method: method, path: "/Me", body: user, fails: true})
	}
	manager := `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`
	return append(all,
		probe{method: "POST", path: "/Users", body: strings.Replace(user, "stolen@", mine.mark+".thief@", 1)}, // the id is not taken
		probe{method: "PATCH", path: "/Groups/" + own, body: patch("add", "members", member)},
		probe{method: "GET", path: "/Groups/" + own},
		probe{method: "GET", path: "/Groups?filter=" + url.QueryEscape(fmt.Sprintf("members.value eq %q", theirs.user))},
		probe{method: "PATCH", path: "/Groups/" + own, body: patch("replace", "members", member)},
		probe{method: "PATCH", path: "/Groups/" + own + "?attributes=members", body: patch("add", "members", []any{map[string]any{"value": theirs.group}})},
		probe{method: "PATCH", path: "/Groups/" + own, body: patch("remove", fmt.Sprintf("members[value eq %q]", theirs.user), nil)},
		probe{method: "PATCH", path: "/Users/" + mine.user, body: patch("add", manager, theirs.user)},
		probe{method: "GET", path: "/Users/" + mine.user},
	)
}

// searches are lists by everything that is the other's.
func searches(theirs *side) (all []probe) {
	filters := []string{
		`id eq "` + theirs.user + `"`, `id eq "` + theirs.group + `"`, `userName eq "` + theirs.mark + `.ana@example.com"`,
		`externalId eq "x-` + theirs.mark + `-ana"`, `title eq "` + theirs.mark + `"`, `emails.value eq "` + theirs.mark + `.ana@example.com"`,
		`emails[type eq "work" and value sw "` + theirs.mark + `"]`, `userName sw "` + theirs.mark + `"`, `userName co "` + theirs.mark + `"`,
		`groups.value eq "` + theirs.group + `"`, `members.value eq "` + theirs.user + `"`, `displayName eq "` + theirs.mark + ` staff"`, `displayName sw "` + theirs.mark + `"`,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "` + theirs.user + `"`,
		`title eq "` + theirs.mark + `" or userName pr`, `title eq "` + theirs.mark + `" and userName pr`, `not (title eq "nobody")`, `meta.created gt "2000-01-01T00:00:00Z"`,
	}
	for _, path := range []string{"", "/Users", "/Groups"} {
		for _, filter := range filters {
			all = append(all,
				probe{method: "GET", path: path + "/?filter=" + url.QueryEscape(filter)},
				probe{method: "POST", path: path + "/.search", body: search("filter", filter)})
		}
		for _, more := range []string{"", "?sortBy=userName", "?sortBy=displayName&sortOrder=descending", "?startIndex=2&count=100", "?cursor=", "?count=100&attributes=userName,displayName,groups,members"} {
			all = append(all, probe{method: "GET", path: path + "/" + more})
		}
	}
	for i := range all { // the root is "/", an endpoint has no slash at its end
		all[i].path = strings.Replace(strings.Replace(all[i].path, "Users/?", "Users?", 1), "Groups/?", "Groups?", 1)
		if len(all[i].path) > 1 {
			all[i].path = strings.TrimSuffix(all[i].path, "/")
		}
	}
	for kind, cursor := range theirs.cursors {
		all = append(all,
			probe{method: "GET", path: "/" + kind + "?count=1&cursor=" + cursor, fails: true},
			probe{method: "POST", path: "/" + kind + "/.search", body: search("cursor", cursor), fails: true})
	}
	return all
}

func search(name, value string) string {
	text, _ := json.Marshal(map[string]any{"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:SearchRequest"}, name: value, "count": 1})
	return string(text)
}

// bulks are operations on what is the other's, by id, by location, and as what
// another operation refers to.
func bulks(theirs *side, user, group string) (all []probe) {
	steps := []step{
		{Method: "PUT", Path: "/Users/" + theirs.user, Data: json.RawMessage(user)},
		{Method: "PATCH", Path: "/Users/" + theirs.user, Data: newPatch("title", "stolen")},
		{Method: "DELETE", Path: "/Users/" + theirs.user},
		{Method: "PUT", Path: "/Groups/" + theirs.group, Data: json.RawMessage(group)},
		{Method: "PATCH", Path: "/Groups/" + theirs.group, Data: newPatch("displayName", "stolen")},
		{Method: "DELETE", Path: "/Groups/" + theirs.group},
		{Method: "DELETE", Path: theirs.base() + "/Users/" + theirs.user},
		{Method: "DELETE", Path: publicURL + theirs.base() + "/Users/" + theirs.user},
		{Method: "DELETE", Path: "/../../" + string(theirs.tenant.ID) + "/identity/scim/Users/" + theirs.user},
		{Method: "POST", Path: theirs.base() + "/Users", BulkID: "a", Data: newUser("stolen@x.example")},
	}
	for _, s := range append(slices.Clone(steps), step{Method: "POST", Path: "/Groups", BulkID: "g", Data: fmt.Appendf(nil,
		`{"schemas":[%q],"displayName":"bulk trap","members":[{"value":%q}]}`, scim.GroupURN, theirs.user)}) {
		text, _ := json.Marshal(map[string]any{"schemas": []string{scim.BulkRequestURN}, "Operations": []step{s}})
		all = append(all, probe{method: "POST", path: "/Bulk", body: string(text)})
	}
	text, _ := json.Marshal(map[string]any{"schemas": []string{scim.BulkRequestURN}, "Operations": steps})
	return append(all, probe{method: "POST", path: "/Bulk", body: string(text)})
}
