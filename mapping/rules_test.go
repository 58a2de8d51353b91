package mapping

import (
	"strings"
	"testing"

	"scimgate/scim/value"
)

// projected is one attribute of a Projection of britta, as JSON.
func projected(tb testing.TB, rule, path string) string {
	tb.Helper()
	r := mustCompile(tb, `{"rules":[`+rule+`]}`)
	p, err := r.Project(object(tb, britta), true)
	if err != nil {
		return err.Error()
	}
	place, f := find(path, userType())
	if f != nil {
		tb.Fatal(f)
	}
	return string(value.Append(nil, place.read(p)))
}

func TestSourcesInPrecedence(t *testing.T) {
	for sources, want := range map[string]string{
		`"nickName","displayName","title"`:                                `"Britta Simon"`,
		`"title","displayName"`:                                           `"Engineer"`,
		`"nickName","locale"`:                                             `null`,
		`"emails[type eq \"other\"].value","emails[type eq \"home\"]"`:    `"britta@home.example"`,
		`"nickName","urn:ietf:params:scim:schemas:core:2.0:User:title"`:   `"Engineer"`,
		`"phoneNumbers[type eq \"fax\"].value","phoneNumbers.value.none"`: ``,
	} {
		rule := `{"target":"title","type":"Direct","sources":[` + sources + `]}`
		if want == "" {
			if faults := faultsOf(t, `{"rules":[`+rule+`]}`); len(faults) != 1 || !strings.Contains(faults[0].Reason, "sources[1]") {
				t.Errorf("%s: %v", sources, faults)
			}
			continue
		}
		if got := projected(t, rule, "title"); got != want {
			t.Errorf("%s: %s, want %s", sources, got, want)
		}
	}
	whole := `{"target":"name","type":"Direct","sources":["name"],"source":""}`
	if got := projected(t, whole, "name"); !strings.Contains(got, "Britta") {
		t.Errorf("a whole attribute: %s", got)
	}
}

func TestFaultsOfTheNewKeys(t *testing.T) {
	for rule, reason := range map[string]string{
		`"type":"Direct","source":"title","sources":["nickName"]`:                                              "exclude each other",
		`"type":"Direct","sources":[]`:                                                                         `needs "source"`,
		`"type":"Direct","sources":"title"`:                                                                    "is not a list of 1 to 20 paths",
		`"type":"Direct","sources":[7]`:                                                                        "sources[0] is not a text",
		`"type":"Direct","sources":["titel"]`:                                                                  "sources[0]: no attribute",
		`"type":"Direct","sources":["title","emails"]`:                                                         "the sources[1] is not one simple value",
		`"type":"None","sources":["title"]`:                                                                    `takes no "sources"`,
		`"type":"Direct","source":"title","onEmpty":"Drop"`:                                                    `"onEmpty" is neither`,
		`"type":"Direct","source":"title","onEmpty":7`:                                                         `"onEmpty" is not a text`,
		`"type":"None","onEmpty":"Clear"`:                                                                      "changes nothing later on",
		`"type":"Direct","source":"title","apply":"OnCreate","onEmpty":"Clear"`:                                "changes nothing later on",
		`"type":"Expression","expression":"IgnoreFlowIfNullOrEmpty([title])","onEmpty":"Clear"`:                "onEmpty",
		`"type":"Expression","expression":"Split([title], \",\")"`:                                             "gives several values",
		`"type":"Expression","expression":"IIF([active], Split([title], \",\"), [title])"`:                     "gives several values",
		`"type":"Expression","expression":"IIF(IgnoreFlowIfNullOrEmpty([title]), \"a\", \"b\")"`:               "is no condition",
		`"type":"Expression","expression":"DateAdd(\"x\", 1, \"2021-01-01\")"`:                                 "there is no such interval",
		`"type":"Expression","expression":"DateAdd(, 1, \"2021-01-01\")"`:                                      "the interval is missing",
		`"type":"Expression","expression":"DateAdd(\"d\", 1, \"tomorrow\")"`:                                   "dateTime of DateAdd is a date",
		`"type":"Expression","expression":"DateAdd(\"d\", 1, IsNull([title]))"`:                                "dateTime of DateAdd is a date",
		`"type":"Expression","expression":"Left([title], IsNull([title]))"`:                                    "numChars of Left is a whole number",
		`"type":"Expression","expression":"FormatDateTime([title], , , \"yyyy\")"`:                             "inputFormat is missing",
		`"type":"Expression","expression":"FormatDateTime([title], , \"q\", \"yyyy\")"`:                        "inputFormat is no date and time format",
		`"type":"Expression","expression":"FormatDateTime([title], , \"yyyy\", \"yyyyyy\")"`:                   "outputFormat is no date and time format",
		`"type":"Expression","expression":"FormatDateTime([title], , \"'yyyy\", \"g\")"`:                       "inputFormat is no date and time format",
		`"type":"Expression","expression":"FormatDateTime([title], \"Lax\", \"yyyy\", \"yyyy\")"`:              "there is no such style",
		`"type":"Expression","expression":"InStr([title], \"x\", 1, \"vbCompare\")"`:                           "no way to compare",
		`"type":"Expression","expression":"Replace([title], , \"` + strings.Repeat("x", 1001) + `\", , \"\")"`: "longer than 1,000",
		`"type":"Expression","expression":"&HG"`:                                                               "not a number",
		`"type":"Expression","expression":"RandomString(6,3,0,0,3)"`:                                           "RandomString is not available",
		`"type":"Expression","expression":"now()"`:                                                             "Now is not available",
		`"type":"Expression","expression":"Item([emails.value], \"first\")"`:                                   "index of Item is a whole number",
	} {
		faults := faultsOf(t, `{"rules":[{"target":"title",`+rule+`}]}`)
		if len(faults) != 1 || !strings.Contains(faults[0].String(), reason) {
			t.Errorf("%s: %v, want %q", rule, faults, reason)
		}
	}
}

