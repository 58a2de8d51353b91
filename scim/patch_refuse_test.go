package scim

import (
	"slices"
	"strings"
	"testing"

	"scimgate/scim/value"
)

func TestPatchRefuses(t *testing.T) {
	const before = `"title":"T","active":true,"emails":[` + work + `],"roles":[{"value":"A"}],"%E":{"manager":{"value":"U2"}}`
	for _, c := range []struct {
		name, operations string
		kind             ErrorType
	}{
		{"E30", `{"op":"Replace","path":"active","value":"maybe"}`, InvalidValue},
		{"E47 op", `{"op":"Upsert","path":"title","value":"x"}`, InvalidSyntax},
		{"op in no case", `{"op":"move","path":"title","value":"x"}`, InvalidSyntax},
		{"no op", `{"path":"title","value":"x"}`, InvalidSyntax},
		{"op is no text", `{"op":["add"],"path":"title","value":"x"}`, InvalidSyntax},
		{"an operation that is none", `"add"`, InvalidSyntax},
		{"no operation", ``, InvalidSyntax},
		{"too many", strings.TrimSuffix(strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 1001), ","), InvalidValue},
		{"E47 id", `{"op":"replace","path":"id","value":"x"}`, Mutability},
		{"B50 schemas", `{"op":"replace","path":"schemas","value":["x"]}`, Mutability},
		{"meta", `{"op":"remove","path":"meta.version"}`, Mutability},
		{"groups", `{"op":"add","path":"groups","value":[{"value":"g"}]}`, Mutability},
		{"a readOnly sub-attribute", `{"op":"add","path":"%E:manager.displayName","value":"x"}`, Mutability},
		{"E53 required, cleared", `{"op":"replace","path":"userName","value":""}`, InvalidValue},
		{"required, null", `{"op":"replace","value":{"userName":null}}`, InvalidValue},
		{"required, removed", `{"op":"remove","path":"userName"}`, InvalidValue},
		{"required, blank", `{"op":"replace","path":"userName","value":"  "}`, InvalidValue},
		{"B45 no path, no object", `{"op":"add","value":"x"}`, InvalidValue},
		{"no value", `{"op":"replace","path":"title"}`, InvalidValue},
		{"an extension that is no object", `{"op":"replace","value":{"%E":"x"}}`, InvalidValue},
		{"the core that is no object", `{"op":"replace","value":{"` + UserURN + `":"x"}}`, InvalidValue},
		{"B46 remove an empty list", `{"op":"remove","path":"roles","value":[]}`, InvalidValue},
		{"B46 remove null", `{"op":"remove","path":"roles","value":null}`, InvalidValue},
		{"B46 remove nothing", `{"op":"remove","path":"roles","value":[{}]}`, InvalidValue},
		{"B46 remove a shape unknown", `{"op":"remove","path":"roles","value":[{"id":"A"}]}`, InvalidValue},
		{"B46 remove a half known shape", `{"op":"remove","path":"roles","value":[{"value":"A"},{"id":"B"}]}`, InvalidValue},
		{"B46 remove a list in a list", `{"op":"remove","path":"roles","value":[["A"]]}`, InvalidValue},
		{"remove an address by a text", `{"op":"remove","path":"addresses","value":["A"]}`, InvalidValue},
		{"replace by nothing that can be kept", `{"op":"replace","path":"roles","value":[{}]}`, InvalidValue},
		{"replace a list by {}", `{"op":"replace","path":"roles","value":{}}`, InvalidValue},
		{"design 6.4 remove without a path", `{"op":"remove","value":{"title":"T"}}`, NoTarget},
		{"D6.3 other filters", `{"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}`, NoTarget},
		{"or", `{"op":"add","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"x"}`, NoTarget},
		{"not", `{"op":"add","path":"emails[not (type eq \"work\")].value","value":"x"}`, NoTarget},
		{"pr", `{"op":"add","path":"emails[display pr].value","value":"x"}`, NoTarget},
		{"terms that cannot both hold", `{"op":"add","path":"emails[type eq \"a\" and type eq \"b\"].value","value":"x"}`, NoTarget},
		{"a term of another type", `{"op":"add","path":"emails[primary eq \"maybe\"].value","value":"x"}`, NoTarget},
		{"B48 unclosed", `{"op":"add","path":"emails[type eq \"work\"","value":"x"}`, InvalidPath},
		{"B49 100 KiB of brackets", `{"op":"add","path":"` + strings.Repeat("a[", 50<<10) + `","value":"x"}`, InvalidPath},
		{"path is no text", `{"op":"add","path":7,"value":"x"}`, InvalidPath},
		{"path is no path", `{"op":"add","path":"a b","value":"x"}`, InvalidPath},
		{"a filter on a single attribute", `{"op":"add","path":"name[givenName eq \"x\"].familyName","value":"x"}`, InvalidPath},
		{"a filter on a simple attribute", `{"op":"add","path":"title[value eq \"x\"]","value":"x"}`, InvalidPath},
		{"a filter on what is unknown", `{"op":"add","path":"emails[shoe eq \"x\"].value","value":"x"}`, InvalidFilter},
		{"a filter without meaning", `{"op":"add","path":"emails[primary gt true].value","value":"x"}`, InvalidFilter},
		{"a value of the wrong type", `{"op":"add","path":"%A:floor","value":"ground"}`, InvalidValue},
		{"a remove with a value of the wrong type", `{"op":"remove","path":"title","value":{"x":1}}`, InvalidValue},
		{"an element of the wrong type", `{"op":"add","path":"emails[type eq \"work\"]","value":true}`, InvalidValue},
	} {
		r := stored(before)
		was := string(r.Body())
		operations := c.operations
		if operations != "" && c.name != "too many" { // all or nothing: what comes before must not stay
			operations = `{"op":"replace","path":"title","value":"changed"},` + operations
		}
		changed, err := patched(r, operations, Mode{})
		if changed {
			t.Errorf("%s: changed", c.name)
		}
		wantErrorOf(t, c.name, err, c.kind)
		o, err := r.Attributes()
		if err != nil || jsonOf(value.Of(o)) != was {
			t.Errorf("%s left\n%s, %v; was\n%s", c.name, jsonOf(value.Of(o)), err, was)
		}
		if err := err; err != nil && strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func wantErrorOf(t *testing.T, name string, err error, kind ErrorType) {
	t.Helper()
	if e, ok := err.(*Error); !ok || e.Status != 400 || e.Type != kind || e.Detail == "" { //nolint:errorlint // it must be one itself
		t.Errorf("%s: error %#v, want 400 %s", name, err, kind)
	}
}

func TestParsePatchRefuses(t *testing.T) {
	for _, text := range []string{
		`null`, `[]`, `"x"`, `{}`, `{"schemas":["` + PatchURN + `"]}`, patchOf(``), `{"Operations":{"op":"add"}}`, `{"Operations":"add"}`, `{"Operations":[null]}`, `{"Operations":null}`,
	} {
		_, err := ParsePatch(parse(t, text), Mode{})
		wantErrorOf(t, text, err, InvalidSyntax)
	}
	m, seen := counting()
	if _, err := ParsePatch(parse(t, `{"operations":[{"OP":"Add","Path":"title","VALUE":"x"}]}`), m); err != nil || !slices.Equal(*seen, []string{"missingSchema schemas", "operationCase Operations.op"}) {
		t.Errorf("%v, tolerated %q", err, *seen)
	}
}

// A strict tenant gets the RFC's answer to everything that we tolerate otherwise.
func TestPatchStrict(t *testing.T) {
	const before = `"title":"T","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}]`
	for operations, kind := range map[string]ErrorType{
		`{"op":"Add","path":"title","value":"x"}`:                         InvalidSyntax,
		`{"op":"replace","path":"active","value":"False"}`:                InvalidValue,
		`{"op":"replace","value":{"name.givenName":"K"}}`:                 InvalidPath,
		`{"op":"replace","value":{"%E:department":"K"}}`:                  InvalidPath,
		`{"op":"replace","value":{"emails[type eq \"home\"].value":"K"}}`: InvalidPath,
		`{"op":"replace","path":"","value":{"title":"K"}}`:                InvalidPath,
		`{"op":"replace","path":"` + workMail + `","value":"w@x.io"}`:     NoTarget,
		`{"op":"add","path":"emails.value","value":"w@x.io"},{"op":"remove","path":"emails"},{"op":"add","path":"emails.value","value":"w@x.io"}`: NoTarget,
		`{"op":"remove","path":"roles","value":[{"value":"A"}]}`:                                                                                  InvalidSyntax,
		`{"op":"remove","path":"title","value":"T"}`:                                                                                              InvalidSyntax,
		`{"op":"replace","value":{"id":"x"}}`:                                                                                                     Mutability,
		`{"op":"replace","path":"shoeSize","value":9}`:                                                                                            InvalidPath,
		`{"op":"replace","value":{"shoeSize":9}}`:                                                                                                 InvalidPath,
		`{"op":"replace","path":"%A:shoe","value":9}`:                                                                                             InvalidPath,
		`{"op":"replace","value":{"%A":{"shoe":9}}}`:                                                                                              InvalidPath,
		`{"op":"add","path":"manager","value":{"value":"U2"}}`:                                                                                    InvalidPath,
		`{"op":"add","path":"%E:manager","value":"U2"}`:                                                                                           InvalidValue,
		`{"op":"add","path":"emails","value":{"value":"w@x.io"}}`:                                                                                 InvalidValue,
	} {
		m, seen := counting()
		m.Strict = true
		_, err := patched(stored(before), operations, m)
		if e, ok := err.(*Error); !ok || e.Status != 400 || e.Type != kind { //nolint:errorlint // it must be one itself
			t.Errorf("%s: error %#v, want 400 %s", operations, err, kind)
		}
		if len(*seen) > 0 {
			t.Errorf("%s: counted %q", operations, *seen)
		}
	}
	for operations, after := range map[string]string{
		`{"op":"replace","value":{"title":"K","%E":{"department":"D"}}}`:                         `"title":"K","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}],"%E":{"department":"D"}`,
		`{"op":"replace","path":"emails[type eq \"home\"].value","value":"n"}`:                   `"title":"T","emails":[{"type":"home","value":"n"},{"type":"home","value":"n"}],"roles":[{"value":"A"}]`,
		`{"op":"remove","path":"roles"},{"op":"remove","path":"emails[type eq \"home\"]"}`:       `"title":"T"`,
		`{"op":"replace","path":"roles","value":[]},{"op":"replace","path":"title","value":"U"}`: `"title":"U","emails":[` + home + `,` + home + `]`,
		`{"op":"add","path":"password","value":"x"},{"op":"replace","path":"title","value":"U"}`: `"title":"U","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}]`,
	} {
		r := stored(before)
		if _, err := patched(r, operations, Mode{Strict: true}); err != nil || !value.Equal(parse(t, string(r.Body())), parse(t, string(stored(after).Body()))) {
			t.Errorf("%s: %v\n%s", operations, err, r.Body())
		}
	}
}
