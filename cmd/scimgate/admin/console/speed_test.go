package console

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// What a page may take, of the server and of the wire.
const (
	pageTime  = 50 * time.Millisecond
	pageBytes = 100 << 10

	// mostAsked is how often a page may ask the store, twice for each of its rows and
	// a few times for the rest.
	mostAsked = 120
)

// manyUsers is how many users the account has: SCIMGATE_TEST_USERS, else 25,000.
func manyUsers(tb testing.TB) int {
	tb.Helper()
	n, err := strconv.Atoi(os.Getenv("SCIMGATE_TEST_USERS"))
	switch {
	case err == nil:
		return n
	case !measured:
		return 2_500
	default:
		return 25_000
	}
}

// Every page of a large account is quick and short.
//
//	SCIMGATE_TEST_USERS=250000 go test ./cmd/scimgate/admin/console -run Pages -v -timeout 1h
func TestPagesOfALargeAccount(t *testing.T) {
	d, n := newDesk(t), manyUsers(t)
	d.furnish("")
	d.multitude(n, years)
	b := d.as(&person{Role: Operator})
	t.Logf("load before: %s", load())
	for _, path := range d.largePages() {
		took, a := b.times(path)
		t.Logf("%8.2f ms, at the least %8.2f ms %7d bytes  %d %s", ms(took[len(took)/2]), ms(took[0]), len(a.text), a.status, path)
		if measured && took[0] > pageTime {
			t.Errorf("%s takes %v with %d users", path, took[0], n)
		}
		if len(a.text) > pageBytes {
			t.Errorf("%s has %d bytes with %d users", path, len(a.text), n)
		}
	}
	t.Logf("load after: %s", load())
}

// No page asks a store on another machine more often than that takes a page's time.
// How long each question takes is not judged: the stand-in for MongoDB scans for what
// an index answers.
func TestPagesAskAStoreSeldom(t *testing.T) {
	d := newDeskOn(t, openMongo)
	d.furnish("")
	d.multitude(200, 3)
	for i := range accountsPerPage {
		_, err := d.Service.CreateTenant(t.Context(), admin.TenantInput{ID: fmt.Sprint("further", i)})
		d.must(err)
	}
	b := d.as(&person{Role: Operator})
	for _, path := range d.largePages() {
		before := d.stores.asked.Load()
		a := b.get(path)
		asked := d.stores.asked.Load() - before
		t.Logf("%4d questions  %d %s", asked, a.status, path)
		if asked > mostAsked {
			t.Errorf("%s asks the store %d times", path, asked)
		}
	}
}

// largePages are all pages of acme, those that have most to show among them.
func (d *desk) largePages() []string {
	d.Helper()
	paths := []string{"/accounts/acme/users/big", "/accounts/acme/groups/all", "/accounts/acme/mapping/explain?user=u000007&target=title", "/accounts/acme/mapping/explain?user=u000007"}
	for _, query := range []string{"q=person", "q=person+1", "q=u00001", "q=u000017@example.com", "filter=yes&q=title+eq+%22Clerk%22", "filter=yes&q=emails.value+sw+%22u0001%22", "q=nobody"} {
		paths = append(paths, "/accounts/acme/users?"+query)
	}
	for _, r := range routes {
		if r.method == http.MethodGet && r.who != everybody && !strings.HasSuffix(r.path, "/events") {
			paths = append(paths, d.fill(r.path))
		}
	}
	return paths
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// load is how many processes of this machine wanted to run, on average of the last
// minute; "?" where it does not say.
func load() string {
	raw, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "?"
	}
	return strings.Fields(string(raw))[0]
}

// What is too much for a page is said to be, and can be had by who asks for it.
func TestTooMuchForAPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.multitude(candidates+10, years)
	b := d.as(&person{Role: Operator})
	if a := b.get("/accounts/acme/users?q=person"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, "More than 1,000 could be meant") {
		t.Errorf("a word that fits everybody: %d", a.status)
	}
	if a := b.get("/accounts/acme/users?q=person+77"); a.status != http.StatusOK || !strings.Contains(a.text, "u000077@example.com") {
		t.Errorf("one that fits some: %d", a.status)
	}
	if a := b.get("/accounts/acme/users?filter=yes&q=title+pr"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, "too many candidates") {
		t.Errorf("a filter without an index: %d", a.status)
	}
	some := b.get("/accounts/acme/users/big")
	some.reads(t, "the first of many values", "more attributes", `<a href="?all=yes">`, "…")
	if a := b.get("/accounts/acme/users/big?all=yes"); len(a.text) < 5*len(some.text) || strings.Contains(a.text, `<a href="?all=yes">`) {
		t.Errorf("all of it: %d bytes", len(a.text))
	}
}

