package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// Without a gateway: rules are linted where they are written.
func TestRulesOnThisMachine(t *testing.T) {
	dir := t.TempDir()
	s := shell{t, nil}
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, text)
		return path
	}
	good := file("good.yaml", "rules:\n- target: title\n  type: Constant\n  value: Staff\n  examples:\n  - input: {userName: a@x.io}\n    output: {title: Staff}\n")
	s.ok([]string{"rules", "lint", good}, "in order")
	s.ok([]string{"rules", "examples", good}, "holds", "rules[0] (title)", "examples[0]")
	bad := file("bad.yaml", "rules:\n- target: titel\n  type: None\n- target: title\n  type: Expression\n  expression: Trim([nam])\n")
	s.fails([]string{"rules", "lint", bad}, "bad.yaml:2:3: rules[0] (titel)", "did you mean title?", "bad.yaml:6:21: rules[1] (title), column 7")
	out, _, status := s.run("rules", "lint", bad, "--json")
	var told linted
	if err := json.Unmarshal([]byte(out), &told); err != nil || status != 1 || told.OK || len(told.Faults) != 2 || told.Faults[1].Line != 6 || told.Faults[1].LineColumn != 21 || told.Faults[1].Column != 7 {
		t.Errorf("%d %v: %s", status, err, out)
	}
	s.fails([]string{"rules", "lint", file("broken.json", "{\n \"rules\": [}")}, "broken.json:2:12", "not JSON")
	s.fails([]string{"rules", "lint", file("broken.yaml", "rules:\n- &a title")}, "line 2")
	s.fails([]string{"rules", "lint", filepath.Join(dir, "none.yaml")}, "no such file")
	wrong := file("wrong.json", `{"rules":[{"target":"title","type":"Constant","value":"Staff","examples":[{"input":{"userName":"a@x.io"},"output":{"title":"Chef"}}]}]}`)
	s.fails([]string{"rules", "lint", wrong}, `wanted "Chef", got "Staff"`)
	s.fails([]string{"rules", "examples", wrong}, "FAILS", `wanted "Chef", got "Staff"`)
	custom := file("custom.json", `{"rules":[{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:site","type":"Constant","value":"HQ"}]}`)
	s.fails([]string{"rules", "lint", custom}, "define the custom attribute first")
	s.ok([]string{"rules", "lint", custom, "--attributes", file("attributes.json", `{"items":[{"property":"site","type":"String"}]}`)}, "in order")
	s.ok([]string{"rules", "lint", custom, "--attributes", file("list.json", `[{"property":"site","type":"String"}]`)}, "in order")
	s.fails([]string{"rules", "lint", custom, "--attributes", file("odd.json", `[{"property":"site"}]`)}, "String or Integer")
	s.fails([]string{"rules", "lint", custom, "--attributes", good}, "attributes list --json")
	s.ok(words("rules functions"), "Append(source, suffix)", "Otherwise than in Entra", "DefaultDomain")
}

// rulesCommands goes on where version 3, after two changes of attributes, sets everybody's title to Staff.
func (s shell) rulesCommands(dir string) {
	s.Helper()
	rules := filepath.Join(dir, "rules.yaml")
	write(s.T, rules, "rules:\n- {target: title, type: Constant, value: Chief}\n- {target: nickName, type: None}\n")
	s.ok([]string{"rules", "draft", "acme", rules}, "in order")
	s.ok(words("rules diff acme"), "~ title", `value: "Staff" → "Chief"`, "+ nickName")
	s.ok(words("rules diff acme 0 3"), "+ title")
	s.ok(words("rules diff acme 3 current"), "Nothing differs")
	s.ok(words("rules preview acme"), "0 of 0 users would change, 0 would fail.")
	s.ok(words("rules preview acme --json"), `"changed":0`)
	s.fails(words("rules preview acme --user nobody"), "404")
	s.fails(words("rules explain acme nobody title"), "404")
	s.fails(words("rules publish acme --expected 7"), "version 3 of the rules is in force", "409")
	s.ok(words("rules publish acme --expected 3 --author Lou"), "Version 4")
	s.ok(words("rules history acme"), "Kim", "Lou")
	s.ok(words("rules history acme 3"), "Staff")
	s.fails(words("rules rollback acme one"), "no version")
	s.ok(words("rules rollback acme 3 --author Max"), "Version 5")
	s.ok(words("rules show acme"), "Staff")
	s.fails(words("rules discard acme"), "404")
	starter := filepath.Join(filepath.Dir(rules), "starter.json")
	write(s.T, starter, s.ok(words("rules starter acme"), `"target": "userName"`))
	s.ok([]string{"rules", "draft", "acme", starter}, "in order")
	s.ok(words("rules discard acme"), "gone")
}

// A user's way through preview and explain, printed for a person.
func TestPreviewAndExplainPrinted(t *testing.T) {
	dir := t.TempDir()
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
	}, keys(t, dir)...)...)
	s := shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}}
	s.ok(words("tenant create acme"))
	minted := s.ok(words("token create acme"))
	url, token := field(t, minted, "Tenant URL"), field(t, minted, "Secret Token")
	s.ok([]string{"entra", "ondemand", "--url", url, "--token", token, "--user-name", userName(1), "--display-name", "One"})
	s.ok([]string{"entra", "ondemand", "--url", url, "--token", token, "--user-name", "nameless", "--display-name", "Two"})
	rules := filepath.Join(dir, "rules.yaml")
	write(t, rules, "rules:\n- {target: displayName, type: Expression, expression: 'Append([displayName], \"!\")'}\n")
	printed, progress, status := s.run("rules", "preview", "acme", "--file", rules, "--progress")
	for _, w := range []string{"1 of 2 users would change, ", userName(1), `* displayName: "One" → "One!"`} {
		if !strings.Contains(printed, w) || status != 0 {
			t.Errorf("no %q in\n%s", w, printed)
		}
	}
	if !strings.Contains(progress, "2 of 2 users: ") {
		t.Errorf("progress: %s", progress)
	}
	s.ok([]string{"rules", "preview", "acme", "--file", rules, "--user", userName(1)}, "    active: true")
	s.ok([]string{"rules", "explain", "acme", userName(1), "displayName", "--file", rules},
		`displayName: "One!" (rules[0], Expression; set)`, `Append → "One!"`, `[displayName] → "One"`)
	s.ok([]string{"rules", "explain", "acme", userName(1), "title"}, "title: null")
}
