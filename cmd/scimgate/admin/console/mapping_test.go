package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

const (
	clerks   = `{"rules":[{"target":"title","type":"Constant","value":"Clerk"}]}`
	required = `{"rules":[{"target":"userName","type":"Direct","source":"userName"},{"target":"title","type":"Direct","source":"nickName","required":true}]}`
)

// reads requires words on a page.
func (a answered) reads(t *testing.T, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(a.text, w) {
			_, text, _ := strings.Cut(a.text, "<main")
			t.Errorf("%s (%d) does not say %q:\n%.3000s", what, a.status, w, text)
		}
	}
}

// A preview says how many users would change or fail, and how, and keeps nothing.
func TestPreview(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.crowd(30)
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	before := b.acme()
	preview := func(form url.Values) answered { return b.post("/accounts/acme/mapping/preview", form) }
	all := preview(url.Values{"rules": {clerks}})
	all.reads(t, "all", "31 of 31 users would change", "None would fail", "20 of those who would change", "Clerk", ">rule<", "&#34;Clerk&#34;")
	if len(all.text) > 100<<10 {
		t.Errorf("%d bytes", len(all.text))
	}
	preview(url.Values{"rules": {required}}).reads(t, "failing", "31 would fail", "Users who would fail", "u0001@example.com")
	preview(nil).reads(t, "the draft", "0 of 31 users would change")
	preview(url.Values{"rules": {clerks}, "user": {"ana@example.com"}}).reads(t, "one", "1 of 1 users would change", `value="ana@example.com"`, "the same")
	for _, form := range []url.Values{{"rules": {clerks}, "user": {"nobody"}}, {"rules": {`{"rules":[{"target":"nope","type":"None"}]}`}}, {"rules": {"rubbish"}}} {
		if a := preview(form); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", form, a.status)
		}
	}
	if after := b.acme(); after.Version != before.Version {
		t.Error("something was kept")
	}
}

// A script is told how far a preview is, and gets the page at the end.
func TestPreviewLineByLine(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	d.crowd(600)
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	accept := map[string]string{"Accept": ndjson}
	a := b.send("POST", "/accounts/acme/mapping/preview", url.Values{"rules": {clerks}}, accept)
	if a.header.Get("Content-Type") != ndjson {
		t.Fatal(a)
	}
	var lines []previewLine
	for text := range strings.Lines(a.text) {
		var l previewLine
		d.must(json.Unmarshal([]byte(text), &l))
		lines = append(lines, l)
	}
	last := lines[len(lines)-1]
	if len(lines) < 2 || !strings.Contains(lines[0].Text, "of 601 users looked at") || !strings.Contains(last.Page, "601 of 601 users would change") {
		t.Errorf("%d lines: %+v … %.300s", len(lines), lines[0], last.Page)
	}
	faulty := b.send("POST", "/accounts/acme/mapping/preview", url.Values{"rules": {"rubbish"}}, accept)
	if faulty.status != http.StatusUnprocessableEntity || !strings.HasPrefix(faulty.header.Get("Content-Type"), "text/html") || !strings.Contains(faulty.text, "not JSON") {
		t.Errorf("%d %v", faulty.status, faulty.header)
	}
	d.Service.Directory = endless{d.Service.Directory}
	broken := b.send("POST", "/accounts/acme/mapping/preview", url.Values{"rules": {clerks}}, accept)
	if broken.status != http.StatusServiceUnavailable && !strings.Contains(broken.text, "broke off") || strings.Contains(broken.text, "fire") { // before the first line, or after
		t.Errorf("%d %s", broken.status, broken.text)
	}
}

// endless is a directory that fails after its first page.
type endless struct{ admin.Directory }

func (e endless) List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error) {
	if q.After != nil && *q.After != "" {
		return failingDirectory{}.List(ctx, t, q)
	}
	return e.Directory.List(ctx, t, q)
}

