package scim

import (
	"slices"
	"strings"
	"testing"

	"scimgate/scim/value"
)

const entraUser = `{
 "schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
 "externalId":"f3c1a2b4-5d6e-4f70-8a9b-0c1d2e3f4a5b","userName":"ana.lim@contoso.example","active":true,
 "displayName":"Ana Lim","title":"Head Chef","preferredLanguage":"en-MY",
 "emails":[{"primary":true,"type":"work","value":"ana.lim@contoso.example"}],
 "meta":{"resourceType":"User"},
 "name":{"formatted":"Ana Lim","familyName":"Lim","givenName":"Ana"},
 "addresses":[{"type":"work","streetAddress":"1 Jalan Besar","locality":"Kuala Lumpur","postalCode":"50000","country":"MY"}],
 "phoneNumbers":[{"type":"work","value":"+60 3-1234 5678"},{"type":"mobile","value":"+60 12 345 6789"}],
 "roles":[],
 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Kitchen","employeeNumber":"701","manager":"b7d1"}}`

// core opens a body whose schemas names the core alone.
const core = `{"schemas":["` + UserURN + `"],`

// What a new user becomes, by vector of entra-and-appspace.md (E) and bad input
// of reliability-and-security.md §10 (B). %core stands for schemas and id.
func TestReadNew(t *testing.T) {
	const ent, aps = EnterpriseUserURN, AppspaceUserURN
	schemas := func(urns ...string) string {
		return `{"schemas":["` + strings.Join(append([]string{UserURN}, urns...), `","`) + `"],"id":"U1",`
	}
	cases := []struct {
		name, in, want string
		tolerated      []string
	}{
		{
			"E16 the order as sent, empty roles gone", core + `"roles":[],"userName":"ana","active":true,"name":{"givenName":"A"}}`,
			schemas() + `"userName":"ana","active":true,"name":{"givenName":"A"}}`, nil,
		},
		{
			"E19 nulls", core + `"userName":"ana","addresses":null,"phoneNumbers":null,"title":null,"department":null,"manager":null}`,
			schemas() + `"userName":"ana"}`,
			[]string{"misplacedAttribute department", "misplacedAttribute manager"},
		},
		{
			"E19 in a wrong place, with values", core + `"userName":"ana","department":"D","manager":"U2"}`,
			schemas(ent) + `"userName":"ana","` + ent + `":{"department":"D","manager":{"value":"U2"}}}`,
			[]string{"misplacedAttribute department", "misplacedAttribute manager", "bareValue " + ent + ":manager", "missingSchema schemas"},
		},
		{
			"in both places", `{"schemas":["` + UserURN + `","` + ent + `"],"department":"wrong","` + ent + `":{"department":"right"},"DEPARTMENT2":1,"userName":"a"}`,
			schemas(ent) + `"` + ent + `":{"department":"right"},"userName":"a"}`,
			[]string{"misplacedAttribute department", "unknownAttribute DEPARTMENT2"},
		},
		{
			"in both places, the other way round", `{"schemas":["` + UserURN + `","` + ent + `"],"` + ent + `":{"department":"right"},"department":"wrong","userName":"a"}`,
			schemas(ent) + `"` + ent + `":{"department":"right"},"userName":"a"}`,
			[]string{"misplacedAttribute department"},
		},
		{
			"E20, B36 a URN mistyped", `{"schemas":["` + UserURN + `","urn:ietf:params:scim:schemas:extension:enterprise:2.0User","urn:x"],"userName":"ana"}`,
			schemas() + `"userName":"ana"}`,
			[]string{"unknownSchema schemas", "unknownSchema schemas"},
		},
		{"B36 schemas missing", `{"userName":"ana"}`, schemas() + `"userName":"ana"}`, []string{"missingSchema schemas"}},
		{"B36 schemas twice", `{"schemas":["` + UserURN + `","` + UserURN + `"],"userName":"ana"}`, schemas() + `"userName":"ana"}`, nil},
		{"B36 schemas no list", `{"schemas":7,"userName":"ana"}`, schemas() + `"userName":"ana"}`, []string{"missingSchema schemas"}},
		{
			"E21 manager as text", `{"schemas":["` + UserURN + `","` + ent + `"],"userName":"ana","` + ent + `":{"manager":"U2","department":"D"}}`,
			schemas(ent) + `"userName":"ana","` + ent + `":{"manager":{"value":"U2"},"department":"D"}}`,
			[]string{"bareValue " + ent + ":manager"},
		},
		{
			"E22 custom data without its URN", core + `"userName":"ana","` + aps + `":{"badge":"701"}}`,
			schemas(aps) + `"userName":"ana","` + aps + `":{"badge":"701"}}`,
			[]string{"missingSchema schemas"},
		},
		{
			"an Enterprise attribute that is not one", core + `"userName":"ana","` + ent + `":{"shoe":"9"}}`,
			schemas() + `"userName":"ana"}`,
			[]string{"unknownAttribute " + ent + ":shoe"},
		},
		{
			"undefined custom attributes", core + `"userName":"ana","` + aps + `":{"Shoe":"9","Size":9,"Wide":true,"None":null,"Many":["x"],"$where":"x","a.b":"x"}}`,
			schemas(aps) + `"userName":"ana","` + aps + `":{"Shoe":"9","Size":9,"Wide":true}}`,
			[]string{
				"undefinedAttribute " + aps + ":Shoe", "undefinedAttribute " + aps + ":Size", "undefinedAttribute " + aps + ":Wide",
				"undefinedAttribute " + aps + ":None", "unknownAttribute " + aps + ":Many", "unknownAttribute " + aps + ":$where",
				"unknownAttribute " + aps + ":a.b", "missingSchema schemas",
			},
		},
		{"E23, B32 active as text", core + `"userName":"ana","active":"True"}`, schemas() + `"userName":"ana","active":true}`, []string{"booleanAsString active"}},
		{
			"E24 a role", core + `"userName":"ana","roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]}`,
			schemas() + `"userName":"ana","roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]}`, nil,
		},
		{
			"E27, B29, B37, B38 what is not the client's to write", core + `"id":"mine","userName":"ana","meta":{"created":"x","version":7},"groups":[{"value":"g"}]}`,
			schemas() + `"userName":"ana"}`, nil,
		},
		{"B26 names of databases and prototypes", core + `"userName":"ana","$where":"1","$set":{},"a.b":1,"__proto__":{"x":1},"":1}`, schemas() + `"userName":"ana"}`, []string{"unknownAttribute $where", "unknownAttribute $set", "unknownAttribute a.b", "unknownAttribute __proto__", "unknownAttribute "}},
		{"B30 a number for externalId", core + `"userName":"ana","externalId":1}`, schemas() + `"userName":"ana","externalId":"1"}`, []string{"scalarAsString externalId"}},
		{"B31 a password", core + `"userName":"ana","passWord":"secret"}`, schemas() + `"userName":"ana"}`, []string{"passwordDropped password"}},
		{"B32 active null", core + `"userName":"ana","active":null}`, schemas() + `"userName":"ana"}`, nil},
		{"B39 a role as text", core + `"userName":"ana","roles":["super_admin"]}`, schemas() + `"userName":"ana","roles":[{"value":"super_admin"}]}`, []string{"bareValue roles"}},
		{"B41, B42 text that is code elsewhere", core + `"userName":"ana","title":"<script>=cmd|\r\n\u202e\ud83d\ude00"}`, schemas() + `"userName":"ana","title":"<script>=cmd|\r\n` + "\u202e\U0001F600" + `"}`, nil},
	}
	user := testUser()
	for _, c := range cases {
		m, seen := counting()
		r, err := user.ReadNew(parse(t, c.in), "U1", m)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(r.Body()); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
		if !slices.Equal(*seen, c.tolerated) {
			t.Errorf("%s: tolerated %q, want %q", c.name, *seen, c.tolerated)
		}
	}
}

