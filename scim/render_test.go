package scim

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"scimgate/scim/value"
)

func ana(body string) *Resource {
	r := StoredResource("User", "U1", 7, []byte(body))
	r.Created = time.Date(2026, 1, 31, 16, 0, 0, 5e6, time.FixedZone("MYT", 8*3600))
	r.LastModified = time.Date(2026, 2, 1, 0, 0, 0, 123456789, time.UTC)
	return r
}

const (
	anaBody = `{"schemas":["` + UserURN + `","` + EnterpriseUserURN + `"],"id":"U1","userName":"ana","name":{"givenName":"A","familyName":"L"},` +
		`"emails":[{"value":"a@x","type":"work"},{"type":"home"}],"` + EnterpriseUserURN + `":{"department":"D","manager":{"value":"U2"}}}`
	anaMeta = `"meta":{"resourceType":"User","created":"2026-01-31T08:00:00.005Z","lastModified":"2026-02-01T00:00:00.123Z","version":"W/\"7\"","location":"https://x.io/Users/U1"}`
)

func TestAppendResource(t *testing.T) {
	r := ana(anaBody)
	got := string(AppendResource([]byte("before "), r, "https://x.io/Users/U1", nil))
	if want := "before " + anaBody[:len(anaBody)-1] + "," + anaMeta + "}"; got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
	if r.attributes != nil {
		t.Error("the body was decoded to render it whole")
	}
	if r.ETag() != `W/"7"` {
		t.Errorf("ETag %s", r.ETag())
	}
}

// Splicing and rendering from decoded values are the same bytes.
func TestAppendResourceEitherWay(t *testing.T) {
	for _, location := range []string{"https://x.io/t/acme/Users/U1", `https://x.io/"quoted"`} {
		spliced := AppendResource(nil, ana(anaBody), location, nil)
		decoded := AppendResource(nil, ana(anaBody), location, &Selection{picks: []pick{{name: "nothing"}}})
		if string(spliced) != string(decoded) {
			t.Errorf("%s\n%s", spliced, decoded)
		}
		if !json.Valid(spliced) {
			t.Errorf("%s is not JSON", spliced)
		}
	}
}

func TestAppendResourceWithDamagedBody(t *testing.T) {
	for _, body := range []string{"", "{}", `{"id":`} {
		r := ana(body)
		if body != `{"id":` {
			if got := AppendResource(nil, r, "l", nil); !json.Valid(got) {
				t.Errorf("body %q: %s", body, got)
			}
		}
		if got := AppendResource(nil, r, "l", &Selection{only: true, picks: []pick{{name: "meta"}}}); !json.Valid(got) {
			t.Errorf("body %q: %s", body, got)
		}
	}
}

func TestSelection(t *testing.T) {
	const ent = EnterpriseUserURN
	head := `{"schemas":["` + UserURN + `","` + ent + `"],"id":"U1"`
	rest := anaBody[len(head)+1 : len(anaBody)-1]
	manager := `"` + ent + `":{"manager":{"value":"U2"}}`
	cases := []struct{ attributes, excluded, want string }{
		{"id", "", head + "}"},
		{"USERNAME, id", "", head + `,"userName":"ana"}`},
		{"nope,x.y,urn:x:y", "", head + "}"},
		{"password", "", head + "}"},
		{ent + "department", "", head + "}"},
		{"name.givenName", "", head + `,"name":{"givenName":"A"}}`},
		{"name,name.givenName", "", head + `,"name":{"givenName":"A","familyName":"L"}}`},
		{"emails.value", "", head + `,"emails":[{"value":"a@x"}]}`},
		{UserURN + ":name.familyName", "", head + `,"name":{"familyName":"L"}}`},
		{strings.ToUpper(ent) + ":MANAGER", "", head + "," + manager + "}"},
		{"manager", "", head + "," + manager + "}"},
		{ent + ":manager.value", "", head + "," + manager + "}"},
		{ent, "", head + `,"` + ent + `":{"department":"D","manager":{"value":"U2"}}}`},
		{"meta.version", "", head + `,"meta":{"version":"W/\"7\""}}`},
		{"", "schemas,id,nope", head + "," + rest + "," + anaMeta + "}"},
		{"", "emails,name,meta,userName," + ent, head + "}"},
		{"", "emails.value,name.formatted,meta.created,meta.lastModified,meta.version,meta.location", head + `,"userName":"ana","name":{"givenName":"A","familyName":"L"},"emails":[{"type":"work"},{"type":"home"}],"` + ent + `":{"department":"D","manager":{"value":"U2"}},"meta":{"resourceType":"User"}}`},
		{"", "userName,name,emails,meta," + ent + ":department", head + "," + manager + "}"},
		{" , ", "", anaBody[:len(anaBody)-1] + "," + anaMeta + "}"},
	}
	for _, c := range cases {
		s, err := ParseSelection([]string{c.attributes}, []string{c.excluded}, testUser())
		if err != nil {
			t.Fatal(err)
		}
		r := ana(anaBody)
		if got := string(AppendResource(nil, r, "https://x.io/Users/U1", s)); got != c.want {
			t.Errorf("attributes %q excluded %q:\n%s, want\n%s", c.attributes, c.excluded, got, c.want)
		}
		if o, _ := r.Attributes(); jsonOf(value.Of(o)) != anaBody {
			t.Errorf("attributes %q excluded %q changed the resource: %s", c.attributes, c.excluded, jsonOf(value.Of(o)))
		}
	}
	_, err := ParseSelection([]string{"id"}, []string{"name"}, testUser())
	wantError(t, err, 400, InvalidValue)
}

