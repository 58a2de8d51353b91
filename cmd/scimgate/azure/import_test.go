package azure

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scimgate/mapping"
	"scimgate/tenant"
)

func readExport(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// An export as Graph gives it, with what administrators do to one.
func TestImportOfAnExport(t *testing.T) {
	have := []tenant.Attribute{{Property: "Floor", Type: "String"}}
	got, err := Import(readExport(t), have)
	if err != nil {
		t.Fatal(err)
	}
	var doc document
	mustRead(t, string(got.Rules), &doc)
	var lines []string
	for _, r := range doc.Rules {
		lines = append(lines, string(marshal(r)))
	}
	want := []string{
		`{"target":"userName","type":"Direct","source":"emails[type eq \"work\"].value"}`,
		`{"target":"active","type":"Direct","source":"active"}`,
		`{"target":"externalId","type":"Direct","source":"externalId"}`,
		`{"target":"preferredLanguage","type":"Expression","expression":"Replace([preferredLanguage], \"-\", , , \"_\", , )","apply":"OnCreate","default":"en-US"}`,
		`{"target":"emails[type eq \"work\"].value","type":"Direct","source":"emails[type eq \"work\"].value"}`,
		`{"target":"addresses[type eq \"other\"].formatted","type":"Direct","source":"addresses[type eq \"other\"].formatted"}`,
		`{"target":"displayName","type":"Direct","source":"displayName"}`,
		`{"target":"roles","type":"Direct","source":"roles"}`,
		`{"target":"userType","type":"None","default":"false"}`,
		`{"target":"` + aps + `site","type":"Direct","source":"` + aps + `site"}`,
		`{"target":"` + aps + `badge","type":"Constant","value":701,"default":0}`,
		`{"target":"` + aps + `costCenter","type":"Expression","expression":"ToUpper([` + aps + `site])"}`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("rules\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	visible := tenant.Visible
	if want := []tenant.Attribute{
		{Property: "site", Type: "String", Visibility: visible},
		{Property: "badge", Type: "Integer", Required: true, Visibility: visible},
		{Property: "remote", Type: "String", Visibility: visible},
		{Property: "costCenter", Type: "String", Visibility: visible},
	}; !reflect.DeepEqual(got.Attributes, want) {
		t.Errorf("attributes %+v\nwant %+v", got.Attributes, want)
	}
	if want := map[string]string{
		"externalId": "objectId", aps + "site": "extensionAttribute3",
		"displayName": "Coalesce([extensionAttribute1], [displayName])", "roles": "AppRoleAssignmentsComplex([appRoleAssignments])",
	}; !reflect.DeepEqual(got.Sources, want) {
		t.Errorf("sources %v", got.Sources)
	}
	unfit(t, got, []string{
		"group externalId: no rules for groups",
		aps + "remote: String and Integer only", aps + "remote: one value",
		aps + "floor: cannot change",
		"externalId: goes on matching",
		"displayName: Always or OnCreate", "displayName: reads extensionAttribute1",
		"roles: reads appRoleAssignments",
		"urn:ietf:params:scim:schemas:extension:other:2.0:User:team: No attribute",
		"nickName: whole number",
	})
}

// unfit requires that this is told, in this order, and nothing else.
func unfit(t *testing.T, got *Imported, want []string) {
	t.Helper()
	for i, u := range got.Unfit {
		told := u.Target + ": " + u.Reason
		if i >= len(want) {
			t.Errorf("told also %s", told)
			continue
		}
		target, words := want[i][:strings.LastIndex(want[i], ": ")], want[i][strings.LastIndex(want[i], ": ")+2:]
		if u.Target != target || !strings.Contains(strings.ToLower(u.Reason), strings.ToLower(words)) {
			t.Errorf("told %s\nwant %s", told, want[i])
		}
	}
	if len(got.Unfit) < len(want) {
		t.Errorf("%d things told, want %d", len(got.Unfit), len(want))
	}
}

// A template holds its schema one level deeper.
func TestImportOfATemplate(t *testing.T) {
	got, err := Import([]byte(`{"id":"scim","schema":`+string(readExport(t))+`}`), nil)
	if err != nil || len(got.Attributes) != 5 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestImportOfWhatIsNoExport(t *testing.T) {
	for _, text := range []string{
		``, `null`, `[]`, `{}`, `{"synchronizationRules":[]}`, `{"synchronizationRules":{}}`, `{"schema":{}}`,
		`{"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"Group"}]}]}`,
	} {
		if got, err := Import([]byte(text), nil); err == nil {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

// Whatever an export says, the rules that come of it compile, or there is none.
func FuzzImport(f *testing.F) {
	text, err := os.ReadFile("testdata/export.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"user","attributeMappings":[{"targetAttributeName":"title","source":{"type":"Function","expression":"Coalesce([mail],)"}},null]}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Import([]byte(text), nil)
		if err != nil {
			return
		}
		if _, err := mapping.Compile(got.Rules, userType(got.Attributes)); err != nil {
			t.Errorf("%s: %v", got.Rules, err)
		}
		if !json.Valid(got.Rules) {
			t.Errorf("no JSON: %s", got.Rules)
		}
	})
}

func TestCalls(t *testing.T) {
	for expression, want := range map[string]bool{
		`Now()`: true, `IIF([a]="x",Now (),"")`: true, `KNow()`: false, `"Now()"`: false, `"\"Now()"`: false, `"\\" & Now()`: true,
		`KNow(Now())`: true, `Now`: false, ``: false,
	} {
		if calls(expression, "Now") != want {
			t.Errorf("%s: %v", expression, !want)
		}
	}
}

// Some tools write the expression and leave the name out.
func TestImportByExpressionAlone(t *testing.T) {
	got, err := Import([]byte(`{"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"User","attributeMappings":[
		{"targetAttributeName":"title","source":{"type":"Attribute","expression":"[jobTitle]"}},
		{"targetAttributeName":"nickName","source":{"expression":"\"x\""}}]}]}]}`), nil)
	want := `{"rules":[{"target":"title","type":"Direct","source":"title"},{"target":"nickName","type":"Expression","expression":"\"x\""}]}`
	var doc document
	mustRead(t, string(got.Rules), &doc)
	if err != nil || string(marshal(doc)) != want {
		t.Errorf("%s, %v", marshal(doc), err)
	}
}
