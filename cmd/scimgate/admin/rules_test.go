package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"scimgate/tenant"
)

const rulesPath = "/tenants/acme/rules"

// staff are rules that set everybody's title.
func staff(title string) string {
	return fmt.Sprintf(`{"rules":[{"target":"title","type":"Constant","value":%q}]}`, title)
}

// published makes drafts and publishes them, and returns the last version.
func (d *desk) published(titles ...string) (rev float64) {
	d.Helper()
	for _, title := range titles {
		d.api(204, "PUT", rulesPath+"/draft", staff(title))
		rev = d.api(201, "POST", rulesPath+"/publish", `{"author":"Kim"}`)["rev"].(float64)
	}
	return rev
}

func TestDraftInYAML(t *testing.T) {
	d := newDesk(t)
	d.acme()
	put := func(kind, body string) answered {
		t.Helper()
		return d.askWith("Bearer "+operatorKey, kind, "PUT", Prefix+rulesPath+"/draft", body)
	}
	for _, kind := range []string{"application/yaml", "application/yaml; charset=utf-8", "text/yaml"} {
		if a := put(kind, "rules:\n- {target: title, type: Constant, value: Staff}\n"); a.status != 204 {
			t.Errorf("%s: %d %s", kind, a.status, a.text)
		}
	}
	if got := d.api(200, "GET", rulesPath+"/draft", "")["rules"].(map[string]any)["rules"]; got == nil {
		t.Error("there is no draft")
	}
	for _, bad := range []struct {
		kind, body, says string
		status           int
	}{
		{"application/yaml", "rules: [", "not YAML", 422},
		{"application/yaml", "rules:\n- target: &a title\n", "line 2", 422},
		{"text/plain", "{}", yamlType, 415},
		{"application/json", "rules: []", "not JSON", 422},
		{"application/json", "", "", 400},
	} {
		if a := put(bad.kind, bad.body); a.status != bad.status || !strings.Contains(a.text, bad.says) {
			t.Errorf("%s %q: %d %s", bad.kind, bad.body, a.status, a.text)
		}
	}
	d.api(204, "DELETE", rulesPath+"/draft", "")
	d.refused(404, "DELETE", rulesPath+"/draft", "", "no such")
	d.refused(404, "GET", rulesPath+"/draft", "", "no such")
}

// Faults come by their parts too, all at once.
func TestFaultsByTheirParts(t *testing.T) {
	d := newDesk(t)
	d.acme()
	a := d.ask("PUT", Prefix+rulesPath+"/draft", `{"rules":[{"target":"nope","type":"None"},
		{"target":"title","type":"Expression","expression":"Trim([nickNam])"}]}`)
	var told struct {
		Status int
		Detail string
		Errors []struct{ Message string }
		Faults []struct {
			Rule, Column, Line, LineColumn int
			Hint, Target                   string
		}
	}
	d.must(json.Unmarshal([]byte(a.text), &told))
	if a.status != 422 || told.Status != 422 || told.Detail == "" || len(told.Errors) != 2 || len(told.Faults) != 2 || a.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if f := told.Faults[1]; f.Rule != 1 || f.Column != 7 || f.Line != 2 || f.LineColumn != 61 || f.Target != "title" || !strings.Contains(f.Hint, "nickName") {
		t.Errorf("%+v", f)
	}
}

func TestPublishOfWhatOneKnows(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(204, "PUT", rulesPath+"/draft", staff("A"))
	d.refused(409, "POST", rulesPath+"/publish", `{"expected":1}`, "version 0 of the rules is in force, and not 1")
	d.api(201, "POST", rulesPath+"/publish", `{"expected":0}`)
	d.api(204, "PUT", rulesPath+"/draft", staff("B"))
	d.refused(409, "POST", rulesPath+"/publish", `{"expected":0}`, "published meanwhile")
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String"}`) // no version of the rules
	if rev := d.api(201, "POST", rulesPath+"/publish", `{"expected":1}`)["rev"]; rev != 3.0 {
		t.Errorf("published version %v", rev)
	}
	d.refused(409, "POST", rulesPath+"/rollback", `{"rev":1,"expected":1}`, "version 3")
}

// An example that fails keeps the rules out of force, and says what came out.
func TestPublishRefusesWhatItsExamplesDeny(t *testing.T) {
	d := newDesk(t)
	d.acme()
	example := `{"rules":[{"target":"title","type":"Constant","value":"Staff","examples":[{"name":"boss","input":{"userName":"a@x.io"},"output":{"title":%q}}]}]}`
	d.refused(422, "PUT", rulesPath+"/draft", fmt.Sprintf(example, "Chief"), `wanted \"Chief\", got \"Staff\"`)
	d.api(204, "PUT", rulesPath+"/draft", fmt.Sprintf(example, "Staff"))
	_, err := d.Tenants.UpdateTenant(t.Context(), "acme", func(t *tenant.Tenant) error {
		t.Draft = json.RawMessage(fmt.Sprintf(example, "Chief")) // as if an attribute had changed since
		return nil
	})
	d.must(err)
	d.refused(422, "POST", rulesPath+"/publish", `{}`, "boss")
	if d.stored().Rules != nil || strings.Contains(d.log.String(), "Chief") {
		t.Errorf("in force: %s; the log: %s", d.stored().Rules, d.log)
	}
}

