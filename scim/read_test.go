package scim

import (
	"errors"
	"slices"
	"testing"

	"scimgate/scim/value"
)

// parse reads JSON that a test states.
func parse(tb testing.TB, text string) value.Value {
	tb.Helper()
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return v
}

func jsonOf(v value.Value) string { return string(value.Append(nil, v)) }

// counting is a lenient Mode that notes what was tolerated.
func counting() (Mode, *[]string) {
	var seen []string
	return Mode{Tolerated: func(l Leniency, path string) { seen = append(seen, string(l)+" "+path) }}, &seen
}

// wantError checks that err is an Error of this status and type.
func wantError(tb testing.TB, err error, status int, kind ErrorType) {
	tb.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Status != status || e.Type != kind {
		tb.Fatalf("error %#v, want %d %s", err, status, kind)
	}
}

var testAttributes = []CustomAttribute{
	{Property: "badge", DisplayName: "Badge", Type: "String"},
	{Property: "floor", DisplayName: "Floor", Type: "Integer", Description: "Where the desk is."},
}

func testUser() *ResourceType { return Define(testAttributes).Type("User") }

func TestRead(t *testing.T) {
	const ent, aps = EnterpriseUserURN, AppspaceUserURN
	cases := []struct {
		urn, name, in, want string // want "" is refused
		tolerated           []string
	}{
		{"", "title", `"  Kept as sent "`, `"  Kept as sent "`, nil},
		{"", "title", `""`, `null`, nil},
		{"", "title", `null`, `null`, nil},
		{"", "title", `[]`, `null`, nil},
		{"", "title", `7`, `"7"`, []string{"scalarAsString title"}},
		{"", "title", `{"x":1}`, ``, nil},
		{"", "title", `["a","b"]`, ``, nil},
		{"", "title", `[{"value":"Chef"}]`, `"Chef"`, []string{"wrappedValue title"}},
		{"", "title", `[{"value":null}]`, `null`, []string{"wrappedValue title"}},
		{"", "externalId", `1`, `"1"`, []string{"scalarAsString externalId"}},
		{"", "active", `true`, `true`, nil},
		{"", "active", `"True"`, `true`, []string{"booleanAsString active"}},
		{"", "active", `"fALSE"`, `false`, []string{"booleanAsString active"}},
		{"", "active", `[{"value":"False"}]`, `false`, []string{"wrappedValue active", "booleanAsString active"}},
		{"", "active", `"maybe"`, ``, nil},
		{"", "active", `0`, ``, nil},
		{"", "active", `null`, `null`, nil},
		{"", "name", `{"GIVENNAME":"Ana","familyName":"","x":1}`, `{"givenName":"Ana"}`, []string{"unknownAttribute name.x"}},
		{"", "name", `{"familyName":null}`, `null`, nil},
		{"", "name", `"Ana"`, ``, nil},
		{"", "emails", `[{"value":"a@x.io","Type":"work","primary":"True"},{}]`, `[{"value":"a@x.io","type":"work","primary":true}]`, []string{"booleanAsString emails.primary"}},
		{"", "emails", `{"value":"a@x.io"}`, `[{"value":"a@x.io"}]`, []string{"singleAsList emails"}},
		{"", "emails", `[{"value":"a","type":"work"},{"value":"b","type":"work"}]`, `[{"value":"a","type":"work"},{"value":"b","type":"work"}]`, nil},
		{"", "emails", `[{"value":"a","primary":true},{"value":"b","primary":true},{"value":"c","primary":true}]`, `[{"value":"a","primary":true},{"value":"b","primary":false},{"value":"c","primary":false}]`, []string{"severalPrimaries emails"}},
		{"", "emails", `[null,"",{}]`, `null`, nil},
		{"", "emails", `[[[["a"]]]]`, ``, nil},
		{"", "roles", `["super_admin"]`, `[{"value":"super_admin"}]`, []string{"bareValue roles"}},
		{"", "roles", `[{"value":"{\"id\":\"r1\",\"value\":\"Admin\",\"displayName\":\"Boss\"}"}]`, `[{"value":"Admin","display":"Boss","primary":false}]`, []string{"encodedValue roles"}},
		{"", "roles", `[{"value":"{not JSON"}]`, `[{"value":"{not JSON"}]`, nil},
		{"", "photos", `[{"value":"https://x.io/a.png","type":"photo"}]`, `[{"value":"https://x.io/a.png","type":"photo"}]`, nil},
		{ent, "manager", `"U2"`, `{"value":"U2"}`, []string{"bareValue " + ent + ":manager"}},
		{ent, "manager", `[{"$ref":"../Users/U2","value":"U2"}]`, `{"$ref":"../Users/U2","value":"U2"}`, []string{"wrappedValue " + ent + ":manager"}},
		{ent, "manager", `{"value":"U2","displayName":"forged"}`, `{"value":"U2"}`, nil},
		{ent, "manager", `{"$ref":null,"value":""}`, `null`, nil},
		{ent, "manager", `true`, ``, nil},
		{aps, "floor", `7`, `7`, nil},
		{aps, "floor", `"007"`, `"007"`, []string{"numberAsString " + aps + ":floor"}},
		{aps, "floor", `"seven"`, ``, nil},
		{aps, "floor", `7.5`, ``, nil},
		{aps, "floor", `1e3`, ``, nil},
		{aps, "floor", `"+7"`, ``, nil},
		{aps, "floor", `true`, ``, nil},
		{aps, "floor", `9223372036854775807`, `9223372036854775807`, nil},
		{aps, "floor", `9223372036854775808`, ``, nil},
	}
	user := testUser()
	for _, c := range cases {
		m, seen := counting()
		a := user.Attribute(c.urn, c.name)
		got, err := a.read(parse(t, c.in), a.path, m)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s %s: accepted as %s", c.name, c.in, jsonOf(got))
				continue
			}
			wantError(t, err, 400, InvalidValue)
			continue
		}
		if err != nil || jsonOf(got) != c.want {
			t.Errorf("%s %s: %s, %v; want %s", c.name, c.in, jsonOf(got), err, c.want)
		}
		if !slices.Equal(*seen, c.tolerated) {
			t.Errorf("%s %s: tolerated %q, want %q", c.name, c.in, *seen, c.tolerated)
		}
	}
}

