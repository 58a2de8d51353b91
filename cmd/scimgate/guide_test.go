package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/azure"
	"scimgate/scim"
)

// guide is Appspace's guide for Azure, walked with the demo.
type guide struct {
	appspace
	dir string
}

const costCenter = scim.AppspaceUserURN + ":costCenter"

// publish puts rules in force that send name and e-mail, and costCenter as said.
func (g guide) publish(mapping string) {
	g.Helper()
	file := filepath.Join(g.dir, "rules.json")
	write(g.T, file, `{"rules":[
		{"target":"userName","type":"Direct","source":"userName"},
		{"target":"displayName","type":"Direct","source":"displayName"},
		{"target":"emails[type eq \"work\"].value","type":"Direct","source":"emails[type eq \"work\"].value"},
		{"target":"`+costCenter+`",`+mapping+`}]}`)
	g.ok([]string{"rules", "draft", "demo", file}, "in order")
	g.ok(words("rules publish demo --author Kim"), "in force")
}

// onDemand is Entra's "Provision on demand" for one user with this cost centre.
func (g guide) onDemand(value string, steps ...string) {
	g.Helper()
	g.ok([]string{
		"entra", "ondemand", "--url", g.tenantURL, "--token", g.token, "--user-name", userName(1), "--email", userName(1),
		"--display-name", "One", "--custom", "costCenter=" + value,
	}, steps...)
}

// setup is one of the texts for Azure.
func (g guide) setup(args ...string) string {
	g.Helper()
	return g.ok(append(words("azure-setup demo"), args...))
}

// The guide, literally: define costCenter, map it by Direct, then by Constant;
// provision on demand; the account holds the value, and the constant wins.
func TestCustomersGuide(t *testing.T) {
	g := guide{newAppspace(t), t.TempDir()}
	g.ok(words("attributes add demo costCenter --name Cost --description For"), "costCenter", "String", "VISIBLE")
	sheet := g.setup("--source", costCenter+"=extensionAttribute1")
	for _, row := range []string{g.tenantURL, "| `" + costCenter + "` | String |", "| Direct | `extensionAttribute1` | `" + costCenter + "` |"} {
		if !strings.Contains(sheet, row) {
			t.Errorf("no %s in the sheet\n%s", row, sheet)
		}
	}

	g.publish(`"type":"Direct","source":"` + costCenter + `"`)
	g.onDemand("4130", "The user is created")
	g.holds(userName(1), "costCenter", "4130")

	g.publish(`"type":"Constant","value":"HQ"`)
	g.holds(userName(1), "costCenter", "HQ") // without a word of Entra's
	g.onDemand("5000", "The user is changed")
	eventually(t, 5*time.Second, "nothing is due", func() bool {
		return strings.Contains(g.deliveries(), `"items":[]`)
	})
	g.holds(userName(1), "costCenter", "HQ")
	if got := custom(lookUp(t, g.tenantURL, g.token, userName(1)), "costCenter"); got != "5000" {
		t.Errorf("Entra reads back %v", got)
	}
	g.constantInAzure()
}

// deliveries is what is due, as the API says it.
func (g guide) deliveries() string {
	g.Helper()
	text, _ := json.Marshal(must(g.T, 200, "GET", g.environ["SCIMGATE_ADMIN_URL"]+"/api/v1/tenants/demo/deliveries", g.environ["SCIMGATE_ADMIN_KEY"], nil))
	return string(text)
}

// constantInAzure has Azure map the constant, as the guide does: the rules that
// are in force become mappings there, and what those say is what Entra sends.
func (g guide) constantInAzure() {
	g.Helper()
	exported := filepath.Join(g.dir, "schema.json")
	g.setup("--format", "schema", "--map-in", "azure", "--out", exported)
	var schema azure.Schema
	if err := json.Unmarshal([]byte(g.setup("--format", "schema", "--map-in", "azure")), &schema); err != nil {
		g.Fatal(err)
	}
	constant := ""
	for _, m := range schema.SynchronizationRules[0].ObjectMappings[0].AttributeMappings {
		if m.TargetAttributeName == costCenter && m.Source.Type == "Constant" {
			constant = m.Source.Name
		}
	}
	g.publish(`"type":"Direct","source":"` + costCenter + `"`)
	g.holds(userName(1), "costCenter", "5000")
	g.onDemand(constant)
	g.holds(userName(1), "costCenter", "HQ")

	before := g.ok(words("rules show demo"))
	g.ok([]string{"azure-setup", "import", "demo", exported}, `"Constant"`, "Azure goes on mapping")
	g.fails(words("rules show demo --draft"), "404")
	g.ok([]string{"azure-setup", "import", "demo", exported, "--apply"}, "are the draft")
	g.ok(words("rules show demo --draft"), `"HQ"`)
	if after := g.ok(words("rules show demo")); after != before {
		g.Errorf("an import has published\n%s", after)
	}
}
