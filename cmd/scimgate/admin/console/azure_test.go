package console

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"scimgate/scim"
)

const deskURN = scim.AppspaceUserURN + ":desk"

// The steps hold the account's values, follow the choices, and can be kept.
func TestAzurePage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Support, Tenant: "acme"})
	page := b.get("/accounts/acme/azure")
	page.reads(t, "the steps", d.url+"/t/acme/identity/scim", `value="Appspace acme"`, "must be off in the account", deskURN, "userPrincipalName", "matches objects", "Enabled is No")
	if strings.Contains(page.text, "sg_") {
		t.Error("it holds a token")
	}
	d.must(d.Service.PutDraft(t.Context(), "acme", []byte(`{"rules":[]}`)))
	query := "chosen=yes&groups=yes&mapIn=azure&" + url.Values{"path": {"title", deskURN}, "attribute": {"jobTitle", "extensionAttribute7"}}.Encode()
	chosen := b.get("/accounts/acme/azure?" + query)
	chosen.reads(t, "chosen", "Enabled is Yes", `value="azure" checked`, `value="extensionAttribute7"`)
	if a := b.get("/accounts/acme/azure?path=nope&attribute=mail"); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, "nope") {
		t.Errorf("a source of nothing: %d", a.status)
	}
	link := regexp.MustCompile(`href="/console(/accounts/acme/azure/graph[^"]*)"`).FindStringSubmatch(chosen.text)
	file := b.get(html.UnescapeString(link[1]))
	if file.status != http.StatusOK || !strings.Contains(file.text, "parseExpression") || !strings.HasPrefix(file.header.Get("Content-Disposition"), "attachment; filename=acme-azure-setup.sh") {
		t.Errorf("%d %v %.200s", file.status, file.header, file.text)
	}
	for _, name := range azureFiles {
		if a := b.get("/accounts/acme/azure/" + name); a.status != http.StatusOK || len(a.text) < 500 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	if a := b.get("/accounts/acme/azure/bicep"); a.status != http.StatusNotFound {
		t.Errorf("bicep: %d", a.status)
	}
}

// export is a schema as Entra exports it, with one mapping that fits and one that
// does not.
func export(property string) string {
	target := scim.AppspaceUserURN + ":" + property
	return fmt.Sprintf(`{"directories": [{"name":"customappsso","objects":[{"name":"U","attributes":[{"name":%q,"type":"Integer"}]}]}],
		"synchronizationRules":[{"objectMappings":[{"enabled":true,"sourceObjectName":"User","targetObjectName":"U","attributeMappings":[
		{"targetAttributeName":"userName","matchingPriority":1,"source":{"type":"Attribute","name":"userPrincipalName"}},
		{"targetAttributeName":%q,"source":{"type":"Constant","name":"7"}},
		{"targetAttributeName":"nope","source":{"type":"Constant","name":"7"}}]}]}]}`, target, target)
}

// An export is looked at first, and kept when somebody says so.
func TestAzureImport(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	before := b.acme()
	looked := b.post("/accounts/acme/azure/import", url.Values{"export": {export("badge")}})
	looked.reads(t, "looked at", "What does not fit", "<code>nope</code>", "<code>badge</code> Integer", "Azure goes on mapping")
	if b.acme().Version != before.Version {
		t.Error("a look changed something")
	}
	again := regexp.MustCompile(`name="export" value="([^"]+)"`).FindStringSubmatch(looked.text)
	b.did("/accounts/acme/azure/import", url.Values{"export": {html.UnescapeString(again[1])}, "apply": {"yes"}}, "imported")
	if after := b.acme(); len(after.Attributes) != 2 || !strings.Contains(string(after.Draft), "badge") || string(after.Rules) != string(before.Rules) {
		t.Errorf("%v %s", after.Attributes, after.Draft)
	}
	b.says("/accounts/acme/azure/import", url.Values{"export": {"rubbish"}}, "not the JSON")
	if a := b.upload("/accounts/acme/azure/import", export("floor")); a.status != http.StatusOK || !strings.Contains(a.text, "<code>floor</code> Integer") {
		t.Errorf("a file: %d", a.status)
	}
	if a := b.upload("/accounts/acme/azure/import", strings.Repeat("x", maxForm)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a long file: %d", a.status)
	}
}

// upload sends a file by the form's field "file".
func (b *browser) upload(path, text string) answered {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "export.json")
	b.must(err)
	_, err = part.Write([]byte(text))
	b.must(err)
	b.must(form.Close())
	return b.transmit("POST", path, &body, map[string]string{"Content-Type": form.FormDataContentType()})
}
