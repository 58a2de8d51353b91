package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/entra"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

var errDisk = errors.New("disk on fire")

// changes are all that was told of, newest first.
func (d *desk) changes(query string) []ChangeView {
	d.Helper()
	var page ChangePage
	a := d.ask("GET", Prefix+"/changes"+query, "")
	if a.status != 200 {
		d.Fatalf("changes: %d %s", a.status, a.text)
	}
	d.must(json.Unmarshal([]byte(a.text), &page))
	return page.Items
}

// readings are the operations that do not GET and change nothing. Whoever adds to
// them says why nobody need be told.
var readings = []string{"POST " + oneTenant + "/rules/preview", "POST " + oneTenant + "/rules/explain"}

// TestEveryChangeIsToldOf walks the whole table: what can change something is told
// of, once and with its outcome, and what only reads is not.
func TestEveryChangeIsToldOf(t *testing.T) {
	d := newDesk(t)
	d.acme()
	told := 0
	for _, op := range routes {
		if op.removes {
			continue // below
		}
		before := len(d.changes("?limit=500"))
		path := strings.NewReplacer("{tenant}", "acme", "{connection}", "appspace", "{rev}", "1").Replace(op.path)
		a := d.ask(op.method, path, "")
		all := d.changes("?limit=500")
		reads := op.method == http.MethodGet || slices.Contains(readings, op.method+" "+op.path)
		switch {
		case reads && len(all) != before:
			t.Errorf("%s %s is told of", op.method, op.path)
		case reads:
		case len(all) != before+1:
			t.Errorf("%s %s is told of %d times", op.method, op.path, len(all)-before)
		default:
			told++
			c := all[0]
			if c.Operation == "" || Prefix+c.Resource != path || c.Status != a.status || c.Actor.Kind != tenant.OperatorKeyPrincipal ||
				strings.Contains(op.path, "{tenant}") != (c.Tenant == "acme") {
				t.Errorf("%s %s (%d) is told as %+v", op.method, op.path, a.status, c)
			}
		}
	}
	if told < 35 {
		t.Errorf("only %d told of", told)
	}
}

func TestWhatIsToldOfAChange(t *testing.T) {
	d := newDesk(t)
	d.acme()
	if c := d.changes("")[1]; c.Tenant != "acme" || c.Outcome != ChangeDone || difference(c, "displayName") != ` → "Acme"` {
		t.Errorf("made: %+v", c)
	}
	key := d.api(201, "POST", "/tenants/acme/keys", `{"name":"backup","role":"administrator"}`)
	if a := d.withKey(key["key"].(string), "PATCH", "/tenants/acme", `{"displayName":"A","settings":{"paused":true}}`); a.status != 200 {
		t.Fatal(a.text)
	}
	c := d.changes("?tenant=acme&actor=key:" + key["id"].(string))[0]
	if c.Actor.Name != "backup" || c.Actor.Role != tenant.Administrator || difference(c, "settings.paused") != `false → true` ||
		difference(c, "displayName") != `"Acme" → "A"` || len(c.Differences) != 3 { // and the version
		t.Errorf("changed: %+v", c)
	}
	d.api(200, "PUT", "/tenants/acme/connections/appspace", `{"settings":{"token":"n3w-s3cret","baseURL":"https://a.example"}}`)
	c = d.changes("")[0]
	if difference(c, "connections.appspace.settings.token") != `"(secret)" → "(secret)"` || difference(c, "connections.appspace.settings.baseURL") != ` → "https://a.example"` {
		t.Errorf("connected: %+v", c.Differences)
	}
	d.refused(422, "PATCH", "/tenants/acme", `{"settings":{"onDelete":"burn"}}`, "")
	if c := d.changes("")[0]; c.Outcome != ChangeRefused || len(c.Differences) != 0 || c.Status != 422 {
		t.Errorf("refused: %+v", c)
	}
	d.api(204, "PUT", "/tenants/acme/rules/draft", `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`)
	d.api(201, "POST", "/tenants/acme/rules/publish", `{}`)
	if c := d.changes("")[0]; difference(c, "rules") == "" && difference(c, "rules.title") == "" {
		t.Errorf("published: %+v", c.Differences)
	}
	secret := d.api(201, "POST", "/tenants/acme/tokens", `{"label":"Azure"}`)["token"].(string)
	client := d.api(201, "POST", "/tenants/acme/credentials", `{"kind":"client"}`)["secret"].(string)
	all := d.ask("GET", Prefix+"/tenants/acme/changes?limit=500", "").text
	for _, word := range []string{"s3cret", secret, client, key["key"].(string)} {
		if strings.Contains(all, word) {
			t.Errorf("%q is told", word)
		}
	}
}

// difference is how a path differs: "before → after"; "" where it does not.
func difference(c ChangeView, path string) string {
	for _, d := range c.Differences {
		if d.Path == path {
			return fmt.Sprintf("%s → %s", d.Before, d.After)
		}
	}
	return ""
}

