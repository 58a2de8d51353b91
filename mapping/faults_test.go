package mapping

import (
	"strings"
	"testing"
)

// Everything that can be wrong is told at once: with its rule, its place and what
// to do about it.
func TestBadRulesAllAtOnce(t *testing.T) {
	const document = `rules:
  - {target: displayName, type: Expression, expression: 'ToUper([displayName])'}
  - target: title
    type: Expression
    expression: Left([title])
  - {target: "emails[type eq \"work\"].value", type: Expression, expression: "Left([title], \"two\")"}
  - {target: nickName, type: Direct, source: nickNam}
  - {target: profileUrl, type: Direct, source: title}
  - {target: ProfileURL, type: Direct, source: nickName}
  - {target: locale, type: Direct, source: locale, default: "[timezone]"}
  - {target: timezone, type: Direct, source: timezone, default: "[locale]"}
  - {target: "urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge", type: Constant, value: high}
`
	raw, err := FromYAML([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	faults, where := faultsOf(t, string(raw)), Locate([]byte(document))
	want := []struct {
		rule, line, column int
		reason, hint       string
	}{
		{0, 2, 58, "there is no function ToUper", "did you mean ToUpper?"},
		{1, 5, 17, "Left is given 1 arguments and takes 2", "write Left("},
		{2, 6, 76, "numChars of Left is a whole number", "write it as 7"},
		{3, 7, 5, "no attribute", "did you mean nickName?"},
		{5, 9, 5, "rules[4] has the same target", "keep one of the two"},
		{6, 10, 5, "a default is a literal, and [timezone] names an attribute", "Coalesce"},
		{7, 11, 5, "a default is a literal, and [locale] names an attribute", "Coalesce"},
		{8, 12, 5, "takes a whole number", ""},
	}
	if len(faults) != len(want) {
		t.Errorf("%d faults, want %d: %v", len(faults), len(want), faults)
	}
	for i, f := range faults[:min(len(faults), len(want))] {
		line, column := where.Of(f)
		w := want[i]
		if f.Rule != w.rule || !strings.Contains(f.Reason, w.reason) || !strings.Contains(f.Hint, w.hint) || line != w.line {
			t.Errorf("%d:%d: %v, want %+v", line, column, f, w)
		}
		if i != 2 && column != w.column { // escapes: only the beginning of the expression is known
			t.Errorf("%v stands in column %d, want %d", f, column, w.column)
		}
	}
}

func TestLocate(t *testing.T) {
	for text, want := range map[string][2]int{
		"{\n\t\"rules\": [\n\t\t{\"target\":\"title\",\"type\":\"Expression\",\"expression\":\"Left(x)\"}]}": {3, 60},
		`{"rules":[{"target":"title","type":"Expression","expression":"Left(\"a\",x)"}]}`:                    {1, 62},
		"rules:\n- target: title\n  type: Expression\n  expression: >-\n    Left(x)\n":                       {4, 15},
		"{": {0, 0}, "": {0, 0}, "rules: 7": {0, 0}, "7": {0, 0}, "- 7": {0, 0},
	} {
		if line, column := Locate([]byte(text)).Of(Fault{Column: 6}); line != want[0] || column != want[1] {
			t.Errorf("%q: %d:%d, want %v", text, line, column, want)
		}
	}
	if line, _ := Locate([]byte("rules: []")).Of(Fault{Rule: -1}); line != 0 {
		t.Errorf("the document is in line %d", line)
	}
}

func TestExamplesOneByOne(t *testing.T) {
	const document = `{"rules":[{"target":"title","type":"Constant","value":"Staff","examples":[
		{"name":"good","input":{"userName":"a@x.io"},"output":{"title":"Staff"}},
		{"name":"bad","input":{"userName":"a@x.io"},"output":{"title":"Chef"}}]}],
		"examples":[{"input":{"userName":"a"},"output":{}}]}`
	results, err := Examples([]byte(document), userType())
	if err != nil || len(results) != 3 {
		t.Fatalf("%v, %v", results, err)
	}
	for i, want := range []struct {
		rule  int
		holds bool
		got   string
	}{{-1, false, ""}, {0, true, ""}, {0, false, `"Staff"`}} {
		r := results[i]
		if r.Rule != want.rule || r.Holds != want.holds || want.got != "" && r.Faults[0].Got != want.got {
			t.Errorf("%d: %+v", i, r)
		}
	}
	if _, err := Examples([]byte(`{"rules":[7]}`), userType()); err == nil {
		t.Error("rules that cannot be used have examples")
	}
}

func FuzzLocate(f *testing.F) {
	f.Add("rules:\n- expression: |\n    Left(x)\n", 0, 3)
	f.Add(`{"rules":[{"expression":"Left(\"a\")"}]}`, 0, 9)
	f.Fuzz(func(t *testing.T, text string, rule, column int) {
		if line, at := Locate([]byte(text)).Of(Fault{Rule: rule, Column: column}); line < 0 || line > 0 && at == 0 && column > 0 {
			t.Errorf("%d:%d", line, at)
		}
	})
}