// times asks for a page several times, and tells how long it took, shortest first. On
// a machine that does other things too, the least is what the page takes.
func (b *browser) times(path string) ([]time.Duration, answered) {
	b.Helper()
	var took []time.Duration
	var a answered
	for range tries {
		begin := time.Now()
		a = b.get(path)
		took = append(took, time.Since(begin))
	}
	slices.Sort(took)
	return took, a
}

// multitude makes acme large in every way: n users, some of whom are in one group,
// one who holds as much as there can be, versions, attributes, tokens, and accounts
// beside it.
func (d *desk) multitude(n, years int) {
	d.Helper()
	var writers sync.WaitGroup
	for w := range 32 {
		writers.Go(func() {
			for i := w; i < n; i += 32 {
				if err := d.stores.resources.Create(context.Background(), "acme", one(i), []tenant.Slot{0}); err != nil {
					d.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	group := scim.NewResource("Group", "all", value.NewObject(member("id", "all"), member("displayName", "All")))
	group.Members = &scim.MemberChange{}
	for i := range min(n, 2000) {
		group.Members.Add = append(group.Members.Add, fmt.Sprintf("u%06d", i))
	}
	d.must(d.stores.resources.Create(d.Context(), "acme", group, nil))
	d.must(d.stores.resources.Create(d.Context(), "acme", big(), []tenant.Slot{0}))
	d.paperwork(years)
}

func member(name, text string) value.Member {
	return value.Member{Name: name, Value: value.NewText(text)}
}

// one is a user like any other.
func one(i int) *scim.Resource {
	id := fmt.Sprintf("u%06d", i)
	email := value.Of(value.NewObject(member("type", "work"), member("value", id+"@example.com")))
	name := value.Of(value.NewObject(member("givenName", "Person"), member("familyName", fmt.Sprint("Family", i%1000))))
	title := "Engineer"
	if i%50 == 0 {
		title = "Clerk"
	}
	r := scim.NewResource("User", id, value.NewObject(
		member("id", id), member("userName", id+"@example.com"), member("externalId", "x"+id), member("displayName", fmt.Sprint("Person ", i)), member("title", title),
		value.Member{Name: "name", Value: name}, value.Member{Name: "emails", Value: value.List(email)}, value.Member{Name: "active", Value: value.Truth(true)},
	))
	r.Note = &scim.Note{Method: "POST", Status: 201, Request: "r" + id}
	return r
}

// big is a user with long values and many of them.
func big() *scim.Resource {
	members := []value.Member{member("id", "big"), member("userName", "big@example.com"), member("title", strings.Repeat("long ", 40_000))}
	var numbers []value.Value
	for i := range 1000 {
		numbers = append(numbers, value.Of(value.NewObject(member("type", fmt.Sprint("kind", i)), member("value", fmt.Sprint("+1 555 ", i)))))
	}
	return scim.NewResource("User", "big", value.NewObject(append(members, value.Member{Name: "phoneNumbers", Value: value.List(numbers...)})...))
}

// paperwork makes what else an account gathers over the years.
func (d *desk) paperwork(years int) {
	d.Helper()
	ctx, s := d.Context(), d.Service
	var rules strings.Builder
	for i := range 100 {
		property := fmt.Sprint("property", i)
		_, err := s.CreateAttribute(ctx, "acme", admin.AttributeInput{Property: property, DisplayName: "A property", Type: "String"})
		d.must(err)
		fmt.Fprintf(&rules, `,{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:%s","type":"Expression","expression":"IIF([title] = \"Clerk\", ToUpper([displayName]), Join(\" \", [title], [displayName]))"}`, property)
	}
	for i := range years {
		d.must(s.PutDraft(ctx, "acme", []byte(`{"rules":[{"target":"title","type":"Constant","value":"`+fmt.Sprint(i)+`"}`+rules.String()+`]}`)))
		v, err := s.Publish(ctx, "acme", admin.PublishInput{Author: "Kim"})
		d.must(err)
		d.ids["rev"] = strconv.FormatUint(v.Rev, 10)
		_, err = s.CreateToken(ctx, "acme", admin.TokenInput{Label: "one of many"})
		d.must(err)
		_, err = s.CreateTenant(ctx, admin.TenantInput{ID: fmt.Sprint("beside", i)})
		d.must(err)
	}
	d.must(s.PutDraft(ctx, "acme", []byte(`{"rules":[]}`)))
}
