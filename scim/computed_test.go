package scim

import (
	"strings"
	"testing"
)

func TestComputedIsRenderedAndNotStored(t *testing.T) {
	r := StoredResource("User", "U1", 1, []byte(`{"schemas":["`+UserURN+`"],"id":"U1","userName":"a"}`))
	before := string(r.Body())
	r.Compute("groups", LinkList([]Link{{Value: "G1", Ref: "https://x/Groups/G1", Display: "All", Type: "direct"}}))
	user := Define(nil).Type("User")
	for attributes, want := range map[string]string{
		"":              `"userName":"a","groups":[{"value":"G1","$ref":"https://x/Groups/G1","display":"All","type":"direct"}],"meta":`,
		"groups":        `"id":"U1","groups":[{"value":"G1","$ref":"https://x/Groups/G1","display":"All","type":"direct"}]}`,
		"groups.value":  `"id":"U1","groups":[{"value":"G1"}]}`,
		"userName,meta": `"id":"U1","userName":"a","meta":`,
	} {
		s, err := ParseSelection([]string{attributes}, nil, user)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(AppendResource(nil, r, "x", s)); !strings.Contains(got, want) {
			t.Errorf("attributes=%s: %s", attributes, got)
		}
	}
	if string(r.Body()) != before {
		t.Errorf("the body became %s", r.Body())
	}
	r.Compute("groups", LinkList(nil))
	if got := string(AppendResource(nil, r, "x", nil)); strings.Contains(got, "groups") {
		t.Errorf("taken away: %s", got)
	}
}

func TestLinksOfASelection(t *testing.T) {
	group := Define(nil).Type("Group")
	l := Link{Value: "U1", Ref: "r", Display: "An\"a", Type: "User"}
	for _, c := range []struct{ attributes, excluded, want string }{
		{"", "", `{"value":"U1","$ref":"r","display":"An\"a","type":"User"}`},
		{"members", "", `{"value":"U1","$ref":"r","display":"An\"a","type":"User"}`},
		{"MEMBERS.Value,members.type", "", `{"value":"U1","type":"User"}`},
		{GroupURN + ":members.$ref", "", `{"$ref":"r"}`},
		{"displayName", "", ""},
		{"shoeSize", "", ""},
		{"", "members", ""},
		{"", "displayName", `{"value":"U1","$ref":"r","display":"An\"a","type":"User"}`},
		{"", "members.display,members.$ref", `{"value":"U1","type":"User"}`},
		{"", "members.value,members.$ref,members.display,members.type", ""},
	} {
		s, err := ParseSelection([]string{c.attributes}, []string{c.excluded}, group)
		if err != nil {
			t.Fatal(err)
		}
		links, some := s.Links("members")
		got := ""
		if some {
			got = string(links.Append(nil, l))
		}
		if got != c.want {
			t.Errorf("%q, %q: %s, want %s", c.attributes, c.excluded, got, c.want)
		}
	}
}
