package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// hire stores a user of acme.
func (d *desk) hire(id, name string, more ...value.Member) {
	d.Helper()
	members := append([]value.Member{
		{Name: "schemas", Value: value.List(value.NewText(scim.UserURN))},
		{Name: "id", Value: value.NewText(id)},
		{Name: "userName", Value: value.NewText(name)},
		{Name: "active", Value: value.Truth(true)},
	}, more...)
	d.must(d.Directory.Create(d.Context(), "acme", scim.NewResource("User", id, value.NewObject(members...)), []tenant.Slot{0}))
}

func titled(title string) value.Member {
	return value.Member{Name: "title", Value: value.NewText(title)}
}

// crowd hires n users: every tenth is a clerk, every hundredth has no name to be
// sent under.
func (d *desk) crowd(n int) {
	d.Helper()
	for i := range n {
		name, title := fmt.Sprintf("u%05d@example.com", i), "Chef"
		if i%10 == 0 {
			title = "Clerk"
		}
		if i%100 == 1 {
			name = fmt.Sprintf("u%05d", i)
		}
		d.hire(fmt.Sprintf("id%05d", i), name, titled(title))
	}
}

// clerks turns clerks into staff.
const clerks = `{"rules":[{"target":"title","type":"Expression","expression":"Switch([title], [title], \"Clerk\", \"Staff\")"}]}`

func (d *desk) preview(body string) Preview {
	d.Helper()
	a := d.ask("POST", Prefix+rulesPath+"/preview", body)
	var p Preview
	if err := json.Unmarshal([]byte(a.text), &p); err != nil || a.status != 200 {
		d.Fatalf("%d %v: %s", a.status, err, a.text)
	}
	return p
}

func TestPreviewOfTheWholeTenant(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.crowd(620)
	d.api(204, "PUT", rulesPath+"/draft", `{"rules":[{"target":"title","type":"Direct","source":"title"}]}`)
	d.api(201, "POST", rulesPath+"/publish", `{}`)
	d.api(204, "PUT", rulesPath+"/draft", clerks)
	before := d.stored()
	p := d.preview(`{}`)
	if p.Users != 620 || p.Changed != 62 || p.Failed != 7 || p.FailedAlready != 7 || p.Mended != 0 || len(p.Sample) != maxSample || len(p.Failures) != 7 {
		t.Errorf("%d users, %d changed, %d failed, %d already, %d mended; %d in the sample, %d failures",
			p.Users, p.Changed, p.Failed, p.FailedAlready, p.Mended, len(p.Sample), len(p.Failures))
	}
	first := p.Sample[0]
	if c := first.Changes; first.UserID != "id00000" || len(c) != 1 || c[0].Path != "title" || string(c[0].Before) != `"Clerk"` || string(c[0].After) != `"Staff"` {
		t.Errorf("the first is %+v", first)
	}
	if last := p.Sample[maxSample-1]; last.UserID != "id00490" {
		t.Errorf("the last of the sample is %s", last.UserID)
	}
	if f := p.Failures[0]; f.UserID != "id00001" || !strings.Contains(f.Failure, "e-mail address") || f.Changes != nil {
		t.Errorf("the first that fails: %+v", f)
	}
	if after := d.stored(); after.Version != before.Version {
		t.Error("a preview changed something")
	}
	if strings.Contains(d.log.String(), "example.com") {
		t.Errorf("the log: %s", d.log)
	}
}