// Whatever is tolerated is an error to a strict tenant, and nothing is counted.
func TestReadStrict(t *testing.T) {
	user := testUser()
	for _, c := range []struct{ urn, name, in string }{
		{"", "title", `7`},
		{"", "title", `[{"value":"Chef"}]`},
		{"", "active", `"True"`},
		{"", "emails", `{"value":"a@x.io"}`},
		{"", "emails", `[{"value":"a","primary":true},{"value":"b","primary":true}]`},
		{"", "roles", `["super_admin"]`},
		{"", "roles", `[{"value":"{\"value\":\"Admin\"}"}]`},
		{EnterpriseUserURN, "manager", `"U2"`},
		{EnterpriseUserURN, "manager", `[{"value":"U2"}]`},
		{AppspaceUserURN, "floor", `"7"`},
	} {
		m, seen := counting()
		m.Strict = true
		a := user.Attribute(c.urn, c.name)
		_, err := a.read(parse(t, c.in), a.path, m)
		wantError(t, err, 400, InvalidValue)
		if len(*seen) > 0 {
			t.Errorf("%s %s: counted %q though refused", c.name, c.in, *seen)
		}
	}
	_, err := user.Attribute("", "name").read(parse(t, `{"x":1}`), "name", Mode{Strict: true})
	wantError(t, err, 400, InvalidSyntax)
}

func TestFinish(t *testing.T) {
	user := testUser()
	o := parse(t, `{"userName":"ana","title":"","emails":[{"type":""},{"value":"a"}],"roles":[{}],"`+AppspaceUserURN+`":{"badge":"1"},"`+EnterpriseUserURN+`":{"department":null}}`).Object()
	if err := user.finish(o, Mode{}); err != nil {
		t.Fatal(err)
	}
	want := `{"schemas":["` + UserURN + `","` + AppspaceUserURN + `"],"userName":"ana","emails":[{"value":"a"}],"` + AppspaceUserURN + `":{"badge":"1"}}`
	if got := jsonOf(value.Of(o)); got != want {
		t.Errorf("finish:\n%s, want\n%s", got, want)
	}
	for _, text := range []string{`{"title":"x"}`, `{"userName":""}`, `{"userName":" \t "}`} {
		wantError(t, user.finish(parse(t, text).Object(), Mode{}), 400, InvalidValue)
	}
}

// No schema of ours has these types; a tenant's may come to.
func TestReadOtherTypes(t *testing.T) {
	for _, c := range []struct {
		kind Type
		good []string
		bad  []string
	}{
		{Decimal, []string{`1.50`, `-0`, `1e400`, `"007.5"`, `"-1E2"`}, []string{`"0x1p4"`, `"1_0"`, `"Inf"`, `"NaN"`, `"."`, `"1 "`, `true`}},
		{DateTime, []string{`"2026-01-31T08:00:00Z"`, `"2026-01-31T16:00:00.5+08:00"`}, []string{`"2026-01-31"`, `"now"`, `true`}},
	} {
		a := &Attribute{Name: "a", Type: c.kind}
		for _, text := range c.good {
			if got, err := a.read(parse(t, text), "a", Mode{}); err != nil || jsonOf(got) != text {
				t.Errorf("%s %s: %s, %v", c.kind, text, jsonOf(got), err)
			}
		}
		for _, text := range c.bad {
			if got, err := a.read(parse(t, text), "a", Mode{}); err == nil {
				t.Errorf("%s %s: accepted as %s", c.kind, text, jsonOf(got))
			}
		}
	}
}