// An attribute that is kept without being defined can be asked for by name.
func TestSelectionOfUndefined(t *testing.T) {
	body := `{"schemas":["x"],"id":"U1","` + AppspaceUserURN + `":{"shoe":"9","hat":"8"}}`
	s, err := ParseSelection([]string{AppspaceUserURN + ":SHOE"}, nil, testUser())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"schemas":["x"],"id":"U1","` + AppspaceUserURN + `":{"shoe":"9"}}`
	if got := string(AppendResource(nil, ana(body), "", s)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Whatever is asked for, the answer is JSON with schemas and id, and holds nothing
// that the whole resource does not.
func FuzzParseSelection(f *testing.F) {
	f.Add("userName,name.givenName", "")
	f.Add("", EnterpriseUserURN+":manager.value,emails,"+AppspaceUserURN)
	f.Add(UserURN+":", ",:,.,urn:")
	user, r := testUser(), ana(anaBody)
	f.Fuzz(func(t *testing.T, attributes, excluded string) {
		s, err := ParseSelection([]string{attributes}, []string{excluded}, user)
		if err != nil {
			wantError(t, err, 400, InvalidValue)
			return
		}
		whole := r.withMeta("l")
		got := s.Project(whole)
		for _, m := range got.Members {
			if whole.At(m.Name) == nil || m.Value.Unassigned() {
				t.Errorf("%s is %s", m.Name, jsonOf(m.Value))
			}
		}
		if got.At(schemas) == nil || got.At(id) == nil {
			t.Errorf("only %s", jsonOf(value.Of(got)))
		}
	})
}

func TestAppendError(t *testing.T) {
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{Errorf(Uniqueness, `the name %s is "taken"`, "x"), `{"schemas":["` + ErrorURN + `"],"status":"409","scimType":"uniqueness","detail":"the name x is \"taken\""}`},
		{&Error{Status: 404}, `{"schemas":["` + ErrorURN + `"],"status":"404"}`},
	} {
		if got := string(AppendError(nil, c.err)); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

func TestAppendList(t *testing.T) {
	item := func(dst []byte, i int) []byte { return append(dst, byte('1'+i)) }
	for count, want := range []string{`[]`, `[1]`, `[1,2]`} {
		want = `{"schemas":["` + ListResponseURN + `"],"totalResults":9,"startIndex":4,"itemsPerPage":` + string(rune('0'+count)) + `,"Resources":` + want + `}`
		if got := string(AppendList(nil, ListHead{Total: 9, StartIndex: 4, Count: count}, item)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestParseBody(t *testing.T) {
	for _, c := range []struct {
		in     string
		status int
		kind   ErrorType
	}{
		{"", 400, InvalidSyntax},
		{`{"a":1} {}`, 400, InvalidSyntax},
		{`{"a":1,"A":2}`, 400, InvalidSyntax},
		{strings.Repeat("[", 6), 400, InvalidSyntax},
		{`["` + strings.Repeat("x", 20) + `"]`, 413, ""},
		{`[1,2,3,4,5,6,7,8,9,10,11]`, 413, ""},
	} {
		_, err := ParseBody([]byte(c.in), value.Limits{Depth: 5, Values: 10, Text: 10})
		wantError(t, err, c.status, c.kind)
	}
}

// Entra refuses null in /Schemas; its gallery tests read it as JSON (vector 71).
func TestDiscovery(t *testing.T) {
	for _, d := range []*Definitions{Define(nil), Define(testAttributes)} {
		for _, s := range d.Schemas {
			text := AppendSchema(nil, s, "https://x.io/Schemas/"+s.ID)
			var got struct {
				Schemas []string
				Schema
				Meta discoveryMeta
			}
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if got.ID != s.ID || got.Attributes == nil || len(got.Attributes) != len(s.Attributes) || got.Meta.ResourceType != "Schema" {
				t.Errorf("%s is shown as %s", s.Name, text)
			}
			noNulls(t, text)
		}
		for _, r := range d.Types {
			text := AppendResourceType(nil, r, "https://x.io/ResourceTypes/"+r.Name)
			var got struct{ ID, Name, Endpoint, Schema string }
			if err := json.Unmarshal(text, &got); err != nil || got.ID != got.Name || d.TypeAt(got.Endpoint) != r || got.Schema != r.Core.ID {
				t.Errorf("%s, %v", text, err)
			}
			noNulls(t, text)
		}
	}
	config := AppendServiceProviderConfig(nil, "https://x.io/ServiceProviderConfig")
	var got struct{ Patch, Bulk, Filter struct{ Supported bool } }
	if err := json.Unmarshal(config, &got); err != nil || !got.Patch.Supported || !got.Bulk.Supported || !got.Filter.Supported {
		t.Errorf("%s, %v", config, err)
	}
	noNulls(t, config)
}

func noNulls(t *testing.T, text []byte) {
	t.Helper()
	if strings.Contains(string(text), "null") {
		t.Errorf("null in %s", text)
	}
}

func TestNameKeyAndActive(t *testing.T) {
	key := func(kind, body string) string { return NameKey(StoredResource(kind, "X", 1, []byte(body))) }
	name := key("User", `{"userName":"José@x.io"}`)
	for _, same := range []string{"JOSÉ@X.IO", `jose\u0301@x.io`, " José@x.io\u00a0"} {
		if got := key("User", `{"userName":"`+same+`"}`); name == "" || got != name {
			t.Errorf("%q is another name than %q", got, name)
		}
	}
	if key("User", `{"userName":"аna"}`) == key("User", `{"userName":"ana"}`) {
		t.Error("a Cyrillic а is not an a")
	}
	if got := key("Group", `{"displayName":"Cooks","userName":"x"}`); got != "cooks" {
		t.Errorf("a group's name is %q", got)
	}
	if got := key("User", `{"displayName":"x"}`); got != "" {
		t.Errorf("no name is %q", got)
	}
	active := map[string]bool{`{}`: true, `{"active":true}`: true, `{"active":false}`: false}
	for body, want := range active {
		if StoredResource("User", "X", 1, []byte(body)).Active() != want {
			t.Errorf("%s: active is %v", body, !want)
		}
	}
}

// A Resource is the same whether it was read from a client or from a store.
func TestStoredIsRead(t *testing.T) {
	r, err := testUser().ReadNew(parse(t, entraUser), "U1", Mode{})
	if err != nil {
		t.Fatal(err)
	}
	read, _ := r.Attributes()
	stored, err := StoredResource("User", "U1", 1, r.Body()).Attributes()
	if err != nil || !reflect.DeepEqual(read, stored) {
		t.Errorf("%v\n%s\n%s", err, jsonOf(value.Of(read)), jsonOf(value.Of(stored)))
	}
	var e *Error
	if _, err := StoredResource("User", "U1", 1, []byte("{")).Attributes(); err == nil || errors.As(err, &e) {
		t.Errorf("a damaged body is %v: our fault, not the client's", err)
	}
}

func BenchmarkAppendResource(b *testing.B) {
	r, err := testUser().ReadNew(parse(b, entraUser), "U1", Mode{})
	if err != nil {
		b.Fatal(err)
	}
	r = StoredResource("User", "U1", 7, r.Body())
	r.Created, r.LastModified = time.Now(), time.Now()
	only, _ := ParseSelection([]string{"userName,emails.value"}, nil, testUser())
	buffer := make([]byte, 0, 4096)
	b.Run("whole", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			AppendResource(buffer, r, "https://gateway.example/t/acme/identity/scim/Users/U1", nil)
		}
	})
	b.Run("selected", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			AppendResource(buffer, r, "https://gateway.example/t/acme/identity/scim/Users/U1", only)
		}
	})
}

// Times are written by hand, since every answer has two; as time itself would.
func TestAppendTime(t *testing.T) {
	zone := time.FixedZone("", -5*3600)
	for _, at := range []time.Time{
		{},
		time.Unix(0, 0), time.UnixMilli(1769846400007), time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, zone),
		time.Date(9999, 12, 31, 23, 0, 0, 1e7, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		want := at.UTC().Format("2006-01-02T15:04:05.000Z")
		if got := string(appendTime(nil, at)); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