// A tenant that goes takes along what was told of it, but for its removal.
func TestChangesGoWithTheirTenant(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(204, "DELETE", "/tenants/acme", "")
	all := d.changes("")
	if len(all) != 1 || all[0].Tenant != "" || all[0].Resource != "/tenants/acme" || all[0].Outcome != ChangeDone || len(all[0].Differences) != 0 || all[0].Note == "" {
		t.Errorf("told: %+v", all)
	}
	d.refused(404, "GET", "/tenants/acme/changes", "", "no such")
}

// Where nobody can be told nothing is done; and what ended before it could tell is
// told as unknown.
func TestNothingIsDoneUntold(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.tenants.beginFault = errDisk
	a := d.ask("PATCH", Prefix+"/tenants/acme", `{"displayName":"B"}`)
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || d.stored().DisplayName != "Acme" {
		t.Errorf("not told: %d %s, %+v", a.status, a.text, d.stored())
	}
	d.tenants.beginFault, d.tenants.endFault = nil, errDisk // as where the process ends between
	d.api(200, "PATCH", "/tenants/acme", `{"displayName":"B"}`)
	if c := d.changes("")[0]; c.Outcome != ChangeUnknown || c.Operation == "" || d.stored().DisplayName != "B" {
		t.Errorf("ended between: %+v", c)
	}
}

// A mistake of ours leaves the outcome unknown.
func TestAPanicIsToldOf(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.Wake = func(tenant.ID) { panic("a mistake of ours") } // caught by the API
	d.ask("PATCH", Prefix+"/tenants/acme", `{"displayName":"C"}`)
	if c := d.changes("")[0]; c.Outcome != ChangeUnknown {
		t.Errorf("%+v", c)
	}
}

func TestChangesByPage(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for i := range 5 {
		d.api(200, "PATCH", "/tenants/acme", fmt.Sprintf(`{"displayName":"A%d"}`, i))
	}
	seen, after := map[string]bool{}, ""
	for {
		page := d.api(200, "GET", "/tenants/acme/changes?limit=3&after="+after, "")
		for _, c := range page["items"].([]any) {
			seen[c.(map[string]any)["id"].(string)] = true
		}
		next, _ := page["next"].(string)
		if next == "" {
			break
		}
		after = next
	}
	if len(seen) != 7 {
		t.Errorf("%d changes", len(seen))
	}
	if got := d.changes("?since=2126-01-01T00:00:00Z"); len(got) != 0 {
		t.Errorf("of the future: %v", got)
	}
}

// What is too much to keep is told by its number, and what is too long is cut.
func TestCompare(t *testing.T) {
	long := strings.Repeat("ä", longestValue)
	many := map[string]any{}
	for i := range mostDifferences + 5 {
		many[fmt.Sprintf("k%03d", i)] = map[string]any{"x": long}
	}
	kept, more := compare(map[string]any{}, many)
	if len(kept) != mostDifferences || more != 5 || len(kept[0].After) > 2*longestValue || !json.Valid(kept[0].After) {
		t.Errorf("%d kept, %d more, %d long", len(kept), more, len(kept[0].After))
	}
	same := map[string]any{"a": map[string]any{}, "b": hidden("x"), "c": []any{"1"}}
	other := map[string]any{"b": hidden("x"), "c": []any{"1"}, "d": nil}
	if kept, _ := compare(same, other); kept != nil {
		t.Errorf("nothing differs, but %+v", kept)
	}
}

// A command is told from other uses of the operator's key.
func TestACommandIsToldAsOne(t *testing.T) {
	d := newDesk(t)
	req, err := http.NewRequestWithContext(context.Background(), "POST", d.url+Prefix+"/tenants", strings.NewReader(`{"id":"acme"}`))
	d.must(err)
	req.Header.Set("Authorization", "Bearer "+operatorKey)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", CommandAgent)
	res, err := http.DefaultClient.Do(req)
	d.must(err)
	d.must(res.Body.Close())
	if c := d.changes("")[0]; c.Actor.Kind != tenant.CommandPrincipal || c.Tenant != "acme" || c.Summary != "Create a tenant" {
		t.Errorf("%+v", c)
	}
}

// What a drill left is removed once it cannot be under way any more, and nobody else
// under whatever name.
func TestWhatADrillLeftIsRemoved(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for _, id := range []string{scim.DrillPrefix + "1", "u7"} {
		r := scim.NewResource("User", id, value.NewObject(
			value.Member{Name: "id", Value: value.NewText(id)}, value.Member{Name: "userName", Value: value.NewText(entra.DrillNames + id)}))
		d.must(d.Directory.Create(t.Context(), "acme", r, nil))
	}
	there := func() (all []string) {
		for _, id := range []string{scim.DrillPrefix + "1", "u7"} {
			if _, err := d.Directory.Get(t.Context(), "acme", directory.Ref{Kind: "User", ID: id}); err == nil {
				all = append(all, id)
			}
		}
		return all
	}
	d.must(d.sweepDrills(t.Context(), "acme", time.Now().Add(-leftFor)))
	if got := there(); len(got) != 2 {
		t.Errorf("of what is young there is %v", got)
	}
	d.must(d.sweepDrills(t.Context(), "acme", time.Now().Add(time.Minute)))
	if got := there(); len(got) != 1 || got[0] != "u7" {
		t.Errorf("left: %v", got)
	}
}