func TestReadNewRefuses(t *testing.T) {
	for _, c := range []struct {
		in   string
		kind ErrorType
	}{
		{`null`, InvalidSyntax},
		{`[]`, InvalidSyntax},
		{`"x"`, InvalidSyntax},
		{core + `"title":"nameless"}`, InvalidValue},
		{core + `"userName":""}`, InvalidValue},
		{core + `"userName":" \u2003 "}`, InvalidValue},
		{core + `"userName":["a","b"]}`, InvalidValue},
		{core + `"userName":"ana","active":"maybe"}`, InvalidValue},
		{core + `"userName":"ana","active":0}`, InvalidValue},
		{core + `"userName":"ana","name":"Ana Lim"}`, InvalidValue},
		{core + `"userName":"ana","` + EnterpriseUserURN + `":"D"}`, InvalidValue},
		{core + `"userName":"ana","` + AppspaceUserURN + `":{"floor":"ground"}}`, InvalidValue},
	} {
		_, err := testUser().ReadNew(parse(t, c.in), "U1", Mode{})
		wantError(t, err, 400, c.kind)
	}
}

func TestReadNewStrict(t *testing.T) {
	for _, c := range []struct {
		in   string
		kind ErrorType
	}{
		{`{"userName":"ana"}`, InvalidSyntax},
		{`{"schemas":["` + UserURN + `","urn:x"],"userName":"ana"}`, InvalidSyntax},
		{core + `"userName":"ana","department":"D"}`, InvalidSyntax},
		{core + `"userName":"ana","shoeSize":9}`, InvalidSyntax},
		{core + `"userName":"ana","` + AppspaceUserURN + `":{"undefined":"x"}}`, InvalidSyntax},
		{core + `"userName":"ana","` + AppspaceUserURN + `":{"badge":"x"}}`, InvalidSyntax},
		{core + `"userName":"ana","active":"True"}`, InvalidValue},
		{core + `"userName":"ana","externalId":1}`, InvalidValue},
	} {
		m, _ := counting()
		m.Strict = true
		_, err := testUser().ReadNew(parse(t, c.in), "U1", m)
		wantError(t, err, 400, c.kind)
	}
	r, err := testUser().ReadNew(parse(t, core+`"userName":"ana","password":"x","id":"x","meta":{}}`), "U1", Mode{Strict: true})
	if err != nil || string(r.Body()) != `{"schemas":["`+UserURN+`"],"id":"U1","userName":"ana"}` {
		t.Errorf("what RFC 7644 has ignored is not refused: %s, %v", r.Body(), err)
	}
}

