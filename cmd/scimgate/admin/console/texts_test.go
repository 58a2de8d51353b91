package console

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/admin"
	"scimgate/mapping"
	"scimgate/scim/directory"
)

// sources are our code and templates, without the tests.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.go", "templates/*.html"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(path, "_test.go") {
				all[path] = string(text)
			}
		}
	}
	return all
}

var (
	namedKey = regexp.MustCompile(`\b(?:t|texts\.of|texts\.has) ?\(?"([a-zA-Z0-9.]+)"`)
	doneKey  = regexp.MustCompile(`v\.(?:done|change)\([^)]*"([a-zA-Z]+)"\)`)
	failKey  = regexp.MustCompile(`failure\{[^}]*"([a-zA-Z]+)"\}`)
	action   = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	markup   = regexp.MustCompile(`(?s)<[^>]*>`)
	word     = regexp.MustCompile(`[A-Za-z]{2,}`)
)

// Every key that is named has a text.
func TestEveryKeyHasAText(t *testing.T) {
	named := 0
	for path, text := range sources(t) {
		for _, m := range namedKey.FindAllStringSubmatch(text, -1) {
			if named++; !texts.has(m[1]) && !strings.HasSuffix(m[1], ".") {
				t.Errorf("%s: no text for %s", path, m[1])
			}
		}
		for _, m := range doneKey.FindAllStringSubmatch(text, -1) {
			if named++; !texts.has("done." + m[1]) {
				t.Errorf("%s: no text for done.%s", path, m[1])
			}
		}
		for _, m := range failKey.FindAllStringSubmatch(text, -1) {
			if named++; !texts.has("failure."+m[1]+".title") || !texts.has("failure."+m[1]+".text") {
				t.Errorf("%s: no text for failure.%s", path, m[1])
			}
		}
	}
	if named < 150 {
		t.Errorf("only %d keys found", named)
	}
	for _, class := range []string{"transient", "throttled", "rejected", "conflict", "unauthorized", "protocol", "settings", "mapping", "kills-worker", "waiting", "gateway", "guard"} {
		if cause(class) == "cause.other" || !texts.has(cause(class)+".advice") {
			t.Errorf("no words for failures of class %s", class)
		}
	}
}

// Whatever a page tells of in one of so many states has words for each of them, and a
// look where a state has one.
func TestEveryStateHasWords(t *testing.T) {
	for _, c := range []struct {
		of         any // whose field says in its tag which states there are
		field      string
		text, look string // the keys are these and the state
		unmarked   bool   // it is said in words alone
	}{
		{of: directory.Attempt{}, field: "Outcome", text: "journal."},
		{of: directory.Attempt{}, field: "Op", text: "journal.op.", unmarked: true},
		{of: admin.ChangeView{}, field: "Outcome", text: "changes.outcome.", look: "change-"},
		{of: admin.AuditView{}, field: "State", text: "drift.state.", look: "audit-"},
		{of: admin.FindingView{}, field: "Kind", text: "drift.kind.", unmarked: true},
		{of: admin.FindingView{}, field: "Kind", text: "drift.means.", unmarked: true},
		{of: admin.Planned{}, field: "Op", text: "plan.does.", look: "plan-"},
		{of: mapping.RuleDiff{}, field: "Change", text: "version.kind."},
		{of: admin.CredentialInput{}, field: "Kind", text: "credentials.kind.", unmarked: true},
	} {
		field, _ := reflect.TypeOf(c.of).FieldByName(c.field)
		states := strings.Split(field.Tag.Get("enum"), ",")
		if len(states) < 2 {
			t.Errorf("%T.%s tells no states", c.of, c.field)
		}
		for _, state := range states {
			if !texts.has(c.text + state) {
				t.Errorf("no words for %s", c.text+state)
			}
			if _, ok := marks[c.look+state]; !ok && !c.unmarked {
				t.Errorf("no look for %s", c.look+state)
			}
		}
	}
}

// Whatever is told of is told of in words.
func TestEveryActionHasWords(t *testing.T) {
	for _, r := range routes {
		if r.told() != (r.does != "") || r.told() && !texts.has("does."+r.does) {
			t.Errorf("%s %s is told of as %q", r.method, r.path, r.does)
		}
	}
}

// Every leniency that there is has words.
func TestEveryLeniencyHasWords(t *testing.T) {
	paths, err := filepath.Glob("../../../../scim/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	found := 0
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`Leniency += "([a-zA-Z]+)"`).FindAllStringSubmatch(string(text), -1) {
			if found++; !texts.has("leniency." + m[1]) {
				t.Errorf("no words for %s", m[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d leniencies found", found)
	}
}

// Every text is said somewhere: by its own key, or by one that is put together.
func TestEveryTextIsUsed(t *testing.T) {
	all := ""
	for _, text := range sources(t) {
		all += text
	}
	for key := range texts {
		parent, last, _ := cutLast(key)
		grand, _, _ := cutLast(parent)
		if !strings.Contains(all, `"`+key+`"`) && !strings.Contains(all, `"`+parent+`."`) && !strings.Contains(all, `"`+grand+`."`) && !strings.Contains(all, `"`+last+`"`) {
			t.Errorf("nobody says %s", key)
		}
	}
}

func cutLast(key string) (before, after string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return "", key, false
	}
	return key[:i], key[i+1:], true
}

// No template has words of its own.
func TestTemplatesHaveNoWords(t *testing.T) {
	for path, text := range sources(t) {
		if filepath.Ext(path) != ".html" {
			continue
		}
		bare := markup.ReplaceAllString(action.ReplaceAllString(text, ""), " ")
		for _, w := range word.FindAllString(bare, -1) {
			if w != "String" && w != "Integer" && w != "HTTP" { // names, in any language
				t.Errorf("%s says %q", path, w)
			}
		}
	}
}

// No page says a key where a text should be.
func TestNoPageShowsAKey(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Operator})
	key := regexp.MustCompile(`[>"](` + strings.Join(sections(), "|") + `)\.[a-zA-Z]+[.a-zA-Z]*[<"]`)
	for _, r := range routes {
		if r.method != "GET" || strings.Contains(r.path, "{secret}") || strings.HasSuffix(r.path, "/events") {
			continue
		}
		if found := key.FindString(b.get(d.fill(r.path)).text); found != "" {
			t.Errorf("%s shows %s", r.path, found)
		}
	}
}

// sections are the first parts of the keys.
func sections() []string {
	seen := map[string]bool{}
	var all []string
	for k := range texts {
		first, _, _ := strings.Cut(k, ".")
		if !seen[first] {
			seen[first] = true
			all = append(all, first)
		}
	}
	return all
}
