package mapping

import (
	"encoding/json"
	"strings"
	"testing"
)

func changesOf(tb testing.TB, before, after, user string) (Verdict, string) {
	tb.Helper()
	trial := &Trial{Before: mustCompile(tb, before), After: mustCompile(tb, after)}
	v := trial.Of(object(tb, user))
	var lines []string
	for _, c := range v.Changes(false) {
		line := c.Path + ": " + string(c.Before) + " > " + string(c.After)
		if c.Kept {
			line += " kept"
		}
		lines = append(lines, line)
	}
	return v, strings.Join(lines, "\n")
}

func TestTrial(t *testing.T) {
	const (
		title = `{"rules":[{"target":"title","type":"Direct","source":"title"}]}`
		ana   = `{"userName":"ana@x.io","title":"Chef","name":{"givenName":"Ana","familyName":"Lee"},"emails":[{"type":"work","value":"ana@x.io"},{"type":"home","value":"a@h.io"}],
			"roles":[{"value":"a"},{"value":"b"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R","manager":{"value":"m"}}}`
	)
	for _, c := range []struct{ name, before, after, want string }{
		{"the same", title, title, ``},
		{"a constant", title, `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`, `title: "Chef" > "Staff"`},
		{"none keeps", title, `{"rules":[{"target":"title","type":"None"}]}`, `title: "Chef" > null kept`},
		{"no rule clears", title, `{"rules":[{"target":"nickName","type":"Direct","source":"title"}]}`, "nickName: null > \"Chef\"\ntitle: \"Chef\" > null"},
		{"part of a name", `{"rules":[{"target":"name","type":"Direct","source":"name"}]}`, `{"rules":[{"target":"name.givenName","type":"Constant","value":"A"}]}`, "name.givenName: \"Ana\" > \"A\"\nname.familyName: \"Lee\" > null"},
		{"an element", title, `{"rules":[{"target":"title","type":"Direct","source":"title"},{"target":"emails[type eq \"home\"].value","type":"Direct","source":"emails[type eq \"home\"].value"}]}`, `emails[type eq "home"].value: null > "a@h.io"`},
		{"a list without types", `{"rules":[{"target":"roles","type":"Direct","source":"roles"}]}`, `{"rules":[{"target":"roles","type":"Expression","expression":"Split([title], \"x\")"}]}`, `roles: [{"value":"a"},{"value":"b"}] > [{"value":"Chef"}]`},
		{"an extension", title, `{"rules":[{"target":"title","type":"Direct","source":"title"},{"target":"manager","type":"Direct","source":"manager"}]}`, `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value: null > "m"`},
		{"hidden", title, `{"rules":[{"target":"title","type":"Expression","expression":"Redact(\"x\")"}]}`, `title: "[Redact]" > "[Redact]"`},
	} {
		v, got := changesOf(t, c.before, c.after, ana)
		if got != c.want || v.Changed != (c.want != "") || v.Failed != nil {
			t.Errorf("%s: %+v\n%s\nwant %s", c.name, v, got, c.want)
		}
	}
}

// Rules in another order change nothing, though the projection's members and the
// values of an attribute stand in another order.
func TestTrialOfAnotherOrder(t *testing.T) {
	one := `{"target":"title","type":"Direct","source":"title"}`
	two := `{"target":"emails[type eq \"home\"].value","type":"Constant","value":"h@x.io"}`
	three := `{"target":"emails[type eq \"work\"].value","type":"Direct","source":"emails[type eq \"work\"].value"}`
	before, after := `{"rules":[`+one+`,`+two+`,`+three+`]}`, `{"rules":[`+three+`,`+two+`,`+one+`]}`
	if v, got := changesOf(t, before, after, britta); v.Changed || got != "" {
		t.Errorf("changed: %s", got)
	}
}

func TestTrialOfFailures(t *testing.T) {
	const required = `{"rules":[{"target":"nickName","type":"Direct","source":"nickName","required":true}]}`
	v, got := changesOf(t, ``, required, britta)
	if v.Changed || v.Failed == nil || v.Failed.Target != "nickName" || v.FailedBefore != nil || strings.Contains(got, "kept") {
		t.Errorf("it fails: %+v %s", v, got)
	}
	v, got = changesOf(t, required, `{"rules":[{"target":"title","type":"Direct","source":"title"}]}`, britta)
	if !v.Changed || v.FailedBefore == nil || !strings.Contains(got, `title: null > "Engineer"`) {
		t.Errorf("it is mended: %+v %s", v, got)
	}
}

func TestTrialTellsAll(t *testing.T) {
	trial := &Trial{Before: mustCompile(t, ``), After: mustCompile(t, ``), Creating: true}
	list := trial.Of(object(t, britta)).Changes(true)
	if len(list) < 15 {
		t.Errorf("only %d paths", len(list))
	}
	for _, c := range list {
		if !c.Same || string(c.Before) != string(c.After) || string(c.After) == "null" || !json.Valid(c.After) {
			t.Errorf("%+v", c)
		}
	}
}

func TestDiff(t *testing.T) {
	const (
		before = `{"rules":[{"target":"title","type":"Direct","source":"title","default":""},{"target":"emails[Type eq \"work\"].value","type":"None"},{"target":"nickName","type":"None"}]}`
		after  = `{"examples":[{"input":{},"output":{}}],"rules":[{"target":"displayName","type":"Constant","value":"x"},{"target":"emails[type eq \"work\"].value","type":"None"},{"target":"Title","type":"Constant","value":"Staff"}]}`
	)
	list, err := Diff([]byte(before), []byte(after))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range list {
		line := d.Change + " " + d.Target
		for _, k := range d.Keys {
			line += " " + k.Key + " " + string(k.Before) + ">" + string(k.After)
		}
		lines = append(lines, line)
	}
	const want = `added displayName|changed Title type "Direct">"Constant" value null>"Staff" source "title">null|added |removed nickName`
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if list, err := Diff(nil, nil); err != nil || len(list) != 0 || list == nil {
		t.Errorf("nothing: %v, %v", list, err)
	}
	if _, err := Diff([]byte(`{`), nil); err == nil {
		t.Error("what is no JSON is compared")
	}
	for _, odd := range []string{`7`, `{"rules":7}`, `{"rules":[7,null]}`, `{"rules":[{"target":7}]}`} {
		if _, err := Diff([]byte(odd), []byte(before)); err != nil {
			t.Errorf("%s: %v", odd, err)
		}
	}
}
