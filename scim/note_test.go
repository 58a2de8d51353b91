package scim

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"scimgate/scim/value"
)

// steps parses the operations of a PATCH and lists them as a Journal would.
func steps(t *testing.T, operations string) ([]NotedOperation, int) {
	t.Helper()
	doc, err := value.Parse([]byte(`{"schemas":["`+PatchURN+`"],"Operations":[`+operations+`]}`), value.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ParsePatch(doc, Mode{})
	if err != nil {
		t.Fatalf("%s: %v", operations, err)
	}
	return p.Steps(Define([]CustomAttribute{{Property: "floor", Type: "Integer"}}).Type("User"))
}

// No value of a client is in the steps: neither one that an operation brings, nor
// a literal in a path, nor a name that a client may have made of one.
func TestStepsHoldNoValues(t *testing.T) {
	const ent, app = `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`, `urn:ietf:params:scim:schemas:extension:appspace:2.0:User`
	for operations, want := range map[string]string{
		`{"op":"Replace","path":"displayname","value":"CANARY"}`:                                 `[{replace displayName}]`,
		`{"op":"add","path":"emails[type eq \"CANARY\"].value","value":"CANARY"}`:                `[{add emails[type eq "?"].value}]`,
		`{"op":"remove","path":"emails[type eq \"CANARY\" and not (value co \"CANARY\")]"}`:      `[{remove emails[type eq "?" and not (value co "?")]}]`,
		`{"op":"remove","path":"phoneNumbers[primary eq true]"}`:                                 `[{remove phoneNumbers[primary eq "?"]}]`,
		`{"op":"remove","path":"emails[canary eq \"CANARY\"]"}`:                                  `[{remove ?}]`,
		`{"op":"add","path":"CANARY","value":1}`:                                                 `[{add ?}]`,
		`{"op":"add","path":"name.CANARY","value":1}`:                                            `[{add ?}]`,
		`{"op":"add","path":"` + app + `:CANARY","value":1}`:                                     `[{add ` + app + `:?}]`,
		`{"op":"add","path":"` + app + `:floor","value":1}`:                                      `[{add ` + app + `:floor}]`,
		`{"op":"add","path":"` + ent + `","value":{"department":"CANARY"}}`:                      `[{add ` + ent + `}]`,
		`{"op":"add","value":{"name.givenName":"CANARY","` + ent + `":{"department":"CANARY"}}}`: `[{add name.givenName} {add ` + ent + `:department}]`,
		`{"op":"add","value":{"emails[type eq \"CANARY\"].value":"x","CANARY@x":1}}`:             `[{add emails[type eq "?"].value} {add ?}]`,
		`{"op":"add","value":{"` + UserURN + `":{"title":"CANARY"}}}`:                            `[{add title}]`,
		`{"op":"add","value":"CANARY"}`:                                                          `[{add ?}]`,
	} {
		got, _ := steps(t, operations)
		if text := fmt.Sprint(got); text != want || strings.Contains(strings.ToUpper(text), "CANARY") {
			t.Errorf("%s\ngot  %s\nwant %s", operations, text, want)
		}
	}
}

// A PATCH of very many operations is not listed whole.
func TestStepsAreBounded(t *testing.T) {
	one := `{"op":"add","path":"title","value":"x"}`
	got, more := steps(t, strings.Repeat(one+",", 999)+one)
	if len(got) != maxSteps || more != 1000-maxSteps {
		t.Errorf("%d listed, %d more", len(got), more)
	}
	text, err := json.Marshal(Note{Request: "r", Method: "PATCH", Steps: got, More: more})
	if err != nil || len(text) > 4<<10 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}