func TestPreviewOfOneUser(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.hire("a", "ana@example.com", titled("Clerk"))
	d.hire("b", "bo", titled("Chef"))
	d.refused(422, "POST", rulesPath+"/preview", `{}`, "no draft")
	for _, name := range []string{"a", "ANA@example.com"} {
		p := d.preview(fmt.Sprintf(`{"userId":%q,"rules":%s}`, name, clerks))
		if p.Users != 1 || p.Changed != 1 || len(p.Sample) != 1 || len(p.Sample[0].Changes) != 5 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if p := d.preview(`{"userId":"a","rules":{"rules":[]}}`); p.Changed != 0 || len(p.Sample) != 1 || !p.Sample[0].Changes[0].Same {
		t.Errorf("nothing changes: %+v", p)
	}
	if p := d.preview(`{"userId":"b","rules":` + clerks + `}`); p.Failed != 1 || len(p.Failures) != 1 {
		t.Errorf("it fails: %+v", p)
	}
	p := d.preview(`{"userId":"a","creating":true,"rules":{"rules":[{"target":"nickName","type":"Direct","source":"nickName","default":"none"}]}}`)
	if c := p.Sample[0].Changes[0]; c.Path != "nickName" || string(c.After) != `"none"` {
		t.Errorf("on creation: %+v", p.Sample)
	}
	d.refused(404, "POST", rulesPath+"/preview", `{"userId":"nobody","rules":{}}`, "no such")
	d.refused(404, "POST", "/tenants/globex/rules/preview", `{"userId":"a","rules":{}}`, "no such")
	d.refused(422, "POST", rulesPath+"/preview", `{"userId":"a","last":1,"rules":{}}`, "exclude")
	d.refused(422, "POST", rulesPath+"/preview", `{"rules":{"rules":[{"target":"nope","type":"None"}]}}`, `"rule":0`)
	d.refused(422, "POST", rulesPath+"/preview", `{"last":-1}`, "last")
}

func TestPreviewOfTheLast(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for i := range 30 {
		d.hire(fmt.Sprintf("id%02d", i), fmt.Sprintf("u%02d@example.com", i), titled("Clerk"))
	}
	<-time.After(2 * time.Millisecond) // the store's clock has milliseconds
	for _, id := range []string{"id03", "id07"} {
		_, err := d.Directory.Update(t.Context(), "acme", directory.Ref{Kind: "User", ID: id}, nil, func(r *scim.Resource) (bool, error) {
			attributes, err := r.Attributes()
			attributes = attributes.Clone()
			attributes.Set("nickName", value.NewText("x"))
			r.SetAttributes(attributes)
			return true, err
		})
		d.must(err)
	}
	p := d.preview(`{"last":2,"rules":` + clerks + `}`)
	if p.Users != 2 || p.Sample[0].UserID+p.Sample[1].UserID != "id07id03" && p.Sample[0].UserID+p.Sample[1].UserID != "id03id07" {
		t.Errorf("the last two: %+v", p)
	}
	if p := d.preview(`{"last":1000,"rules":` + clerks + `}`); p.Users != 30 {
		t.Errorf("%d users", p.Users)
	}
}

// Who accepts NDJSON is told how far it has come.
func TestPreviewTellsItsProgress(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.crowd(620)
	var seen []Progress
	in := PreviewInput{Rules: json.RawMessage(clerks)}
	p, err := d.Preview(t.Context(), "acme", in, func(p Progress) { seen = append(seen, p) })
	d.must(err)
	if len(seen) != 2 || seen[1] != (Progress{Users: 620, Total: 620, Changed: p.Changed, Failed: p.Failed}) || seen[0].Users != 500 {
		t.Errorf("progress: %+v", seen)
	}
	lines := strings.Split(strings.TrimSpace(d.stream(`{"rules":`+clerks+`}`)), "\n")
	last := lines[len(lines)-1]
	if len(lines) < 2 || !strings.HasPrefix(lines[0], `{"progress":{"users":`) || !strings.HasPrefix(last, `{"preview":{"users":620,`) {
		t.Errorf("%d lines, the last %.80s", len(lines), last)
	}
}

func (d *desk) stream(body string) string {
	d.Helper()
	d.accept = ndjson
	defer func() { d.accept = "" }()
	a := d.ask("POST", Prefix+rulesPath+"/preview", body)
	if a.status != 200 || a.header.Get("Content-Type") != ndjson {
		d.Fatalf("%d %v %s", a.status, a.header, a.text)
	}
	return a.text
}

// brokenUsers is a directory that fails in the middle.
type brokenUsers struct{ Directory }

func (b brokenUsers) List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error) {
	if q.After != nil && *q.After != "" {
		return nil, errors.New("disk on fire")
	}
	return b.Directory.List(ctx, t, q)
}

func TestPreviewThatBreaksOff(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.crowd(510)
	d.Directory = brokenUsers{d.Directory}
	a := d.ask("POST", Prefix+rulesPath+"/preview", `{"rules":`+clerks+`}`)
	if a.status != 503 || a.header.Get("Retry-After") == "" || strings.Contains(a.text, "fire") || !strings.Contains(a.text, `"status":503`) {
		t.Errorf("%d %v %s", a.status, a.header, a.text)
	}
	if text := d.stream(`{"rules":` + clerks + `}`); !strings.Contains(text, `{"problem":{`) || !strings.Contains(text, `"status":503`) {
		t.Errorf("%s", text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Preview(ctx, "acme", PreviewInput{Rules: json.RawMessage(clerks)}, nil); err == nil {
		t.Error("nobody waits for it any more, and it has an answer")
	}
}

func TestExplainOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.hire("a", "ana@example.com", titled("Clerk"))
	d.api(204, "PUT", rulesPath+"/draft", clerks)
	explain := func(body string) map[string]any {
		t.Helper()
		return d.api(200, "POST", rulesPath+"/explain", body)
	}
	x := explain(`{"userId":"a","target":"title","draft":true}`)["explanations"].([]any)[0].(map[string]any)
	if x["rule"] != 0.0 || x["result"] != "Staff" || x["outcome"] != "set" || x["inputs"].([]any)[0].(map[string]any)["value"] != "Clerk" || x["steps"] == nil {
		t.Errorf("%v", x)
	}
	if all := explain(`{"userId":"ana@example.com"}`)["explanations"].([]any); len(all) < 20 {
		t.Errorf("%d explanations of the identity", len(all))
	}
	if all := explain(`{"userId":"a","rules":` + clerks + `}`)["explanations"].([]any); len(all) != 1 {
		t.Errorf("%v", all)
	}
	d.refused(422, "POST", rulesPath+"/explain", `{"userId":"a","target":"nope"}`, "no attribute")
	d.refused(404, "POST", rulesPath+"/explain", `{"userId":"b"}`, "no such")
	d.refused(422, "POST", rulesPath+"/explain", `{}`, "userId")
	d.api(204, "DELETE", rulesPath+"/draft", "")
	d.refused(422, "POST", rulesPath+"/explain", `{"userId":"a","draft":true}`, "no draft")
}

// slowUsers is a directory that takes its time.
type slowUsers struct{ Directory }

func (s slowUsers) List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error) {
	<-time.After(100 * time.Millisecond)
	return s.Directory.List(ctx, t, q)
}

// A preview may take longer than the listener lets others.
func TestPreviewThatTakesLong(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.crowd(620)
	d.Directory = slowUsers{d.Directory}
	engine := server.NewEngine()
	d.Mount(engine, operatorKey)
	s := httptest.NewUnstartedServer(engine)
	s.Config.ReadTimeout, s.Config.WriteTimeout = 150*time.Millisecond, 150*time.Millisecond
	s.Start()
	defer s.Close()
	d.url = s.URL
	if p := d.preview(`{"rules":` + clerks + `}`); p.Users != 620 {
		t.Errorf("%d users", p.Users)
	}
	if text := d.stream(`{"rules":` + clerks + `}`); !strings.Contains(text, `{"preview":{"users":620`) || strings.Count(text, "progress") < 2 {
		t.Errorf("%.300s", text)
	}
}