func TestSeveralValues(t *testing.T) {
	for rule, want := range map[string]string{
		`"type":"Expression","expression":"Split(\"Admin, Author\", \",\")"`:                     `[{"value":"Admin"},{"value":"Author"}]`,
		`"type":"Expression","expression":"RemoveDuplicates(Split(\"a,,a\", \",\"))"`:            `[{"value":"a"}]`,
		`"type":"Expression","expression":"[emails.value]"`:                                      `[{"value":"britta@home.example"},{"value":"b.simon@contoso.com"}]`,
		`"type":"Expression","expression":"IIF([active], Split(\"a\", \",\"), \"b\")"`:           `[{"value":"a"}]`,
		`"type":"Expression","expression":"IIF([nickName], Split(\"a\", \",\"), \"b\")"`:         `[{"value":"b"}]`,
		`"type":"Expression","expression":"Switch([title], , \"Engineer\", Split(\"a\",\",\"))"`: `[{"value":"a"}]`,
		`"type":"Expression","expression":"Split([nickName], \",\")"`:                            `null`,
		`"type":"Expression","expression":"Split(\", ,\", \",\")"`:                               `null`,
	} {
		if got := projected(t, `{"target":"roles",`+rule+`}`, "roles"); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
	faults := faultsOf(t, `{"rules":[{"target":"roles","type":"Expression","expression":"[title]"}]}`)
	if len(faults) != 1 || !strings.Contains(faults[0].Reason, "roles has several values") {
		t.Errorf("one value at a target of several: %v", faults)
	}
}

// What an update does to a target whose rule has no value any more.
func TestOnEmpty(t *testing.T) {
	for rule, leaves := range map[string]bool{
		`"type":"Direct","source":"nickName"`:                                                  false,
		`"type":"Direct","source":"nickName","onEmpty":"Clear"`:                                false,
		`"type":"Direct","source":"nickName","onEmpty":"Keep"`:                                 true,
		`"type":"Direct","source":"nickName","default":"x"`:                                    true,
		`"type":"Direct","source":"nickName","default":"x","onEmpty":"Clear"`:                  false,
		`"type":"Direct","source":"nickName","onEmpty":""`:                                     false,
		`"type":"Direct","source":"nickName","apply":"OnCreate","onEmpty":"Keep"`:              true,
		`"type":"Expression","expression":"IgnoreFlowIfNullOrEmpty([nickName])"`:               true,
		`"type":"Expression","expression":"Append(IgnoreFlowIfNullOrEmpty([nickName]), \"\")"`: true,
		`"type":"Expression","expression":"Trim([nickName])"`:                                  false,
	} {
		if got := mustCompile(t, `{"rules":[{"target":"title",`+rule+`}]}`).Leaves("title"); got != leaves {
			t.Errorf("%s: Leaves is %v", rule, got)
		}
	}
}

// A rule never undoes another: the whole before its parts.
func TestPartBeforeWhole(t *testing.T) {
	faults := faultsOf(t, `{"rules":[
		{"target":"phoneNumbers[type eq \"work\"].value","type":"Constant","value":"1"},
		{"target":"phoneNumbers","type":"Direct","source":"phoneNumbers"}]}`)
	if len(faults) != 1 || faults[0].Rule != 1 || !strings.Contains(faults[0].Reason, "rules[0] sets a part of this target") {
		t.Error(faults)
	}
}

const exampled = `{"rules":[
	{"target":"displayName","type":"Expression","expression":"Join(\", \", [surname], [givenName])","examples":[
		{"input":{"userName":"a@x.io","name":{"familyName":"Doe","givenName":"John"}},"output":{"displayName":"Doe, John","title":null}}]},
	{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Direct","source":"externalId"},
	{"target":"title","type":"Constant","value":"New","apply":"OnCreate"}
 ],"examples":[
	{"name":"a newcomer","input":{"userName":"a@x.io","externalId":"7"},
	 "output":{"active":true,"TITLE":"New","urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"badge":7}}},
	{"input":{"userName":"a@x.io","active":false},"creating":false,"output":{"active":false,"title":""}}]}`

func TestExamplesBesideRules(t *testing.T) {
	sound := strings.Replace(exampled, `,"title":null`, ``, 1)
	if faults := faultsOf(t, sound); faults != nil {
		t.Fatal(faults)
	}
	for _, test := range []struct {
		from, to        string
		rule            int
		attribute, text string
	}{
		{`"Doe, John"`, `"John Doe"`, 0, "displayName", `rules[0] (displayName): examples[0]: displayName: the example's output is another: wanted "John Doe", got "Doe, John"`},
		{`"badge":7`, `"badge":8`, -1, "urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge", `examples[0] (a newcomer): urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge: the example's output is another: wanted 8, got 7`},
		{`"title":""`, `"title":"New"`, -1, "title", `examples[1]: title: the example's output is another: wanted "New", got null`},
		{`"externalId":"7"`, `"externalId":"secret"`, -1, "", `examples[0] (a newcomer): its input cannot be projected: rules[1]`},
	} {
		faults := faultsOf(t, strings.Replace(sound, test.from, test.to, 1))
		if len(faults) != 1 || faults[0].Rule != test.rule || faults[0].Attribute != test.attribute || !strings.HasPrefix(faults[0].String(), test.text) {
			t.Errorf("%s for %s: %v", test.to, test.from, faults)
			continue
		}
		told := (&Errors{Faults: faults}).Error()
		if strings.Contains(told, "secret") || faults[0].Wanted != "" && strings.Contains(told, faults[0].Wanted) {
			t.Errorf("the error holds a value of the example: %s", told)
		}
	}
}

func TestFaultsOfExamples(t *testing.T) {
	for examples, reason := range map[string]string{
		`7`: `"examples" is not a list`, `[7]`: "examples[0] is not a JSON object", `[{"input":{}}]`: `needs "input" and "output"`,
		`[{"input":{},"output":{},"x":1}]`:                                                  `has no key "x"`,
		`[{"input":{},"output":{},"creating":"yes"}]`:                                       `"creating" is neither`,
		`[` + strings.Repeat(`{"input":{},"output":{}},`, 50) + `{"input":{},"output":{}}]`: "more than 50 examples",
	} {
		faults := faultsOf(t, `{"examples":`+examples+`}`)
		if len(faults) != 1 || !strings.Contains(faults[0].Reason, reason) {
			t.Errorf("%.60s: %v, want %q", examples, faults, reason)
		}
	}
}
