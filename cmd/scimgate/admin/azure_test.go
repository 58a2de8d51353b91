package admin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"scimgate/scim"
)

func TestAzureSetupOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants/acme/tokens", `{}`)
	d.api(201, "POST", "/tenants/acme/attributes", `{"property":"site","type":"String"}`)
	for format, want := range map[string]string{
		"":                 "SCIM - Azure Setup",
		"format=sheet":     "SCIM - Azure Setup",
		"format=graph":     "parseExpression",
		"format=terraform": "azuread_synchronization_job",
		"format=schema":    `"synchronizationRules"`,
		"groups=true":      "set **Enabled** to **Yes**",
		"mapIn=azure":      "userPrincipalName",
		"format=schema&source=" + url.QueryEscape(scim.AppspaceUserURN+":site=extensionAttribute3") + "&source=title%3DcompanyName": "[extensionAttribute3]",
	} {
		got := d.api(200, "GET", "/tenants/acme/azure-setup?"+format, "")
		text := got["text"].(string)
		if !strings.Contains(text, want) || !strings.Contains(text, "userName") && format != "format=terraform" || got["fileName"] == "" {
			t.Errorf("%s: no %q in\n%s", format, want, text)
		}
		if strings.Contains(text, "sg_") {
			t.Errorf("%s holds a token:\n%s", format, text)
		}
	}
	if got := d.api(200, "GET", "/tenants/acme/azure-setup", ""); fmt.Sprint(got["choose"]) != "[map[name:CHOOSE_site path:"+scim.AppspaceUserURN+":site]]" {
		t.Errorf("to choose: %v", got["choose"])
	}
	d.refused(422, "GET", "/tenants/acme/azure-setup?format=bicep", "", "format")
	d.refused(422, "GET", "/tenants/acme/azure-setup?source=title", "", "PATH=ATTRIBUTE")
	d.refused(422, "GET", "/tenants/acme/azure-setup?source=nope%3Dmail", "", "nope")
	d.refused(404, "GET", "/tenants/globex/azure-setup", "", "no such")
}

// An import defines attributes and keeps a draft, both or neither, and publishes
// nothing.
func TestImportAzureOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	target := scim.AppspaceUserURN + ":badge"
	export := fmt.Sprintf(`{"directories":[{"name":"customappsso","objects":[{"name":"U","attributes":[{"name":%q,"type":"Integer"}]}]}],
		"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"User","targetObjectName":"U","attributeMappings":[
		{"targetAttributeName":"userName","matchingPriority":1,"source":{"type":"Attribute","name":"userPrincipalName"}},
		{"targetAttributeName":%q,"source":{"type":"Constant","name":"7"}},
		{"targetAttributeName":"nope","source":{"type":"Constant","name":"7"}}]}]}]}`, target, target)
	before := d.stored()
	got := d.api(200, "POST", "/tenants/acme/azure-setup/import", export)
	if got["applied"] != false || len(got["attributes"].([]any)) != 1 || len(got["unfit"].([]any)) != 1 || d.stored().Version != before.Version {
		t.Errorf("tried: %v", got)
	}
	got = d.api(200, "POST", "/tenants/acme/azure-setup/import?apply=true", export)
	after := d.stored()
	if got["applied"] != true || len(after.Attributes) != 1 || after.Attributes[0].Type != "Integer" || after.Rules != nil {
		t.Errorf("applied: %v, stored %+v", got, after)
	}
	if after.Version != before.Version+1 || len(after.Connections[0].Resync) != len(before.Connections[0].Resync)+1 {
		t.Errorf("not one change with a resync: %+v", after)
	}
	draft, err := json.Marshal(d.api(200, "GET", "/tenants/acme/rules/draft", "")["rules"])
	if err != nil || !strings.Contains(string(draft), `"value":7`) {
		t.Errorf("the draft is %s", draft)
	}
	d.api(200, "POST", "/tenants/acme/azure-setup/import?apply=true", export)
	if again := d.stored(); len(again.Attributes) != 1 || len(again.Connections[0].Resync) != len(after.Connections[0].Resync) {
		t.Errorf("again: %+v", again)
	}
	for _, bad := range []string{`{}`, `[]`, `7`, `{"synchronizationRules":[]}`} {
		d.refused(422, "POST", "/tenants/acme/azure-setup/import?apply=true", bad, "schema")
	}
	d.refused(404, "POST", "/tenants/globex/azure-setup/import", export, "no such")
}