// An extension may be left out; who gives it gives what it requires.
func TestRequiredCustomAttribute(t *testing.T) {
	user := Define([]CustomAttribute{{Property: "badge", Type: "String", Required: true}, {Property: "desk", Type: "String"}}).Type("User")
	if _, err := user.ReadNew(parse(t, core+`"userName":"ana"}`), "U1", Mode{}); err != nil {
		t.Error(err)
	}
	_, err := user.ReadNew(parse(t, core+`"userName":"ana","`+AppspaceUserURN+`":{"desk":"4"}}`), "U1", Mode{})
	wantError(t, err, 400, InvalidValue)
	if !strings.Contains(err.Error(), AppspaceUserURN+":badge") {
		t.Errorf("%q does not say which attribute", err)
	}
}

// The errors name attributes, never what a client gave them.
func TestErrorsHoldNoValues(t *testing.T) {
	for _, in := range []string{
		core + `"userName":{"x":"S3CRET"}}`,
		core + `"userName":"a","active":"S3CRET"}`,
		core + `"userName":"a","emails":[["S3CRET"]]}`,
		core + `"userName":"a","` + AppspaceUserURN + `":{"floor":"S3CRET"}}`,
		core + `"userName":"a","` + EnterpriseUserURN + `":"S3CRET"}`,
		`{"schemas":["S3CRET"],"userName":"a"}`,
	} {
		_, err := testUser().ReadNew(parse(t, in), "U1", Mode{Strict: true})
		if err == nil || strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v", in, err)
		}
	}
}

