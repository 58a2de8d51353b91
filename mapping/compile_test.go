package mapping

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func faultsOf(tb testing.TB, rules string) []Fault {
	tb.Helper()
	_, err := Compile([]byte(rules), userType())
	var faults *Errors
	if err != nil && !errors.As(err, &faults) {
		tb.Fatalf("not an *Errors: %v", err)
	}
	if faults == nil {
		return nil
	}
	return faults.Faults
}

func TestFaultsOfRules(t *testing.T) {
	for rule, reason := range map[string]string{
		`7`:                                  "a rule is a JSON object",
		`{"type":"Direct","source":"title"}`: "no target",
		`{"target":7,"type":"None"}`:         `"target" is not a text`,
		`{"target":"title"}`:                 `"type" is none of`,
		`{"target":"title","type":"direct","source":"title"}`:                                                             `"type" is none of`,
		`{"target":"title","type":"Direct"}`:                                                                              `a rule of type Direct needs "source"`,
		`{"target":"title","type":"Constant"}`:                                                                            `a rule of type Constant needs "value"`,
		`{"target":"title","type":"Expression"}`:                                                                          `a rule of type Expression needs "expression"`,
		`{"target":"title","type":"None","source":"title"}`:                                                               `a rule of type None takes no "source"`,
		`{"target":"title","type":"None","comment":"x"}`:                                                                  `a rule has no key "comment"`,
		`{"target":"title","type":"None","apply":"Never"}`:                                                                `"apply" is neither`,
		`{"target":"title","type":"None","required":"yes"}`:                                                               `"required" is neither`,
		`{"target":"title","type":"None","default":[]}`:                                                                   `"default" is not a text`,
		`{"target":"title","type":"Constant","value":null}`:                                                               `a rule of type Constant needs "value"`,
		`{"target":"title","type":"Constant","value":{}}`:                                                                 `"value" is not a text`,
		`{"target":"active","type":"Constant","value":"maybe"}`:                                                           "the target takes true or false",
		`{"target":"title","type":"Expression","expression":7}`:                                                           `"expression" is not a text`,
		`{"target":"title","type":"Expression","expression":""}`:                                                          "the expression is empty",
		`{"target":"title","type":"Direct","source":"titel"}`:                                                             "source: no attribute",
		`{"target":"title","type":"Direct","source":""}`:                                                                  "source: this is not the path",
		`{"target":"titel","type":"Direct","source":"title"}`:                                                             "no attribute",
		`{"target":"a b","type":"Direct","source":"title"}`:                                                               "this is not the path",
		`{"target":"password","type":"Direct","source":"title"}`:                                                          "password",
		`{"target":"id","type":"Direct","source":"title"}`:                                                                "read-only",
		`{"target":"meta.created","type":"Constant","value":"x"}`:                                                         "read-only",
		`{"target":"meta","type":"None"}`:                                                                                 "read-only",
		`{"target":"groups","type":"Direct","source":"groups"}`:                                                           "read-only",
		`{"target":"schemas","type":"Direct","source":"schemas"}`:                                                         "read-only",
		`{"target":"emails","type":"Constant","value":"x"}`:                                                               "emails has several values",
		`{"target":"emails.value","type":"Constant","value":"x"}`:                                                         "emails has several values",
		`{"target":"addresses[type eq \"work\"]","type":"Constant","value":"x"}`:                                          "addresses has several values",
		`{"target":"name","type":"Constant","value":"x"}`:                                                                 "name has sub-attributes",
		`{"target":"emails[type ne \"work\"].value","type":"Constant","value":"x"}`:                                       "the brackets do not say",
		`{"target":"emails[type eq \"a\" or type eq \"b\"].value","type":"Constant","value":"x"}`:                         "the brackets do not say",
		`{"target":"emails[value eq \"a\"].value","type":"Constant","value":"x"}`:                                         "the brackets do not say",
		`{"target":"title","type":"Direct","source":"emails"}`:                                                            "the source is not one simple value",
		`{"target":"title","type":"Direct","source":"name"}`:                                                              "the source is not one simple value",
		`{"target":"emails","type":"Direct","source":"addresses"}`:                                                        "emails has several values",
		`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","type":"Direct","source":"name"}`: "the source is not one simple value",
		`{"target":"active","type":"None"}`:                                                                               "active is kept up to date always",
		`{"target":"active","type":"Direct","source":"active","apply":"OnCreate"}`:                                        "active is kept up to date always",
		`{"target":"name","type":"Direct","source":"name","default":"x"}`:                                                 "a default stands only for a simple value",
		`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:nope","type":"Constant","value":"x"}`:        "is not a defined attribute",
		`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Constant","value":"x"}`:       "takes a whole number",
	} {
		faults := faultsOf(t, `{"rules":[{"target":"nickName","type":"None"},`+rule+`]}`)
		found := false
		for _, f := range faults {
			found = found || f.Rule == 1 && strings.Contains(f.Reason, reason)
		}
		if !found {
			t.Errorf("%s: %v, want %q", rule, faults, reason)
		}
	}
}

