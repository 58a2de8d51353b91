package scim

import (
	"fmt"
	"strings"
	"testing"
)

// told is a change of members as tests write it: "reset +U1 -U2".
func told(c *MemberChange) string {
	if c == nil {
		return "nothing"
	}
	var words []string
	if c.Reset {
		words = append(words, "reset")
	}
	for _, id := range c.Add {
		words = append(words, "+"+id)
	}
	for _, id := range c.Remove {
		words = append(words, "-"+id)
	}
	return strings.Join(words, " ")
}

func storedGroup() *Resource {
	return StoredResource("Group", "G", 1, []byte(`{"schemas":["`+GroupURN+`"],"id":"G","displayName":"All"}`))
}

// Every shape in which clients change members (vectors 61 to 68, X8, M5).
func TestPatchMembers(t *testing.T) {
	group := Define(nil).Type("Group")
	for operations, want := range map[string]string{
		`{"op":"Add","path":"members","value":[{"$ref":null,"value":"U1"},{"value":"U2"}]}`:                                             "+U1 +U2",
		`{"op":"Remove","path":"members","value":[{"$ref":null,"value":"U1"}]}`:                                                         "-U1",
		`{"op":"Remove","path":"members","value":["U1","U2"]}`:                                                                          "-U1 -U2",
		`{"op":"Remove","path":"members","value":"U1"}`:                                                                                 "-U1",
		`{"op":"remove","path":"members[value eq \"U2\"]"},{"op":"remove","path":"members[value eq \"U9\"]"}`:                           "-U2 -U9",
		`{"op":"remove","path":"members[value eq \"U1\" or value eq \"U2\"]"}`:                                                          "-U1 -U2",
		`{"op":"remove","path":"members"}`:                                                                                              "reset",
		`{"op":"Replace","path":"members","value":[]}`:                                                                                  "reset",
		`{"op":"replace","path":"members","value":[{"value":"U1"}]}`:                                                                    "reset +U1",
		`{"op":"Add","path":"members","value":"U2"},{"op":"Add","path":"members","value":{"value":"U3"}}`:                               "+U2 +U3",
		`{"op":"add","value":{"members":[{"value":"U1"}]}}`:                                                                             "+U1",
		`{"op":"replace","value":{"members":[{"value":"U1"}],"displayName":"All"}}`:                                                     "reset +U1",
		`{"op":"add","path":"members[value eq \"U1\"]","value":{"value":"U1"}}`:                                                         "+U1",
		`{"op":"add","path":"` + GroupURN + `:members","value":[{"value":"U1"}]}`:                                                       "+U1",
		`{"op":"add","path":"MEMBERS","value":[{"Value":"U1","type":"User","display":"Bo"}]}`:                                           "+U1",
		`{"op":"add","path":"members","value":[{"value":"U1"},{"value":"U1"}]}`:                                                         "+U1",
		`{"op":"add","path":"members","value":[{"value":"U1"}]},{"op":"remove","path":"members[value eq \"U1\"]"}`:                      "-U1",
		`{"op":"remove","path":"members[value eq \"U1\"]"},{"op":"add","path":"members","value":[{"value":"U1"}]}`:                      "+U1",
		`{"op":"add","path":"members","value":[{"value":"U1"}]},{"op":"remove","path":"members"}`:                                       "reset",
		`{"op":"remove","path":"members"},{"op":"add","path":"members","value":"U1"},{"op":"remove","path":"members[value eq \"U1\"]"}`: "reset",
		`{"op":"add","path":"members","value":[]}`:                                                                                      "nothing",
	} {
		r := storedGroup()
		changed, err := patchGroup(t, r, group, operations, Mode{})
		if got := told(r.Members); err != nil || got != want || changed != (want != "nothing") {
			t.Errorf("%s: %v, %v, %s, want %s", operations, changed, err, got, want)
		}
		if strings.Contains(string(r.Body()), "members") {
			t.Errorf("%s: members in the body: %s", operations, r.Body())
		}
	}
}

func patchGroup(t *testing.T, r *Resource, group *ResourceType, operations string, m Mode) (bool, error) {
	t.Helper()
	p, err := ParsePatch(parse(t, patchOf(operations)), m)
	if err != nil {
		return false, err
	}
	return p.Apply(r, group, m)
}

