package mapping

import (
	"encoding/json"
	"strings"
	"testing"
)

const explained = `{"rules":[
	{"target":"displayName","type":"Expression",
	 "expression":"IIF([active]=\"True\", Join(\", \", [surname], [name.givenName]), \"nobody\")"},
	{"target":"title","type":"Direct","sources":["nickName","title"],"default":"Staff"},
	{"target":"nickName","type":"Direct","source":"locale","default":"Nick"},
	{"target":"locale","type":"Constant","value":"en","apply":"OnCreate"},
	{"target":"timezone","type":"None"},
	{"target":"preferredLanguage","type":"Direct","source":"preferredLanguage"},
	{"target":"profileUrl","type":"Direct","source":"profileUrl","onEmpty":"Keep"},
	{"target":"userType","type":"Expression","expression":"Append(Redact([externalId]), \"!\")"},
	{"target":"emails[type eq \"work\"].value","type":"Constant","value":"desk@x.io"},
	{"target":"name","type":"Direct","source":"name"},
	{"target":"active","type":"Constant","value":false}]}`

func TestExplain(t *testing.T) {
	r, user := mustCompile(t, explained), object(t, britta)
	for _, test := range []struct {
		target        string
		creating      bool
		rule          int
		outcome       Outcome
		value, result string
	}{
		{"DISPLAYNAME", true, 0, Set, `"Simon, Britta"`, `"Simon, Britta"`},
		{"title", true, 1, Set, `"Engineer"`, `"Engineer"`},
		{"nickName", true, 2, Default, `null`, `"Nick"`},
		{"nickName", false, 2, Kept, `null`, `null`},
		{"locale", true, 3, Set, `"en"`, `"en"`},
		{"locale", false, 3, Kept, `null`, `null`},
		{"timezone", true, 4, Kept, `null`, `null`},
		{"preferredLanguage", true, 5, Empty, `null`, `null`},
		{"profileUrl", true, 6, Kept, `null`, `null`},
		{"userType", true, 7, Set, `"[Redact]"`, `"[Redact]"`},
		{`emails[type eq "work"].value`, true, 8, Set, `"desk@x.io"`, `"B.Simon@contoso.com"`},
		{"name.givenName", true, 9, Set, ``, `"Britta"`},
		{"active", true, 10, Set, `false`, `false`},
		{"userName", true, -1, NoRule, `null`, `"B.Simon@contoso.com"`},
		{"urn:ietf:params:scim:schemas:core:2.0:User:ims", true, -1, NoRule, `null`, `null`},
	} {
		x, err := r.Explain(user, test.target, test.creating)
		if err != nil {
			t.Errorf("%s: %v", test.target, err)
			continue
		}
		if x.Rule != test.rule || x.Outcome != test.outcome || test.value != "" && string(x.Value) != test.value || string(x.Result) != test.result {
			t.Errorf("%s: rule %d, %s, %s, %s; want %v", test.target, x.Rule, x.Outcome, x.Value, x.Result, test)
		}
		if _, err := json.Marshal(x); err != nil {
			t.Errorf("%s: %v", test.target, err)
		}
	}
}

func TestExplainTellsEachStep(t *testing.T) {
	x, err := mustCompile(t, explained).Explain(object(t, britta), "displayName", true)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := json.Marshal(x)
	const want = `{"target":"displayName","rule":0,"type":"Expression","outcome":"set",
		"inputs":[{"path":"active","value":true},{"path":"name.familyName","value":"Simon"},{"path":"name.givenName","value":"Britta"}],
		"steps":[{"text":"IIF","column":1,"value":"Simon, Britta","steps":[
			{"text":"=","column":5,"value":true,"steps":[{"text":"[active]","column":5,"value":true}]},
			{"text":"Join","column":22,"value":"Simon, Britta","steps":[
				{"text":"[surname]","column":33,"value":"Simon"},{"text":"[name.givenName]","column":44,"value":"Britta"}]}]}],
		"value":"Simon, Britta","result":"Simon, Britta"}`
	sameJSON(t, string(got), want)
}

// What Redact hides is in no step, input or result.
func TestExplainHides(t *testing.T) {
	x, err := mustCompile(t, explained).Explain(object(t, britta), "userType", true)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := json.Marshal(x); strings.Contains(string(got), "bsimon") || !strings.Contains(string(got), `"[externalId]"`) {
		t.Errorf("%s", got)
	}
}

func TestExplainSaysWhy(t *testing.T) {
	r := mustCompile(t, explained)
	for target, note := range map[string]string{
		`emails[type eq "work"].value`: "the work e-mail", "userName": "by e-mail address", "displayName": "",
	} {
		x, err := r.Explain(object(t, britta), target, true)
		if err != nil || !strings.Contains(x.Note, note) || (note == "") != (x.Note == "") {
			t.Errorf("%s: %+v, %v", target, x, err)
		}
	}
	if x, _ := r.Explain(object(t, britta), "locale", false); !strings.Contains(x.Note, "only on creation") {
		t.Errorf("OnCreate: %+v", x)
	}
}

func TestExplainFailures(t *testing.T) {
	r := mustCompile(t, `{"rules":[{"target":"title","type":"Direct","source":"nickName","required":true},
		{"target":"nickName","type":"Expression","expression":"Left([title], [userName])"},
		{"target":"locale","type":"Constant","value":"x"}]}`)
	for target, outcome := range map[string]Outcome{"title": Failed, "nickName": Failed, "locale": Set} {
		x, err := r.Explain(object(t, britta), target, true)
		if err != nil || x.Outcome != outcome || !strings.Contains(x.Failure, "rules[0] (title): a value is required") {
			t.Errorf("%s: %+v, %v", target, x, err)
		}
	}
	_, err := r.Explain(object(t, britta), "titel", true)
	if err == nil || !strings.Contains(err.Error(), "did you mean title?") {
		t.Errorf("an unknown target: %v", err)
	}
}

// Long values and long expressions are told in part.
func TestExplanationsAreBounded(t *testing.T) {
	r := mustCompile(t, `{"rules":[{"target":"title","type":"Expression","expression":"Join(\"\"`+strings.Repeat(",Left([title], 1)", 500)+`)"}]}`)
	x, err := r.Explain(object(t, `{"userName":"a@x.io","title":"`+strings.Repeat("ä", 10_000)+`"}`), "title", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Inputs) != 1 || len(x.Inputs[0].Value) > maxTraceValue+10 || len(x.Steps[0].Steps) > maxTrace {
		t.Errorf("%d inputs, %d steps", len(x.Inputs), len(x.Steps[0].Steps))
	}
}

func TestExplainIdentity(t *testing.T) {
	x, err := Identity(userType()).Explain(object(t, britta), "name", false)
	if err != nil || x.Rule != -1 || x.Type != "Direct" || x.Outcome != Set || len(x.Inputs) != 1 || x.Inputs[0].Path != "name" {
		t.Errorf("%+v, %v", x, err)
	}
}