// A form sends all its keys; those that are empty say nothing.
func TestEmptyKeys(t *testing.T) {
	r := mustCompile(t, `{"rules":[{"target":"title","type":"Direct","source":"displayName","value":null,"expression":"",
		"apply":"Always","default":"","required":null}]}`)
	if r.Leaves("title") {
		t.Error("the empty default counts as one")
	}
}

func TestFaultsOfTheDocument(t *testing.T) {
	for rules, reason := range map[string]string{
		`{`: "not JSON", `[]`: "not a JSON object", `"x"`: "not a JSON object", `{"rules":{}}`: "not a list",
		`{"rule":[]}`: `no key "rule"`, `{"rules":[` + strings.Repeat(`7,`, 500) + `7]}`: "more than 500",
	} {
		faults := faultsOf(t, rules)
		if len(faults) != 1 || faults[0].Rule != -1 || !strings.Contains(faults[0].Reason, reason) {
			t.Errorf("%.40s: %v, want %q", rules, faults, reason)
		}
	}
}

func TestOneRuleForOneTarget(t *testing.T) {
	for _, pair := range [][2]string{
		{`title`, `TITLE`},
		{`emails[type eq \"work\"].value`, `emails[Type eq \"Work\"]`},
		{`manager`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value`},
		{`title`, `urn:ietf:params:scim:schemas:core:2.0:User:title`},
	} {
		faults := faultsOf(t, fmt.Sprintf(`{"rules":[{"target":"%s","type":"None"},{"target":"%s","type":"None"}]}`, pair[0], pair[1]))
		if len(faults) != 1 || faults[0].Rule != 1 || !strings.Contains(faults[0].Reason, "rules[0] has the same target") {
			t.Errorf("%s: %v", pair, faults)
		}
	}
}

// An administrator sees all that is wrong at once, in order.
func TestAllFaultsAtOnce(t *testing.T) {
	faults := faultsOf(t, `{"rules":[
		{"target":"titel","type":"Expression","expression":"Trim(\"a\", [mailNickname])","apply":"No"},
		{"target":"title","type":"Constant","value":"x"},
		{"target":"title","type":"Constant","value":"y"},
		{"type":"none"}],"x":1}`)
	var got []string
	for _, f := range faults {
		got = append(got, fmt.Sprint(f.Rule, ":", f.Column))
	}
	if want := "-1:0 0:0 0:0 0:12 0:1 2:0 3:0 3:0"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s: %v", got, want, faults)
	}
	text := (&Errors{Faults: faults}).Error()
	for _, part := range []string{
		"rules[0] (titel), column 12: ", "rules[2] (title): rules[1] has the same target; keep one", "stands here in externalId", "rules[3]: ",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("no %q in:\n%s", part, text)
		}
	}
}

func FuzzCompile(f *testing.F) {
	f.Add(typicalRules)
	f.Add(`{"rules":[{"target":"emails","type":"Direct","source":"emails"},{"target":"emails[type eq \"x\" and primary eq true].display","type":"Constant","value":1.5,"default":true,"required":true}]}`)
	f.Add(`{"rules":[{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName","type":"None","apply":"OnCreate"}]}`)
	t := userType()
	f.Fuzz(func(tt *testing.T, rules string) {
		r, err := Compile([]byte(rules), t)
		if err != nil {
			var faults *Errors
			if !errors.As(err, &faults) || len(faults.Faults) == 0 || err.Error() == "" {
				tt.Fatalf("not an *Errors with faults: %v", err)
			}
			return
		}
		for _, creating := range []bool{true, false} {
			p, err := r.Project(object(tt, britta), creating)
			if err != nil {
				continue
			}
			if name, _ := p.Get("userName"); !isAddress(name.Text()) || p.At("active") == nil {
				tt.Errorf("the Projection is %s", printed(p))
			}
		}
	})
}
