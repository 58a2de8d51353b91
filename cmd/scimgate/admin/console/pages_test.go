package console

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func (b *browser) acme() *tenant.Tenant {
	b.Helper()
	t, err := b.Service.Tenants.Tenant(b.Context(), "acme")
	b.must(err)
	return t
}

// did requires that an action led on to a page that says so.
func (b *browser) did(path string, form url.Values, done string) {
	b.Helper()
	a := b.post(path, form)
	if a.status != http.StatusSeeOther || !strings.HasSuffix(a.header.Get("Location"), "?done="+done) {
		b.Fatalf("%s: %d %s %.500s", path, a.status, a.header.Get("Location"), a.text)
	}
	if page := b.get(strings.TrimPrefix(a.header.Get("Location"), Prefix)); !strings.Contains(page.text, `role="status"`) {
		b.Errorf("%s does not say what was done", a.header.Get("Location"))
	}
}

// says requires a refusal whose page says why, and holds what was sent.
func (b *browser) says(path string, form url.Values, words ...string) {
	b.Helper()
	a := b.post(path, form)
	if a.status != http.StatusUnprocessableEntity {
		b.Errorf("%s: %d", path, a.status)
	}
	for _, w := range words {
		if !strings.Contains(a.text, w) {
			b.Errorf("%s does not say %q: %s", path, w, a.text)
		}
	}
}

func TestSettingsPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	b.did("/accounts/acme/settings", url.Values{"part": {"justInTime"}, "justInTimeOff": {"yes"}}, "saved")
	b.did("/accounts/acme/settings", url.Values{"part": {"options"}, "automaticActivation": {"yes"}, "onDelete": {"delete"}}, "saved")
	b.did("/accounts/acme/scim", url.Values{"to": {"off"}}, "scimOff")
	got := b.acme().Settings
	if !got.JustInTimeOff || !got.AutomaticActivation || got.Strict || got.OnDelete != tenant.Delete || !got.Paused {
		t.Errorf("%+v", got)
	}
	b.did("/accounts/acme/scim", url.Values{"to": {"on"}}, "scimOn")
	b.did("/accounts/acme/settings", url.Values{"part": {"options"}, "onDelete": {"destroy"}}, "saved")
	got = b.acme().Settings
	if !got.JustInTimeOff || got.AutomaticActivation || got.OnDelete != tenant.Delete || got.Paused {
		t.Errorf("one part changed another: %+v", got)
	}
	operator := d.as(&person{Role: Operator})
	operator.did("/accounts/acme/limit", url.Values{"rate": {"12.5"}, "burst": {"30"}}, "saved")
	for _, form := range []url.Values{{"rate": {"NaN"}, "burst": {"1"}}, {"rate": {"0"}, "burst": {"1"}}, {"rate": {"1"}, "burst": {"0"}}, {"rate": {"-1"}, "burst": {"x"}}, {"rate": {"+Inf"}, "burst": {"9"}}} {
		operator.says("/accounts/acme/limit", form, "Give a rate")
	}
	if got := b.acme().Settings.Limit; got.Rate != 12.5 || got.Burst != 30 {
		t.Errorf("%+v", got)
	}
}

