package appspace

import (
	"slices"
	"strings"
	"testing"

	"scimgate/connectors"
	"scimgate/scim/value"
)

const ent = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func object(t *testing.T, text string) *value.Object {
	t.Helper()
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil || v.Object() == nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v.Object()
}

func TestOperations(t *testing.T) {
	tests := []struct {
		name       string
		projection string
		sent       []string
		want       []string // "path = value", or "-path"
	}{
		{
			"leaves", `{"schemas":["x"],"id":"U1","userName":"ana@example.com","active":true,"name":{"givenName":"Ana","familyName":""},
				"meta":{"resourceType":"User"},"groups":[{"value":"G"}],"password":"p","title":null,"nickName":"","entitlements":[]}`,
			nil,
			[]string{`userName = "ana@example.com"`, `active = true`, `name.givenName = "Ana"`},
		},
		{
			"elements by type", `{"emails":[{"type":"work","value":"a@example.com","primary":true},{"value":"h@example.com","type":"home"}]}`,
			nil,
			[]string{
				`emails[type eq "work"].value = "a@example.com"`, `emails[type eq "work"].primary = true`,
				`emails[type eq "home"].value = "h@example.com"`,
			},
		},
		{
			"a type that needs quoting", `{"emails":[{"type":"a\"] or [b","value":"x"}]}`, nil,
			[]string{`emails[type eq "a\"] or [b"].value = "x"`},
		},
		{
			"elements that no type tells apart", `{"emails":[{"type":"work","value":"a"},{"type":"WORK","value":"b"}],"roles":[{"value":"Admin"}],
				"photos":[{"type":"photo"}],"x":["a","b"],"addresses":[{"type":"","locality":"Oslo"}]}`,
			nil,
			[]string{
				`emails = [{"type":"work","value":"a"},{"type":"WORK","value":"b"}]`, `roles = [{"value":"Admin"}]`,
				`photos = [{"type":"photo"}]`, `x = ["a","b"]`, `addresses = [{"type":"","locality":"Oslo"}]`,
			},
		},
		{
			"extensions", `{"` + ent + `":{"department":"Kitchen","manager":{"value":"U2"},"division":null},"urn:x:2.0:User":{"badge":701}}`,
			nil,
			[]string{ent + `:department = "Kitchen"`, ent + `:manager = {"value":"U2"}`, `urn:x:2.0:User:badge = 701`},
		},
		{
			"what is gone is removed", `{"active":true,"title":""}`,
			[]string{"active", "title", "name.givenName", ent + ":department"},
			[]string{"-title", "-name.givenName", "-" + ent + ":department", "active = true"},
		},
		{
			"an element is removed as one", `{"emails":[{"type":"work","value":"a"}]}`,
			[]string{`emails[type eq "home"].primary`, `emails[type eq "home"].value`, `emails[type eq "work"].primary`, `emails[type eq "work"].value`},
			[]string{`-emails[type eq "home"]`, `-emails[type eq "work"].primary`, `emails[type eq "work"].value = "a"`},
		},
		{
			"all elements are removed one by one", `{"active":true}`,
			[]string{`emails[type eq "a]b"].value`, `emails[type eq "work"].value`},
			[]string{`-emails[type eq "a]b"]`, `-emails[type eq "work"]`, "active = true"},
		},
		{
			"from elements to a whole", `{"emails":[{"value":"a"}]}`,
			[]string{`emails[type eq "work"].value`},
			[]string{`emails = [{"value":"a"}]`},
		},
		{
			"from a whole to elements", `{"emails":[{"type":"work","value":"a"}]}`,
			[]string{"emails"},
			[]string{`emails = [{"type":"work","value":"a"}]`},
		},
		{
			"a whole is removed", `{"active":true}`, []string{"emails"}, []string{"-emails", "active = true"},
		},
		{
			"names by any case", `{"NickName":"A","emails":[{"type":"Work","value":"a"}]}`,
			[]string{"nickname", `emails[type eq "work"].value`},
			[]string{`NickName = "A"`, `emails[type eq "Work"].value = "a"`},
		},
	}
	for _, test := range tests {
		var got []string
		for _, op := range operations(connectors.Object{Attributes: object(t, test.projection), Sent: test.sent}) {
			if op.removes() {
				got = append(got, "-"+op.path)
			} else {
				got = append(got, op.path+" = "+string(value.Append(nil, op.value)))
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", test.name, strings.Join(got, "\n     "), strings.Join(test.want, "\n     "))
		}
	}
}

func TestCovers(t *testing.T) {
	const same = `{"userName":"ana@example.com","active":true,"title":"Cook","name":{"givenName":"Ana"},
		"emails":[{"type":"work","value":"ana@example.com"}],"roles":[{"value":"A"},{"value":"B"}],"` + ent + `":{"manager":{"value":"U2"}}}`
	tests := []struct {
		name, projection, held string
		sent                   []string
		want                   bool
	}{
		{"equal", same, same, nil, true},
		{"superset", `{"title":"Cook","emails":[{"type":"work","value":"a"}]}`, `{"id":"U1","meta":{},"title":"Cook","nickName":"A","emails":[{"type":"home","value":"h"},{"type":"work","value":"a","primary":true}]}`, nil, true},
		{"names by any case", `{"displayName":"A"}`, `{"DISPLAYNAME":"A"}`, nil, true},
		{"values by their case", `{"displayName":"A"}`, `{"displayName":"a"}`, nil, false},
		{"addresses by any case", `{"userName":"Ana@Example.com","emails":[{"type":"work","value":"Ana@Example.com"}]}`, `{"userName":"ana@example.com","emails":[{"type":"work","value":"ana@example.com"}]}`, nil, true},
		{"boolean as text", `{"active":false}`, `{"active":"False"}`, nil, true},
		{"other boolean", `{"active":false}`, `{"active":true}`, nil, false},
		{"number as text", `{"urn:x:2.0:User":{"badge":701}}`, `{"urn:x:2.0:User":{"badge":"701"}}`, nil, true},
		{"missing", `{"title":"Cook"}`, `{}`, nil, false},
		{"nothing asked", `{"id":"U1","schemas":["x"],"title":""}`, `{}`, nil, true},
		{"flattened manager", `{"` + ent + `":{"manager":{"value":"U2"}}}`, `{"` + ent + `":{"manager":"U2"}}`, nil, true},
		{"other manager", `{"` + ent + `":{"manager":{"value":"U2"}}}`, `{"` + ent + `":{"manager":{"value":"U3"}}}`, nil, false},
		{"extension missing", `{"` + ent + `":{"manager":{"value":"U2"}}}`, `{"manager":{"value":"U2"}}`, nil, false},
		{"element missing", `{"emails":[{"type":"work","value":"a"}]}`, `{"emails":[{"type":"home","value":"a"}]}`, nil, false},
		{"whole with more", `{"roles":[{"value":"A"}]}`, `{"roles":[{"value":"A"},{"value":"B"}]}`, nil, false},
		{"whole in other order", `{"roles":[{"value":"A"},{"value":"B"}]}`, `{"roles":[{"value":"B"},{"value":"A"}]}`, nil, true},
		{"list for text", `{"title":"A"}`, `{"title":["A"]}`, nil, false},
		{"text for list", `{"roles":["A"]}`, `{"roles":"A"}`, nil, false},
		{"object for text", `{"title":"A"}`, `{"title":{"value":"A"}}`, nil, false},
		{"gone and still there", `{"active":true}`, `{"active":true,"title":"Cook"}`, []string{"title"}, false},
		{"gone and not there", `{"active":true}`, `{"active":true}`, []string{"title", `emails[type eq "home"].value`}, true},
		{"element gone and still there", `{"active":true}`, `{"active":true,"emails":[{"type":"Home","value":"h"}]}`, []string{`emails[type eq "home"].value`}, false},
		{"extension gone and still there", `{"active":true}`, `{"active":true,"` + ent + `":{"department":"K"}}`, []string{ent + ":department"}, false},
	}
	for _, test := range tests {
		o := connectors.Object{Attributes: object(t, test.projection), Sent: test.sent}
		if got := covers(o, object(t, test.held)); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add([]byte(`{"totalResults":1,"Resources":[{"id":"U1","userName":"a"}]}`))
	f.Add([]byte(`{"scimType":"noTarget"}`))
	f.Add([]byte(`{"Resources":[null,{"userName":["a"]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		errorTypeIn(text)
		doc, ok := parse(text)
		if !ok {
			return
		}
		got := answer{status: 200, doc: doc}
		if u, err := (request{method: "GET"}).oneNamed(user, "a", got); err == nil && u != nil && (u.id == "" || len(u.id) > maxID) {
			t.Errorf("%s: accepted id %q", text, u.id)
		}
		o := connectors.Object{Attributes: doc}
		if doc != nil && !covers(o, doc) {
			t.Errorf("%s does not cover itself", text)
		}
		for _, op := range operations(o) {
			if op.path == "" && op.removes() {
				t.Errorf("%s: an operation without path", text)
			}
		}
	})
}
