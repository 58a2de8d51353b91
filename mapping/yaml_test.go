package mapping

import (
	"strings"
	"testing"

	"scimgate/scim/value"
)

const rulesYAML = `
# What Appspace shows of a person.
rules:
  - target: displayName
    type: Expression
    expression: Join(", ", [surname], [givenName])
  - {target: title, type: Direct, sources: [nickName, title], default: Staff, required: false, onEmpty: ~}
  - target: 'emails[type eq "work"].value'
    type: Constant
    value: "007"
  - target: urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge
    type: Constant
    value: 1234567890123456789
examples:
  - name: a day is a text
    input: {userName: a@x.io, nickName: 2020-01-01}
    output: {title: 2020-01-01, active: True}
`

func TestFromYAML(t *testing.T) {
	got, err := FromYAML([]byte(rulesYAML))
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, string(got), `{"rules":[
		{"target":"displayName","type":"Expression","expression":"Join(\", \", [surname], [givenName])"},
		{"target":"title","type":"Direct","sources":["nickName","title"],"default":"Staff","required":false,"onEmpty":null},
		{"target":"emails[type eq \"work\"].value","type":"Constant","value":"007"},
		{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Constant","value":1234567890123456789}],
		"examples":[{"name":"a day is a text","input":{"userName":"a@x.io","nickName":"2020-01-01"},"output":{"title":"2020-01-01","active":true}}]}`)
	if _, err := Compile(got, userType()); err != nil {
		t.Error(err)
	}
}

// JSON is YAML.
func TestFromYAMLTakesJSON(t *testing.T) {
	got, err := FromYAML([]byte(typicalRules))
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, string(got), typicalRules)
}

func TestFaultsOfYAML(t *testing.T) {
	for text, reason := range map[string]string{
		"":                             "the rules are empty",
		"# nothing\n":                  "the rules are empty",
		"rules: [":                     "not YAML",
		"rules: []\n---\nrules: []\n":  "more than one",
		"a: &x 1\nb: *x\n":             "line 1: anchors",
		"a: &x {b: 1}\nc:\n  <<: *x\n": "line 1: anchors",
		"a: 1\nb: *x\n":                "unknown anchor",
		"a: 1\nA: 2\n":                 `line 2: the key "A" stands twice`,
		"[a, b]: 1\n":                  "line 1: a key is a plain word",
		"a:\n  - 007\n":                "line 2: this number",
		"a: 0x1F":                      "line 1: this number",
		"a: .inf":                      "line 1: this number",
		"a: !!binary aGk=":             "line 1: this type",
		strings.Repeat("[", 40) + strings.Repeat("]", 40): "nested more than 32 deep",
		strings.Repeat("# comment\n", 110_000):            "longer than 1 MiB",
	} {
		if got, err := FromYAML([]byte(text)); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%.40q: %s, %v; want %q", text, got, err, reason)
		}
	}
}

func FuzzFromYAML(f *testing.F) {
	f.Add(rulesYAML)
	f.Add("a: &x [1, *x]\n")
	f.Add("{a: 1.50, b: !!str 7, c: |\n  text\n}")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := FromYAML([]byte(text))
		if err != nil {
			return
		}
		if _, err := value.Parse(got, value.DefaultLimits); err != nil && !strings.Contains(err.Error(), "U+0000") {
			t.Errorf("%q becomes %q: %v", text, got, err)
		}
	})
}