// Each kind of requests can have a limit of its own, and a connection a pace; left
// empty they have none.
func TestLimitsByKind(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator})
	form := url.Values{"rate": {"100"}, "burst": {"400"}, "read-rate": {"30"}, "read-burst": {"60"}, "token-rate": {"0.5"}, "token-burst": {"5"}}
	b.did("/accounts/acme/limit", form, "saved")
	if got := b.acme().Settings.Limits; got.Read != (ratelimit.Limit{Rate: 30, Burst: 60}) || got.Write != (ratelimit.Limit{}) || got.Token != (ratelimit.Limit{Rate: 0.5, Burst: 5}) {
		t.Errorf("%+v", got)
	}
	b.get("/accounts/acme/settings").reads(t, "the form", `name="read-rate" inputmode="decimal" value="30"`, `name="write-rate" inputmode="decimal" value=""`, `name="token-burst" inputmode="numeric" value="5"`)
	form.Set("write-rate", "5")
	b.says("/accounts/acme/limit", form, "leave both empty, or neither")
	b.did("/accounts/acme/limit", url.Values{"rate": {"100"}, "burst": {"400"}}, "saved")
	if got := b.acme().Settings; got.Limits != (tenant.Limits{}) || got.Limit.Rate != 100 {
		t.Errorf("emptied: %+v", got)
	}
	const pace = "/accounts/acme/connections/appspace/pace"
	b.did(pace, url.Values{"rate": {"2.5"}, "burst": {"10"}}, "saved")
	if got := b.acme().Connections[0].Pace; got != (ratelimit.Limit{Rate: 2.5, Burst: 10}) {
		t.Errorf("%+v", got)
	}
	b.get("/accounts/acme/connection").reads(t, "the pace", `value="2.5"`)
	d.as(&person{Role: Support}).get("/accounts/acme/connection").reads(t, "the pace to who only looks", "at most 2.5 per second")
	b.says(pace, url.Values{"rate": {"-1"}, "burst": {"10"}}, "leave both empty")
	b.did(pace, url.Values{}, "saved")
	if got := b.acme().Connections[0].Pace; got != (ratelimit.Limit{}) {
		t.Errorf("emptied: %+v", got)
	}
}

// The connection test goes the way that Azure goes, and leaves nothing behind.
func TestConnectionTestOfOurs(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	before, err := d.Service.Tokens(t.Context(), "acme")
	d.must(err)
	b.post("/accounts/acme/test", nil).reads(t, "well", "It works", "As Azure expects", "200 with an empty list", "GET /Schemas", "answered 200")
	after, err := d.Service.Tokens(t.Context(), "acme")
	if err != nil || len(after) != len(before) {
		t.Errorf("%d tokens before, %d after: %v", len(before), len(after), err)
	}
	d.Service.PublicURL = d.url + "/elsewhere"
	b.post("/accounts/acme/test", nil).reads(t, "elsewhere", "It does not work", "Not as Azure expects", "answered 404")
	d.Service.PublicURL = ""
	b.says("/accounts/acme/test", nil, "public-url")
	b.did("/accounts/acme/scim", url.Values{"to": {"off"}}, "scimOff")
	b.says("/accounts/acme/test", nil, "SCIM is switched off")
}

var secretField = regexp.MustCompile(`id="secret-token" value="(sg_[^"]+)"`)

// A token is shown by the page that made it, and by none after.
func TestATokenIsShownOnce(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	for _, form := range []url.Values{{"label": {"a"}, "days": {"90"}}, {"from": {"settings"}}} {
		found := secretField.FindStringSubmatch(b.post("/accounts/acme/tokens", form).text)
		if found == nil {
			t.Fatalf("%v: no token", form)
		}
		if _, err := d.Service.Resolver.Authenticate(t.Context(), "acme", "Bearer "+found[1]); err != nil {
			t.Error(err)
		}
		for _, page := range []string{"/settings", "/credentials"} {
			if strings.Contains(b.get("/accounts/acme"+page).text, found[1]) {
				t.Errorf("%s shows it", page)
			}
		}
		id := strings.Split(found[1], "_")[1]
		b.did("/accounts/acme/tokens/"+id+"/revoke", nil, "tokenRevoked")
		if _, err := d.Service.Resolver.Authenticate(t.Context(), "acme", "Bearer "+found[1]); err == nil {
			t.Error("revoked, and still good")
		}
	}
	if a := b.post("/accounts/acme/tokens/nope/revoke", nil); a.status != http.StatusNotFound {
		t.Errorf("revoke none: %d", a.status)
	}
}

func TestMappingPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme", Name: "Kim"})
	before := b.acme()
	faulty := `{"rules":[{"target":"title","type":"Direct","source":"title"},{"target":"nope","type":"Constant","value":"x"}]}`
	b.says("/accounts/acme/mapping/draft", url.Values{"rules": {faulty}}, `class="faulty"`, "no attribute", "&#34;target&#34;:&#34;nope&#34;")
	b.says("/accounts/acme/mapping/draft", url.Values{"rules": {"rubbish"}}, "not JSON", ">rubbish<")
	if after := b.acme(); after.Version != before.Version {
		t.Errorf("a faulty draft was kept: %s", after.Draft)
	}
	b.did("/accounts/acme/mapping/draft", url.Values{"rules": {`{"rules":[{"target":"title","type":"Direct","source":"nickName"}]}`}}, "draftKept")
	b.did("/accounts/acme/mapping/publish", nil, "published")
	versions, err := d.Service.RulesVersions(t.Context(), "acme")
	if err != nil || len(versions) != 2 || versions[0].Author != "Kim" || !strings.Contains(string(versions[0].Rules), "nickName") {
		t.Errorf("%v, %v", versions, err)
	}
	b.says("/accounts/acme/mapping/publish", nil) // there is no draft any more
	b.did("/accounts/acme/attributes", url.Values{"property": {"site"}, "type": {"Integer"}, "required": {"yes"}}, "attributeMade")
	b.says("/accounts/acme/attributes", url.Values{"property": {"SITE"}, "type": {"Integer"}}, "defined already")
	b.says("/accounts/acme/attributes", url.Values{"property": {"1 a"}, "type": {"Boolean"}, "displayName": {strings.Repeat("x", 201)}}, "begins with a letter", "String or Integer", "longer")
	b.did("/accounts/acme/attributes/site/delete", nil, "attributeGone")
}

func TestConnectionPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	page := b.get("/accounts/acme/connection").text
	if !strings.Contains(page, "https://a.example/") || strings.Contains(page, "s3cret") {
		t.Errorf("%s", page)
	}
	settings := func() string {
		c := b.acme().Connections[0]
		text, err := d.Service.Vault().Open(t.Context(), c.Sealed, "acme", c.Field())
		d.must(err)
		return string(text)
	}
	// The token that is there is not shown to another address.
	b.says("/accounts/acme/connections", url.Values{"baseURL": {"https://elsewhere.example/"}}, "Give the token together", "https://elsewhere.example/")
	if !strings.Contains(settings(), "a.example") {
		t.Errorf("%s", settings())
	}
	b.did("/accounts/acme/connections", url.Values{"baseURL": {"https://a.example/"}}, "connected")
	if settings() != `{"baseURL":"https://a.example/","token":"s3cret"}` {
		t.Errorf("%s", settings())
	}
	b.did("/accounts/acme/connections", url.Values{"baseURL": {"https://b.example/"}, "token": {"new"}}, "connected")
	if settings() != `{"baseURL":"https://b.example/","token":"new"}` {
		t.Errorf("%s", settings())
	}
	b.did("/accounts/acme/connections/appspace/pause", url.Values{"to": {"paused"}}, "paused")
	if !b.acme().Connections[0].Paused {
		t.Error("it is not paused")
	}
	b.did("/accounts/acme/connections/appspace/pause", url.Values{"to": {"running"}}, "resumed")
	if a := b.post("/accounts/acme/connections/appspace/test", nil); a.status != http.StatusOK || !strings.Contains(a.text, "accepted the token") {
		t.Errorf("test: %d", a.status)
	}
}