func TestReplace(t *testing.T) {
	const was = `{"schemas":["` + UserURN + `"],"id":"U1","userName":"ana","active":false,"title":"Chef"}`
	for _, c := range []struct{ name, in, want string }{
		{"attributes that are left out go", core + `"userName":"ana","active":true}`, `{"schemas":["` + UserURN + `"],"id":"U1","userName":"ana","active":true}`},
		{"E54 active that is left out stays", core + `"userName":"ana","nickName":"An"}`, `{"schemas":["` + UserURN + `"],"id":"U1","userName":"ana","nickName":"An","active":false}`},
		{"active that is null goes", core + `"userName":"ana","title":"Chef","active":null}`, `{"schemas":["` + UserURN + `"],"id":"U1","userName":"ana","title":"Chef"}`},
		{"the same in another order", core + `"id":"other","title":"Chef","ACTIVE":false,"userName":"ana"}`, ""},
		{"the name in another case", core + `"title":"Chef","active":false,"userName":"Ana"}`, `{"schemas":["` + UserURN + `"],"id":"U1","title":"Chef","active":false,"userName":"Ana"}`},
	} {
		r := StoredResource("User", "U1", 3, []byte(was))
		changed, err := testUser().Replace(r, parse(t, c.in), Mode{})
		want := c.want
		if want == "" {
			want = was
		}
		if err != nil || changed != (c.want != "") || string(r.Body()) != want {
			t.Errorf("%s: changed %v, %v\n%s, want\n%s", c.name, changed, err, r.Body(), want)
		}
	}
	r := StoredResource("User", "U1", 3, []byte(was))
	_, err := testUser().Replace(r, parse(t, core+`"userName":"","title":"x"}`), Mode{})
	wantError(t, err, 400, InvalidValue)
	if o, _ := r.Attributes(); jsonOf(value.Of(o)) != was {
		t.Errorf("a failed PUT left %s", jsonOf(value.Of(o)))
	}
	if _, err := testUser().Replace(StoredResource("User", "U1", 3, []byte(`{`)), parse(t, core+`"userName":"a"}`), Mode{}); err == nil {
		t.Error("a damaged body is no error")
	}
}

// What a client sent is what it reads back, and sending that again changes nothing.
func FuzzReadNew(f *testing.F) {
	f.Add(entraUser)
	f.Add(core + `"userName":"ana","active":[{"value":"False"}],"roles":[{"value":"{\"value\":\"A\"}"}]}`)
	f.Add(`{"userName":7,"department":"D","` + AppspaceUserURN + `":{"floor":"7","x":1}}`)
	user := testUser()
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := ParseBody([]byte(text), value.DefaultLimits)
		if err != nil {
			return
		}
		r, err := user.ReadNew(doc, "U1", Mode{})
		if err != nil {
			if _, ok := err.(*Error); !ok { //nolint:errorlint // it must be one itself
				t.Fatalf("not an *Error: %v", err)
			}
			return
		}
		stored := StoredResource("User", "U1", 1, r.Body())
		again, err := value.Parse(r.Body(), value.DefaultLimits)
		if err != nil {
			t.Fatalf("%s: %v", r.Body(), err)
		}
		if changed, err := user.Replace(stored, again, Mode{}); changed || err != nil {
			t.Fatalf("read again: changed %v, %v\n%s", changed, err, r.Body())
		}
		if _, err := user.ReadNew(again, "U1", Mode{}); err != nil {
			t.Fatalf("%s: %v", r.Body(), err)
		}
	})
}

func BenchmarkReadNew(b *testing.B) {
	doc, user := parse(b, entraUser), testUser()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := user.ReadNew(doc, "U1", Mode{}); err != nil {
			b.Fatal(err)
		}
	}
}