func TestExplainPage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	d.must(d.Service.PutDraft(t.Context(), "acme", []byte(`{"rules":[{"target":"title","type":"Expression","expression":"Append([displayName], \"!\")"}]}`)))
	ask := func(query string) answered { return b.get("/accounts/acme/mapping/explain?" + query) }
	ask("").reads(t, "the form", "Id or user name", `<option value="title">`)
	ask("user=u1&target=title").reads(t, "in force", "rule 0 · Constant", ">rule<", "Set")
	ask("user=ana@example.com&target=title&draft=yes").reads(t, "the draft", "rule 0 · Expression", "Ana!", "<code>Append</code>", "[displayName]", `href="/console/accounts/acme/users/u1"`)
	ask("user=u1").reads(t, "all", `id="x-0"`)
	for query, word := range map[string]string{"user=nobody": "no user", "user=u1&target=nope": "no attribute"} {
		if a := ask(query); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, word) {
			t.Errorf("%s: %d", query, a.status)
		}
	}
}

// An earlier version is compared with what is in force, and put in force again,
// unless somebody was faster.
func TestVersions(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme", Name: "Kim"})
	first := d.ids["rev"]
	d.must(d.Service.PutDraft(t.Context(), "acme", []byte(clerks)))
	second, err := d.Service.Publish(t.Context(), "acme", admin.PublishInput{})
	d.must(err)
	b.get("/accounts/acme/mapping").reads(t, "mapping", "/mapping/versions/"+first)
	b.get("/accounts/acme/mapping/versions/"+first).reads(t, "the first", "Put in force again", ">rule<", ">Clerk<", "Changed")
	b.get("/accounts/acme/mapping/versions/0").reads(t, "none", "Removed", "There are no rules")
	d.must(d.Service.PutDraft(t.Context(), "acme", []byte(`{"rules":[]}`)))
	draft := b.get("/accounts/acme/mapping/versions/draft")
	if draft.reads(t, "draft", "would change if it were published"); strings.Contains(draft.text, "/rollback") {
		t.Error("a draft is no version")
	}
	for _, rev := range []string{"99", "x", "-1"} {
		if a := b.get("/accounts/acme/mapping/versions/" + rev); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", rev, a.status)
		}
	}
	rollback := "/accounts/acme/mapping/versions/" + first + "/rollback"
	if a := b.post(rollback, url.Values{"inForce": {first}}); a.status != http.StatusConflict {
		t.Errorf("somebody was faster: %d", a.status)
	}
	b.did(rollback, url.Values{"inForce": {number(int(second.Rev))}}, "rolledBack")
	if now := b.acme(); !strings.Contains(string(now.Rules), `"rule"`) || now.Published.Author != "Kim" || now.Draft == nil {
		t.Errorf("%s", now.Rules)
	}
}

// What users have and nobody defined is found, and defined with one click.
func TestSeen(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	none := b.post("/accounts/acme/mapping/seen", nil)
	none.reads(t, "none", "Nobody holds a property that is not defined")
	custom := value.NewObject(value.Member{Name: "badge", Value: value.NewText("007")}, value.Member{Name: "floor", Value: value.NewText("7")})
	r := scim.NewResource("User", "s1", value.NewObject(
		value.Member{Name: "userName", Value: value.NewText("s1@example.com")}, value.Member{Name: scim.AppspaceUserURN, Value: value.Of(custom)},
	))
	d.must(d.stores.resources.Create(t.Context(), "acme", r, []tenant.Slot{0}))
	b.post("/accounts/acme/mapping/seen", nil).reads(t, "seen",
		`name="property" value="badge"><input type="hidden" name="type" value="String"`, `name="property" value="floor"><input type="hidden" name="type" value="Integer"`)
	b.did("/accounts/acme/attributes", url.Values{"property": {"floor"}, "type": {"Integer"}}, "attributeMade")
	if a := b.post("/accounts/acme/mapping/seen", nil); strings.Contains(a.text, `value="floor"`) {
		t.Error("it is defined by now")
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 250000: "250,000", 1234567: "1,234,567"} {
		if got := number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
	for raw, want := range map[string]string{`null`: "", `"a\u00e9"`: "aé", `7`: "7", `{"a":1}`: `{"a":1}`, ``: ""} {
		if got := plain(json.RawMessage(raw)); got != want {
			t.Errorf("%s: %s", raw, got)
		}
	}
}