// A shape that we do not know must never come to empty a group (design 6.4).
func TestPatchMembersRefused(t *testing.T) {
	group := Define(nil).Type("Group")
	for operation, kind := range map[string]ErrorType{
		`{"op":"replace","path":"members[value eq \"U1\"].value","value":"U2"}`:   Mutability,
		`{"op":"replace","path":"members[value eq \"U1\"].display","value":"U2"}`: Mutability,
		`{"op":"remove","path":"members.value"}`:                                  Mutability,
		`{"op":"remove","path":"members[display eq \"Bo\"]"}`:                     InvalidFilter,
		`{"op":"remove","path":"members[not (value eq \"U1\")]"}`:                 InvalidFilter,
		`{"op":"remove","path":"members[value ne \"U1\"]"}`:                       InvalidFilter,
		`{"op":"remove","path":"members[value eq \"U1\" and type eq \"User\"]"}`:  InvalidFilter,
		`{"op":"Remove","path":"members","value":[]}`:                             InvalidValue,
		`{"op":"Remove","path":"members","value":null}`:                           InvalidValue,
		`{"op":"Remove","path":"members","value":[{"$ref":"x"}]}`:                 InvalidValue,
		`{"op":"replace","path":"members","value":[{}]}`:                          InvalidValue,
		`{"op":"replace","path":"members","value":[{"display":"Bo"}]}`:            InvalidValue,
		`{"op":"add","path":"members","value":[{"value":"a/b"}]}`:                 InvalidValue,
		`{"op":"add","path":"members","value":[{"value":" "}]}`:                   InvalidValue,
		`{"op":"add","path":"members","value":[[{"value":"U1"}]]}`:                InvalidValue,
		`{"op":"add","path":"members","value":true}`:                              InvalidValue,
	} {
		r := storedGroup()
		before := string(r.Body())
		_, err := patchGroup(t, r, group, operation, Mode{})
		wantErrorOf(t, operation, err, kind)
		if r.Members != nil || string(r.Body()) != before {
			t.Errorf("%s: half applied: %s, %s", operation, told(r.Members), r.Body())
		}
	}
	strict := map[string]ErrorType{
		`{"op":"remove","path":"members","value":[{"value":"U1"}]}`:                                            InvalidSyntax,
		`{"op":"add","path":"members","value":"U1"}`:                                                           InvalidValue,
		`{"op":"add","path":"members[value eq \"U1\"]","value":{"value":"U1"}}`:                                NoTarget,
		`{"op":"add","path":"members","value":[{"value":"U1"}]},{"op":"Add","path":"displayName","value":"x"}`: InvalidSyntax,
	}
	for operation, kind := range strict {
		_, err := patchGroup(t, storedGroup(), group, operation, Mode{Strict: true})
		wantErrorOf(t, operation, err, kind)
	}
}

// A whole group: POST, and PUT, in which silence about members changes nothing.
func TestMembersOfAWholeGroup(t *testing.T) {
	group := Define(nil).Type("Group")
	for members, want := range map[string]string{
		``:                                   "nothing",
		`,"members":[]`:                      "reset",
		`,"members":null`:                    "reset",
		`,"members":[{"value":"U1"},"U2"]`:   "reset +U1 +U2",
		`,"members":{"value":"U1"}`:          "reset +U1",
		`,"Members":[{"value":"U1","x":{}}]`: "reset +U1",
		`,"members":[{"value":"U1"},"U1"]`:   "reset +U1",
	} {
		doc := parse(t, fmt.Sprintf(`{"schemas":[%q],"displayName":"All"%s}`, GroupURN, members))
		fresh, err := group.ReadNew(doc, "G", Mode{})
		if err != nil || told(fresh.Members) != want {
			t.Errorf("POST %s: %v, %s, want %s", members, err, told(fresh.Members), want)
		}
		r := storedGroup()
		if changed, err := group.Replace(r, doc, Mode{}); err != nil || told(r.Members) != want || changed != (want != "nothing") {
			t.Errorf("PUT %s: %v, %v, %s, want %s", members, changed, err, told(r.Members), want)
		}
	}
	for _, members := range []string{`[{}]`, `[{"display":"Bo"}]`, `true`, `[null,{"value":"x y"}]`} {
		doc := parse(t, fmt.Sprintf(`{"schemas":[%q],"displayName":"All","members":%s}`, GroupURN, members))
		if _, err := group.ReadNew(doc, "G", Mode{}); err == nil {
			t.Errorf("POST %s was taken", members)
		}
	}
}
