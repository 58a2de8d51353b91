package mapping

import (
	"errors"
	"strings"
	"testing"

	"scimgate/scim/value"
)

func TestProject(t *testing.T) {
	const named = `"userName":"B.Simon@contoso.com","active":true,` // what every Projection of britta has
	const emails = `"emails":[{"value":"B.Simon@contoso.com","type":"work","primary":true}]`
	for name, test := range map[string]struct{ rules, want string }{
		"direct":            {`{"target":"displayName","type":"Direct","source":"title"}`, `"displayName":"Engineer"`},
		"sub-attribute":     {`{"target":"name.givenName","type":"Direct","source":"displayName"}`, `"name":{"givenName":"Britta Simon"}`},
		"constant":          {`{"target":"title","type":"Constant","value":"Staff"}`, `"title":"Staff"`},
		"expression":        {`{"target":"title","type":"Expression","expression":"ToUpper([title])"}`, `"title":"ENGINEER"`},
		"none":              {`{"target":"title","type":"None"}`, ``},
		"nothing to map":    {`{"target":"title","type":"Direct","source":"nickName"}`, ``},
		"empty is nothing":  {`{"target":"title","type":"Expression","expression":"\"\""}`, ``},
		"whole complex":     {`{"target":"name","type":"Direct","source":"name"}`, `"name":{"formatted":"Britta Simon","givenName":"Britta","familyName":"Simon"}`},
		"whole list":        {`{"target":"phoneNumbers","type":"Direct","source":"phoneNumbers"}`, `"phoneNumbers":[{"type":"work","value":"+49 555123"},{"type":"mobile","value":"+49 170"}]`},
		"manager whole":     {`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","type":"Direct","source":"manager"}`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m1","displayName":"Boss"}}`},
		"manager by id":     {`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","type":"Constant","value":"m2"}`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m2"}}`},
		"new element":       {`{"target":"phoneNumbers[type eq \"fax\"].value","type":"Constant","value":"1"}`, `"phoneNumbers":[{"type":"fax","value":"1"}]`},
		"value is meant":    {`{"target":"phoneNumbers[type eq \"fax\"]","type":"Constant","value":"1"}`, `"phoneNumbers":[{"type":"fax","value":"1"}]`},
		"two terms":         {`{"target":"roles[primary eq \"True\" and type eq \"x\"].value","type":"Constant","value":"Editor"}`, `"roles":[{"primary":true,"type":"x","value":"Editor"}]`},
		"boolean":           {`{"target":"active","type":"Expression","expression":"Switch([title], , \"Engineer\", \"False\", \"x\", \"True\")"}`, `"active":false`},
		"integer from text": {`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge"}`, `"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"badge":701}`},
		"integer constant":  {`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Constant","value":"007"}`, `"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"badge":7}`},
		"text from boolean": {`{"target":"title","type":"Direct","source":"active"}`, `"title":"True"`},
		"misplaced target":  {`{"target":"department","type":"Constant","value":"D"}`, `"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"D"}`},
		"elements merge": {
			`{"target":"addresses[type eq \"work\"].locality","type":"Constant","value":"Köln"},
			{"target":"addresses[type eq \"work\"].country","type":"Direct","source":"addresses[type eq \"work\"].country"},
			{"target":"addresses[type eq \"other\"].formatted","type":"Constant","value":"HQ"}`,
			`"addresses":[{"type":"work","locality":"Köln","country":"DE"},{"type":"other","formatted":"HQ"}]`,
		},
		"a part of a copy is changed": {
			`{"target":"phoneNumbers","type":"Direct","source":"phoneNumbers"},
			{"target":"phoneNumbers[type eq \"work\"].value","type":"Constant","value":"0"},
			{"target":"name","type":"Direct","source":"name"},
			{"target":"name.formatted","type":"Expression","expression":"Join(\", \", [name.familyName], [name.givenName])"}`,
			`"phoneNumbers":[{"type":"work","value":"0"},{"type":"mobile","value":"+49 170"}],"name":{"formatted":"Simon, Britta","givenName":"Britta","familyName":"Simon"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			want := `{` + named + emails + `}`
			if test.want != "" {
				want = `{` + named + emails + `,` + test.want + `}`
			}
			want = strings.Replace(want, `"active":true,`+emails+`,"active":false`, emails+`,"active":false`, 1)
			sameJSON(t, project(t, `{"rules":[`+test.rules+`]}`, britta, true), want)
		})
	}
}

func TestProjectWithoutRules(t *testing.T) {
	const want = `{"externalId":"bsimon","userName":"B.Simon@contoso.com","active":true,
		"name":{"formatted":"Britta Simon","givenName":"Britta","familyName":"Simon"},
		"displayName":"Britta Simon","title":"Engineer",
		"emails":[{"type":"home","value":"britta@home.example"},{"type":"work","value":"B.Simon@contoso.com","primary":true}],
		"phoneNumbers":[{"type":"work","value":"+49 555123"},{"type":"mobile","value":"+49 170"}],
		"addresses":[{"type":"work","locality":"Berlin","country":"DE"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{
			"department":"Research","employeeNumber":"0042","manager":{"value":"m1","displayName":"Boss"}},
		"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"badge":701}}`
	for _, rules := range []string{``, `{}`, `{"rules":[]}`, `{"rules":null}`} {
		sameJSON(t, project(t, rules, britta, true), want)
		sameJSON(t, project(t, rules, britta, false), want)
	}
}

func TestCreationOnly(t *testing.T) {
	const (
		base   = `"userName":"a@x.io","active":true,"emails":[{"type":"work","value":"a@x.io","primary":true}]`
		absent = `{"userName":"a@x.io","active":true,"emails":[{"type":"work","value":"a@x.io"}]}`
		given  = `{"userName":"a@x.io","active":true,"emails":[{"type":"work","value":"a@x.io"}],"nickName":"N"}`
	)
	for name, test := range map[string]struct{ rule, user, created, updated string }{
		"on creation":           {`"type":"Direct","source":"nickName","apply":"OnCreate"`, given, `,"title":"N"`, ``},
		"always":                {`"type":"Direct","source":"nickName","apply":"Always"`, given, `,"title":"N"`, `,"title":"N"`},
		"default not needed":    {`"type":"Direct","source":"nickName","default":"D"`, given, `,"title":"N"`, `,"title":"N"`},
		"default":               {`"type":"Direct","source":"nickName","default":"D"`, absent, `,"title":"D"`, ``},
		"default of none":       {`"type":"None","default":"D"`, given, `,"title":"D"`, ``},
		"default and required":  {`"type":"Direct","source":"nickName","default":"D","required":true`, absent, `,"title":"D"`, ``},
		"required only once":    {`"type":"Constant","value":"C","apply":"OnCreate","required":true`, absent, `,"title":"C"`, ``},
		"default of a constant": {`"type":"Constant","value":"","default":7`, absent, `,"title":"7"`, ``},
	} {
		t.Run(name, func(t *testing.T) {
			rules := `{"rules":[{"target":"title",` + test.rule + `}]}`
			sameJSON(t, project(t, rules, test.user, true), `{`+base+test.created+`}`)
			sameJSON(t, project(t, rules, test.user, false), `{`+base+test.updated+`}`)
			if leaves := mustCompile(t, rules).Leaves("title"); leaves != (name != "always") {
				t.Errorf("Leaves(title) is %v", leaves)
			}
		})
	}
}

func TestLeaves(t *testing.T) {
	r := mustCompile(t, `{"rules":[
		{"target":"emails[type eq \"work\"].value","type":"Direct","source":"userName","apply":"OnCreate"},
		{"target":"name","type":"Direct","source":"name","apply":"OnCreate"},
		{"target":"manager","type":"None"},
		{"target":"title","type":"Direct","source":"title"}]}`)
	for path, want := range map[string]bool{
		`emails[type eq "work"].value`: true, `EMAILS[type eq "Work"].value`: true, `emails`: true,
		`emails[type eq "home"].value`: false, `name.givenName`: true, `names`: false, `title`: false,
		`urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager`: true,
	} {
		if got := r.Leaves(path); got != want {
			t.Errorf("Leaves(%s) = %v", path, got)
		}
	}
}

func TestDocumentsThatCannotBeProjected(t *testing.T) {
	for name, test := range map[string]struct {
		rules, user string
		rule        int
		reason      string
	}{
		"required": {
			`{"rules":[{"target":"title","type":"None"},{"target":"nickName","type":"Direct","source":"locale","required":true}]}`,
			britta, 1, "required",
		},
		"not a number": {
			`{"rules":[{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Direct","source":"title"}]}`,
			britta, 0, "whole number",
		},
		"not a boolean": {`{"rules":[{"target":"active","type":"Direct","source":"title"}]}`, britta, 0, "true or false"},
		"too long": {
			`{"rules":[{"target":"title","type":"Expression","expression":"ToLower([title])"}]}`,
			`{"userName":"a@x.io","title":"` + strings.Repeat("x", maxText+1) + `"}`, 0, "64 KiB",
		},
		"no address": {``, `{"userName":"bob","emails":[{"value":"secret@x.io"},{"value":"b@x.io"}]}`, -1, "e-mail address"},
	} {
		_, err := mustCompile(t, test.rules).Project(object(t, test.user), true)
		var e *Error
		if !errors.As(err, &e) || e.Rule != test.rule || !strings.Contains(e.Error(), test.reason) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error holds a value of the user: %v", name, err)
		}
	}
}

// A user who is disabled in Entra is disabled in the account, whatever the rules say.
func TestDisabledStaysDisabled(t *testing.T) {
	for _, rules := range []string{
		``, `{"rules":[{"target":"title","type":"Direct","source":"title"}]}`,
		`{"rules":[{"target":"active","type":"Constant","value":true}]}`,
		`{"rules":[{"target":"active","type":"Expression","expression":"IIF([active]=\"False\", \"True\", \"True\")"}]}`,
	} {
		got := object(t, project(t, rules, `{"userName":"a@x.io","active":false}`, false))
		if v, _ := got.Get("active"); !value.Equal(v, value.Truth(false)) {
			t.Errorf("%s: %s", rules, printed(got))
		}
		got = object(t, project(t, rules, `{"userName":"a@x.io"}`, false))
		if v, _ := got.Get("active"); !v.True() {
			t.Errorf("%s: %s", rules, printed(got))
		}
	}
}

func TestUserName(t *testing.T) {
	const lower = `{"rules":[{"target":"userName","type":"Expression","expression":"ToLower([userName])"}]}`
	const fixed = `{"rules":[{"target":"emails[type eq \"work\"].value","type":"Constant","value":"desk@x.io"}]}`
	for name, test := range map[string]struct{ rules, user, name, emails string }{
		"address":         {``, `{"userName":"a@x.io"}`, "a@x.io", `[{"value":"a@x.io","type":"work","primary":true}]`},
		"work is changed": {``, `{"userName":"a@x.io","emails":[{"value":"b@x.io","type":"WORK"}]}`, "a@x.io", `[{"value":"a@x.io","type":"WORK"}]`},
		"primary of two works": {
			``, `{"userName":"a@x.io","emails":[{"value":"b@x.io","type":"work"},{"value":"c@x.io","type":"work","primary":true}]}`,
			"a@x.io", `[{"value":"b@x.io","type":"work"},{"value":"a@x.io","type":"work","primary":true}]`,
		},
		"home stays primary": {
			``, `{"userName":"a@x.io","emails":[{"value":"h@x.io","type":"home","primary":true}]}`,
			"a@x.io", `[{"value":"h@x.io","type":"home","primary":true},{"value":"a@x.io","type":"work"}]`,
		},
		"primary e-mail": {
			``, `{"userName":"bob","emails":[{"value":"w@x.io","type":"work"},{"value":"h@x.io","type":"home","primary":true}]}`,
			"h@x.io", `[{"value":"h@x.io","type":"work"},{"value":"h@x.io","type":"home","primary":true}]`,
		},
		"work for want of a primary": {
			``, `{"userName":"bob","emails":[{"value":"h@x.io","type":"home"},{"value":"w@x.io","type":"work"}]}`,
			"w@x.io", `[{"value":"h@x.io","type":"home"},{"value":"w@x.io","type":"work"}]`,
		},
		"the only one": {
			``, `{"userName":"bob","emails":[{"value":"h@x.io"}]}`,
			"h@x.io", `[{"value":"h@x.io"},{"value":"h@x.io","type":"work","primary":true}]`,
		},
		"rules come first":          {lower, `{"userName":"A@X.io"}`, "a@x.io", `[{"value":"a@x.io","type":"work","primary":true}]`},
		"rules do not map the name": {fixed, `{"userName":"a@x.io"}`, "a@x.io", `[{"type":"work","value":"a@x.io"}]`},
		"mapped e-mail stands in":   {fixed, `{"userName":"bob"}`, "desk@x.io", `[{"type":"work","value":"desk@x.io"}]`},
		"unmapped e-mail stands in": {lower, `{"userName":"Bob","emails":[{"value":"w@x.io","type":"work"}]}`, "w@x.io", `[{"value":"w@x.io","type":"work","primary":true}]`},
		"guest":                     {``, `{"userName":"bob_gmail.com#EXT#@x.onmicrosoft.com"}`, "bob_gmail.com#EXT#@x.onmicrosoft.com", `[{"value":"bob_gmail.com#EXT#@x.onmicrosoft.com","type":"work","primary":true}]`},
	} {
		t.Run(name, func(t *testing.T) {
			got := object(t, project(t, test.rules, test.user, true))
			if v, _ := got.Get("userName"); v.Text() != test.name {
				t.Errorf("userName is %s", v.Text())
			}
			v, _ := got.Get("emails")
			sameJSON(t, `{"e":`+string(value.Append(nil, v))+`}`, `{"e":`+test.emails+`}`)
		})
	}
}

func TestAddress(t *testing.T) {
	for s, want := range map[string]bool{
		"a@x.io": true, "a@localhost": true, "o'neil+x@sub.x-y.io": true, "ü@bücher.example": true,
		"": false, "a": false, "@x.io": false, "a@": false, "a@b@c": false, "a@.io": false, "a@x.": false, "a@x..io": false,
		"a b@x.io": false, "a@x.io\n": false, "Bob <a@x.io>": false, strings.Repeat("a", 250) + "@x.io": false,
	} {
		if isAddress(s) != want {
			t.Errorf("isAddress(%.40q) = %v", s, !want)
		}
	}
}

// Of two elements that fit, the primary one is meant, else the first (design 6.9).
func TestTwoValuesOfOneType(t *testing.T) {
	const rules = `{"rules":[{"target":"title","type":"Direct","source":"phoneNumbers[type eq \"work\"].value"},
		{"target":"phoneNumbers","type":"Direct","source":"phoneNumbers"},
		{"target":"phoneNumbers[type eq \"work\"].display","type":"Constant","value":"this"}]}`
	for second, want := range map[string]string{
		``:                `"title":"1","phoneNumbers":[{"type":"work","value":"1","display":"this"},{"type":"work","value":"2"}]`,
		`,"primary":true`: `"title":"2","phoneNumbers":[{"type":"work","value":"1"},{"type":"work","value":"2","primary":true,"display":"this"}]`,
	} {
		user := `{"userName":"a@x.io","phoneNumbers":[{"type":"work","value":"1"},{"type":"work","value":"2"` + second + `}]}`
		sameJSON(t, project(t, rules, user, true),
			`{"userName":"a@x.io","active":true,"emails":[{"value":"a@x.io","type":"work","primary":true}],`+want+`}`)
	}
}

// Rules and resources are shared by goroutines; -race watches.
func TestProjectConcurrently(t *testing.T) {
	r, attributes := mustCompile(t, typicalRules), object(t, britta)
	results := make(chan string)
	for range 8 {
		go func() {
			p, err := r.Project(attributes, true)
			if err != nil {
				results <- err.Error()
				return
			}
			results <- printed(p)
		}()
	}
	first := <-results
	for range 7 {
		if next := <-results; next != first {
			t.Errorf("one user, two Projections:\n%s\n%s", first, next)
		}
	}
}