func TestAccountsPage(t *testing.T) {
	d := newDesk(t)
	b := d.as(&person{Role: Operator})
	if !strings.Contains(b.get("/accounts").text, "No account yet") {
		t.Error("no word of what to do first")
	}
	if a := b.post("/accounts", url.Values{"id": {"acme"}, "name": {"Acme Inc."}}); a.header.Get("Location") != Prefix+"/accounts/acme/settings?done=accountMade" {
		t.Errorf("%d %v", a.status, a.header)
	}
	b.says("/accounts", url.Values{"id": {"acme"}, "name": {"again"}}, "exists already", `value="again"`)
	b.says("/accounts", url.Values{"id": {"Acme Inc"}}, "a-z, 0-9", `value="Acme Inc"`)
	for i := range accountsPerPage + 5 {
		_, err := d.Service.CreateTenant(t.Context(), admin.TenantInput{ID: fmt.Sprintf("b%03d", i)})
		d.must(err)
	}
	first := b.get("/accounts").text
	if strings.Contains(first, "/accounts/b054") || !strings.Contains(first, "/console/accounts?after=b048") {
		t.Error("the first page")
	}
	if second := b.get("/accounts?after=b048").text; !strings.Contains(second, "/accounts/b054") || strings.Contains(second, "/accounts/b048/") {
		t.Error("the second page")
	}
}

// crowd makes users u000 and so on.
func (d *desk) crowd(n int) {
	d.Helper()
	for i := range n {
		r := scim.NewResource("User", fmt.Sprintf("c%04d", i), value.NewObject(
			value.Member{Name: "userName", Value: value.NewText(fmt.Sprintf("u%04d@example.com", i))},
			value.Member{Name: "displayName", Value: value.NewText(fmt.Sprintf("Person %d", i))},
		))
		d.must(d.stores.resources.Create(d.Context(), "acme", r, []tenant.Slot{0}))
	}
}

var nextPage = regexp.MustCompile(`href="/console(/accounts/acme/users\?[^"]+)" rel="next"`)

// Pages follow each other by name, whatever was searched for, and show everybody
// once; none is long.
func TestUsersPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.crowd(120)
	b := d.as(&person{Role: Support, Tenant: "acme"})
	for query, want := range map[string]int{"": 121, "?q=u00": 100, "?q=person+1": 31, "?q=nobody": 0, `?filter=yes&q=userName+sw+"u01"`: 20} {
		seen := map[string]bool{}
		path, pages := "/accounts/acme/users"+strings.ReplaceAll(query, `"`, "%22"), 0
		for ; path != "" && pages < 9; pages++ {
			begin := time.Now()
			a := b.get(path)
			if a.status != http.StatusOK || len(a.text) > 100<<10 {
				t.Fatalf("%s: %d, %d bytes", path, a.status, len(a.text))
			}
			t.Logf("%s: %d bytes in %v", query, len(a.text), time.Since(begin))
			for _, m := range regexp.MustCompile(`<a href="/console/accounts/acme/users/([cu][0-9]+)"`).FindAllStringSubmatch(a.text, -1) {
				if seen[m[1]] {
					t.Errorf("%s: %s twice", query, m[1])
				}
				seen[m[1]] = true
			}
			path = ""
			if m := nextPage.FindStringSubmatch(a.text); m != nil {
				path = strings.ReplaceAll(m[1], "&amp;", "&")
				if strings.Contains(path, "example.com") {
					t.Errorf("a name is in the address: %s", path)
				}
			}
		}
		if len(seen) != want {
			t.Errorf("%q: %d, want %d", query, len(seen), want)
		}
	}
	for _, after := range []string{"rubbish", "AAAA", strings.Repeat("A", 200)} {
		if a := b.get("/accounts/acme/users?after=" + after); a.status != http.StatusNotFound {
			t.Errorf("a forged cursor: %d", a.status)
		}
	}
	if a := b.get("/accounts/acme/users?filter=yes&q=userName+eq"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, "filter:") {
		t.Errorf("a faulty filter: %d", a.status)
	}
}

func TestUserPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	page := b.get("/accounts/acme/users/u1").text
	for _, word := range []string{"ana@example.com", "Parked", "It was not delivered", "reason", ">rule<", "Group", d.url + "/t/acme/identity/scim/Users/u1"} {
		if !strings.Contains(page, word) {
			t.Errorf("no word of %s", word)
		}
	}
	b.did("/accounts/acme/deliveries/replay", url.Values{"id": {"u1"}, "connection": {"appspace"}, "section": {"users"}}, "replayed")
	if item, err := d.stores.resources.Delivery(t.Context(), "acme", 0, directory.Ref{Kind: "User", ID: "u1"}); err != nil || item.Delivery.State != directory.Due {
		t.Errorf("%+v, %v", item, err)
	}
	d.must(d.stores.resources.Delete(t.Context(), "acme", directory.Ref{Kind: "User", ID: "u1"}, []tenant.Slot{0}, nil))
	gone := b.get("/accounts/acme/users/u1")
	if gone.status != http.StatusOK || strings.Contains(gone.text, "ana@") || !strings.Contains(gone.text, "Deleted") {
		t.Errorf("a deleted user: %d %s", gone.status, gone.text)
	}
	for _, path := range []string{"/users/nope", "/groups/u1", "/users/g1", "/groups/nope"} {
		if a := b.get("/accounts/acme" + path); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestReplayOfAllParked(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	if a := b.get("/accounts/acme/deliveries"); !strings.Contains(a.text, "/users/u1") {
		t.Error("the page does not begin with what is parked where nothing is due")
	}
	b.did("/accounts/acme/deliveries/replay", nil, "replayed")
	if h, err := d.health(t.Context(), b.acme()); err != nil || h.Parked.N != 0 || h.Due.N != 1 {
		t.Errorf("%+v, %v", h, err)
	}
}

// What happened to a user stands on her page, and among everything else.
func TestStory(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	for _, path := range []string{"/users/u1", "/activity", "/activity?request=request"} {
		page := b.get("/accounts/acme" + path).text
		for _, word := range []string{"Identity provider: PATCH", "answered 200", "Nothing to change", "replace path", "without the object around it", "/activity?request=request"} {
			if !strings.Contains(page, word) {
				t.Errorf("%s: no word of %q", path, word)
			}
		}
	}
	if page := b.get("/accounts/acme/activity?request=another").text; !strings.Contains(page, "Nothing happened yet") {
		t.Error("another request has the same story")
	}
	if a := b.get("/accounts/acme/activity?after=rubbish"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a forged position: %d", a.status)
	}
}

func TestGroupSync(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	b.did("/accounts/acme/group-sync", url.Values{"to": {"on"}}, "groupsOn")
	if !b.acme().Connections[0].Groups {
		t.Error("it is off")
	}
	b.did("/accounts/acme/group-sync", url.Values{"to": {"off"}}, "groupsOff")
	if b.acme().Connections[0].Groups {
		t.Error("it is on")
	}
	if a := d.as(&person{Role: Operator}).post("/accounts/globex/group-sync", url.Values{"to": {"on"}}); a.status != http.StatusNotFound {
		t.Errorf("without a connection: %d", a.status)
	}
}

// An open page is told of a change, and ends when we do.
func TestEvents(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	since := regexp.MustCompile(`data-events="([^"]+)"`).FindStringSubmatch(b.get("/accounts/acme/users").text)
	req, err := http.NewRequestWithContext(ctx, "GET", d.url+strings.ReplaceAll(since[1], "&amp;", "&"), nil)
	d.must(err)
	res, err := b.client.Do(req)
	d.must(err)
	defer func() { _ = res.Body.Close() }()
	lines := bufio.NewScanner(res.Body)
	lines.Scan() // nothing changed since the page: a comment
	if lines.Text() != ":" {
		t.Errorf("at first: %q", lines.Text())
	}
	d.Changed("globex")
	d.Changed("acme")
	told := false
	for !told && lines.Scan() {
		told = lines.Text() == "event: changed"
	}
	if !told {
		t.Errorf("no event: %v", lines.Err())
	}
	d.Stop()
	for more := true; more; {
		more = lines.Scan()
	}
	if lines.Err() != nil {
		t.Error(lines.Err())
	}
}

// A store that fails is a 503 that says nothing of it.
func TestFaultsOfOurs(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator})
	d.Service.Directory = failingDirectory{d.Service.Directory}
	a := b.get("/accounts/acme/users")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || strings.Contains(a.text, "fire") {
		t.Errorf("%d %s", a.status, a.text)
	}
	if !strings.Contains(d.log.String(), "disk on fire") {
		t.Errorf("the log does not know: %s", d.log)
	}
}

