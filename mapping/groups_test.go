package mapping

import (
	"strings"
	"testing"

	"scimgate/scim/value"
)

func TestRulesOfGroups(t *testing.T) {
	const cooks = `{"schemas":["x"],"id":"g1","displayName":"Cooks","externalId":"c0"}`
	tests := []struct{ name, rules, want string }{
		{"none", ``, `{"displayName":"Cooks","externalId":"c0"}`},
		{"of users", `{"rules":[{"target":"title","type":"Constant","value":"Cook"}]}`, `{"displayName":"Cooks","externalId":"c0"}`},
		{
			"a prefix", `{"rules":[{"resource":"Group","target":"displayName","type":"Expression","expression":"Join(\" \", \"Entra:\", [displayName])"}]}`,
			`{"displayName":"Entra: Cooks","externalId":"c0"}`,
		},
		{
			"another id, beside a user's rule of the same target",
			`{"rules":[{"target":"displayName","type":"Constant","value":"x"},{"resource":"Group","target":"externalId","type":"Direct","source":"displayName"}]}`,
			`{"displayName":"Cooks","externalId":"Cooks"}`,
		},
	}
	for _, test := range tests {
		r, err := Compile([]byte(test.rules), userType())
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		got, err := r.ProjectGroup(object(t, cooks), false)
		if err != nil || string(value.Append(nil, value.Of(got))) != test.want {
			t.Errorf("%s: %s, %v", test.name, value.Append(nil, value.Of(got)), err)
		}
		if p, err := r.Project(object(t, `{"userName":"ana@example.com","nickName":"A"}`), false); err != nil || test.name == "a prefix" && p.At("nickName") == nil {
			t.Errorf("%s: the user is %v, %v", test.name, p, err)
		}
	}
}

func TestBadRulesOfGroups(t *testing.T) {
	for rule, reason := range map[string]string{
		`{"resource":"Room","target":"displayName","type":"None"}`:                                           "neither User nor Group",
		`{"resource":"Group","target":"members","type":"Direct","source":"displayName"}`:                     "several values",
		`{"resource":"Group","target":"title","type":"Constant","value":"x"}`:                                "title",
		`{"resource":"Group","target":"displayName","type":"None"}`:                                          "up to date always",
		`{"resource":"Group","target":"externalId","type":"Direct","source":"title"}`:                        "title",
		`{"resource":"Group","target":"externalId","type":"Constant","value":"x","examples":[{"input":{}}]}`: "about users",
	} {
		_, err := Compile([]byte(`{"rules":[`+rule+`]}`), userType())
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", rule, err)
		}
	}
}