func TestHistory(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.published("A", "B")
	if v := d.api(200, "GET", rulesPath+"/versions/1", ""); v["author"] != "Kim" || v["rev"] != 1.0 || v["published"] == nil {
		t.Errorf("version 1: %v", v)
	}
	for _, rev := range []string{"3", "99"} {
		d.refused(404, "GET", rulesPath+"/versions/"+rev, "", "no such")
	}
	d.refused(422, "GET", rulesPath+"/versions/0", "", "")
	d.api(204, "PUT", rulesPath+"/draft", staff("C"))
	for query, want := range map[string]string{
		"": `"B"→"C"`, "?from=1&to=2": `"A"→"B"`, "?from=draft&to=1": `"C"→"A"`, "?from=2&to=current": ``,
	} {
		got := ""
		for _, c := range d.api(200, "GET", rulesPath+"/diff"+query, "")["changes"].([]any) {
			key := c.(map[string]any)["keys"].([]any)[0].(map[string]any)
			got += fmt.Sprintf("%q→%q", key["before"], key["after"])
		}
		if got != want {
			t.Errorf("diff%s: got %s, want %s", query, got, want)
		}
	}
	if added := d.api(200, "GET", rulesPath+"/diff?from=0&to=1", "")["changes"].([]any)[0].(map[string]any); added["change"] != "added" {
		t.Errorf("since the beginning: %v", added)
	}
	d.refused(404, "GET", rulesPath+"/diff?from=7", "", "no such")
	d.refused(422, "GET", rulesPath+"/diff?from=now", "", "number of a version")
}

func TestRollback(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.published("A", "B")
	d.api(204, "PUT", rulesPath+"/draft", staff("C"))
	before := d.stored()
	back := d.api(201, "POST", rulesPath+"/rollback", `{"rev":1,"author":"Lou","expected":2}`)
	after := d.stored()
	if back["rev"] != 3.0 || back["author"] != "Lou" || string(after.Rules) != staff("A") || string(after.Draft) != staff("C") ||
		len(after.Connections[0].Resync) != len(before.Connections[0].Resync)+1 {
		t.Errorf("rolled back %v: %+v", back, after)
	}
	if all := d.api(200, "GET", rulesPath+"/versions", "")["items"].([]any); len(all) != 3 {
		t.Errorf("the history: %v", all)
	}
	d.api(201, "POST", rulesPath+"/rollback", `{"rev":0}`)
	if r := string(d.stored().Rules); r != `{"rules":[]}` {
		t.Errorf("before the first: %s", r)
	}
	d.refused(404, "POST", rulesPath+"/rollback", `{"rev":9}`, "no such")
	d.refused(422, "POST", rulesPath+"/rollback", `{}`, "rev")
}

// forgetful is a store whose history does not take one version: the process dies
// there.
type forgetful struct {
	tenant.Store
	lost uint64
}

func (f *forgetful) SaveRules(ctx context.Context, id tenant.ID, v tenant.RulesVersion) error {
	if f.lost == v.Rev {
		return errors.New("gone")
	}
	return f.Store.SaveRules(ctx, id, v)
}

// A crash between putting rules in force and writing the history loses no version.
func TestCrashLosesNoVersion(t *testing.T) {
	d := newDesk(t)
	d.acme()
	store := &forgetful{Store: d.tenants.Store}
	d.tenants.Store = store
	d.published("A")
	d.api(204, "PUT", rulesPath+"/draft", staff("B"))
	store.lost = 2
	if v := d.api(201, "POST", rulesPath+"/publish", `{"author":"Kim"}`); v["rev"] != 2.0 || string(d.stored().Rules) != staff("B") {
		t.Fatalf("published %v", v)
	}
	d.api(204, "PUT", rulesPath+"/draft", staff("C"))
	if a := d.ask("POST", Prefix+rulesPath+"/publish", `{}`); a.status != 503 || string(d.stored().Rules) != staff("B") {
		t.Errorf("version 2 was overwritten before it was in the history: %d", a.status)
	}
	store.lost = 0
	d.api(201, "POST", rulesPath+"/publish", `{"author":"Lou"}`)
	var told []string
	for _, v := range d.api(200, "GET", rulesPath+"/versions", "")["items"].([]any) {
		v := v.(map[string]any)
		told = append(told, fmt.Sprint(v["rev"], v["author"]))
	}
	if got := strings.Join(told, " "); got != "3Lou 2Kim 1Kim" {
		t.Errorf("the history: %s", got)
	}
}

func TestManualOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String"}`)
	starter := d.ask("GET", Prefix+rulesPath+"/starter", "")
	if starter.status != 200 || !strings.Contains(starter.text, ":site") {
		t.Errorf("starter: %d %s", starter.status, starter.text)
	}
	d.api(204, "PUT", rulesPath+"/draft", starter.text)
	if schema := d.api(200, "GET", "/rules.schema.json", ""); schema["$schema"] == nil {
		t.Errorf("schema: %v", schema)
	}
	manual := d.api(200, "GET", "/functions", "")
	first := manual["functions"].([]any)[0].(map[string]any)
	if first["signature"] != "Append(source, suffix)" || first["doc"] == "" || len(first["examples"].([]any)) == 0 || len(manual["differences"].([]any)) < 15 {
		t.Errorf("manual: %v", first)
	}
}