type failingDirectory struct{ admin.Directory }

func (failingDirectory) List(context.Context, tenant.ID, directory.Query) (*directory.Page, error) {
	return nil, fmt.Errorf("disk on fire")
}

// hold makes a user who was about to leave, and was stopped.
func (d *desk) hold(id string) {
	d.Helper()
	ctx, resources, ref := d.Context(), d.stores.resources, directory.Ref{Kind: "User", ID: id}
	r := scim.NewResource("User", id, value.NewObject(
		value.Member{Name: "userName", Value: value.NewText(id + "@example.com")}, value.Member{Name: "active", Value: value.Truth(false)},
	))
	d.must(resources.Create(ctx, "acme", r, []tenant.Slot{0}))
	at := now().Add(time.Minute)
	claim, err := resources.Claim(ctx, "acme", 0, ref, directory.Intent{ID: "h", Op: directory.Updating, QuietUntil: at}, at)
	d.must(err)
	d.must(resources.Commit(ctx, claim, directory.Outcome{Retry: &directory.Retry{
		At: at, Departure: directory.Withheld, Spare: true, Failure: directory.Failure{Class: "held", Reason: "many leave at once", At: now()},
	}}))
}

// What the guard stopped is let go, one by one or all, or kept.
func TestHeld(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	for _, id := range []string{"h1", "h2", "h3"} {
		d.hold(id)
	}
	held := func() int {
		h, err := d.health(t.Context(), b.acme())
		d.must(err)
		return h.Held.N
	}
	if page := b.get("/accounts/acme/deliveries?state=held").text; !strings.Contains(page, "h1@example.com") || !strings.Contains(page, "3 held") || !strings.Contains(page, "many leave at once") {
		t.Errorf("%s", page)
	}
	b.did("/accounts/acme/deliveries/release", url.Values{"id": {"h1"}}, "released")
	if held() != 2 {
		t.Errorf("%d held after one was let go", held())
	}
	b.did("/accounts/acme/deliveries/discard", url.Values{"id": {"h2"}}, "discarded")
	if held() != 1 {
		t.Errorf("%d held after one was kept", held())
	}
	b.did("/accounts/acme/deliveries/release", nil, "released")
	if held() != 0 {
		t.Errorf("%d held after all were let go", held())
	}
}

// What was asked and refused, or only read, is shown too: a user who could not be made
// has no page to tell it.
func TestLastRequests(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	d.traffic.Tell("acme", server.Line{At: now(), Request: "r2", Method: "GET", Route: "/Users", Filtered: true, Status: 200, Took: 3 * time.Millisecond})
	b.get("/accounts/acme/activity?show=requests").reads(t, "the requests", "POST /Users", "409", "uniqueness", "GET /Users", "search", "3 ms", `activity?request=r2`)
	if a := b.get("/accounts/acme/activity"); strings.Contains(a.text, "uniqueness") || !strings.Contains(a.text, "activity?show=requests") {
		t.Error("the journal")
	}
	d.as(&person{Role: Administrator, Tenant: "globex"}).get("/accounts/globex/activity?show=requests").reads(t, "another's", "Nothing happened yet")
}
