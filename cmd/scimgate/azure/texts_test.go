package azure

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"scimgate/tenant"
)

// hostile is a tenant whose names try to get out of where they stand.
func hostile(in *Input) {
	in.Name = "A'cme \"|`${x}`\n$(touch /tmp/x) %{if}"
	in.Attributes = slices.Clone(attributes)
	in.Attributes[0].DisplayName = "a|b\n<b>"
}

func TestSheet(t *testing.T) {
	sheet := setup(t, mixed, func(in *Input) { in.Groups = true }).Sheet()
	last := 0
	for _, want := range []string{ // in the order of the guide
		"Adding an application to support SCIM in Azure",
		"https://scim.example.com/t/acme/identity/scim", "scimgate token create acme", "Test Connection",
		"Provision Azure Active Directory Users", "Target Object Actions", "Edit attribute list for customappsso",
		"| `" + aps + "costCenter` | String | no | no | no | no |", "| `" + aps + "badge` | Integer | no | yes | no | no |",
		"Add New Mapping",
		"| Direct | `userPrincipalName` | `userName` |  | Yes, precedence 1 | Always |",
		"| Direct | `department` | `title` | `Staff` | No | Always |",
		"| Expression | `Coalesce([givenName], [displayName])` | `nickName` |  | No | Only during object creation |",
		"| Constant | `en-GB` | `preferredLanguage` |",
		"https://x.example/a\\|b",
		"| None |  | `" + ent + "division` |",
		"| Constant | `701` | `" + aps + "badge` | `7` |",
		"To overwrite the value of the Azure profile, the mapping type is **Constant**",
		"Enabled** to **Yes**", "Assigning the user to the Application", "## Provisioning", "Provision on demand",
	} {
		at := strings.Index(sheet[last:], want)
		if at < 0 {
			t.Fatalf("no %q behind\n%s", want, sheet[:last])
		}
		last += at
	}
	for line := range strings.Lines(setup(t, "", hostile).Sheet()) {
		if strings.HasPrefix(line, "| ") && strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") != 7 && !strings.Contains(line, "Attribute") {
			t.Errorf("a row with other columns: %s", line)
		}
	}
}

func TestTerraform(t *testing.T) {
	text := setup(t, "", hostile).Terraform()
	for _, want := range []string{
		`resource "azuread_application_from_template" "scimgate_acme"`, `resource "azuread_synchronization_secret"`,
		`resource "azuread_synchronization_job"`, `template_id          = "scim"`, `key   = "SecretToken"`,
		`value = var.scimgate_acme_secret_token`, `value = "https://scim.example.com/t/acme/identity/scim"`,
		"display_name = \"A'cme \\\"|`$${x}`\\n$(touch /tmp/x) %%{if}\"",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) { // the name has not ended its comment
		if strings.HasPrefix(line, "$(") {
			t.Errorf("a line of its own: %s", line)
		}
	}
}

// graph plays the part of Microsoft Graph that the script speaks to.
type graph struct {
	mu     sync.Mutex
	schema map[string]any
	calls  []string
	bodies map[string]string
	tokens []string
}

func (g *graph) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	call := r.Method + " " + r.URL.Path
	g.calls = append(g.calls, call)
	g.bodies[call] = string(body)
	g.tokens = append(g.tokens, r.Header.Get("Authorization"))
	const sync = "/servicePrincipals/sp-7/synchronization"
	switch call {
	case "POST /applicationTemplates/8adf8e6e-67b2-4cf2-a259-e3dc5476c621/instantiate":
		_, _ = w.Write([]byte(`{"servicePrincipal":{"id":"sp-7"}}`))
	case "GET /servicePrincipals/sp-7":
		_, _ = w.Write([]byte(`{}`))
	case "GET " + sync + "/jobs":
		_, _ = w.Write([]byte(`{"value":[{"id":"customappsso.1","templateId":"customappsso"}]}`))
	case "POST " + sync + "/jobs":
		_, _ = w.Write([]byte(`{"id":"scim.1.2","templateId":"scim"}`))
	case "GET " + sync + "/jobs/scim.1.2/schema":
		_ = json.NewEncoder(w).Encode(g.schema)
	case "PUT " + sync + "/jobs/scim.1.2/schema":
		_ = json.Unmarshal(body, &g.schema)
		w.WriteHeader(http.StatusNoContent)
	case "POST " + sync + "/jobs/scim.1.2/schema/parseExpression":
		var in struct{ Expression string }
		_ = json.Unmarshal(body, &in)
		_ = json.NewEncoder(w).Encode(map[string]any{"parsingSucceeded": in.Expression != "", "parsedExpression": map[string]any{
			"type": "Function", "name": function(in.Expression), "expression": in.Expression,
			"parameters": []any{map[string]any{"key": "source", "value": map[string]any{"type": "Attribute", "name": "parsed"}}},
		}})
	case "POST " + sync + "/jobs/scim.1.2/validateCredentials", "PUT " + sync + "/secrets":
		w.WriteHeader(http.StatusNoContent)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// run runs a script in bash with these variables.
func runScript(t *testing.T, script string, environ ...string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "setup.sh")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", file)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, environ...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// The script makes an application, tests and saves the credentials, and puts list
// and mappings into the job's own schema, of which all else stays. Run again, it
// changes nothing.
func TestScript(t *testing.T) {
	s := setup(t, mixed, hostile)
	if _, err := exec.LookPath("jq"); err != nil {
		t.Log("no jq on this machine: the script is read, and not run")
		return
	}
	g := &graph{bodies: map[string]string{}}
	mustRead(t, string(readExport(t)), &g.schema)
	server := httptest.NewServer(g)
	defer server.Close()
	environ := []string{"GRAPH=" + server.URL, "GRAPH_TOKEN=gr4ph", "SCIM_TOKEN=s3cret\"'", "SERVICE_PRINCIPAL_ID=new"}
	if out, err := runScript(t, s.Script(), environ...); err == nil || !strings.Contains(out, "CHOOSE_costCenter") || len(g.calls) > 0 {
		t.Fatalf("without a choice: %v, %v\n%s", err, g.calls, out)
	}
	environ = append(environ, "CHOOSE_costCenter=extensionAttribute9")
	out, err := runScript(t, s.Script(), environ...)
	if err != nil {
		t.Fatalf("%v\n%s\n%v", err, out, g.calls)
	}
	if strings.Contains(out, "s3cret") || !strings.Contains(out, "scim.1.2/start") {
		t.Errorf("it says\n%s", out)
	}
	if at := slices.IndexFunc(g.tokens, func(token string) bool { return token != "Bearer gr4ph" }); at >= 0 {
		t.Errorf("call %s with %q", g.calls[at], g.tokens[at])
	}
	var secrets struct{ Value []struct{ Key, Value string } }
	mustRead(t, g.bodies["PUT /servicePrincipals/sp-7/synchronization/secrets"], &secrets)
	if len(secrets.Value) != 2 || secrets.Value[0].Value != s.TenantURL || secrets.Value[1].Value != "s3cret\"'" {
		t.Errorf("credentials %+v", secrets)
	}
	g.applied(t, s)
	once := marshal(g.schema)
	if out, err := runScript(t, s.Script(), append(environ[:3:3], "SERVICE_PRINCIPAL_ID=sp-7", environ[4])...); err != nil || !bytes.Equal(once, marshal(g.schema)) {
		t.Errorf("again: %v\n%s", err, out)
	}
}

// applied requires that Graph holds what the Setup says, and what it held before.
func (g *graph) applied(t *testing.T, s *Setup) {
	t.Helper()
	text := marshal(g.schema)
	var after Schema
	mustRead(t, string(text), &after)
	if !bytes.Contains(text, []byte(`"supportsProvisionOnDemand"`)) || !bytes.Contains(text, []byte(`"id":"r1"`)) {
		t.Errorf("the job's own is lost: %s", text)
	}
	groups, users := after.SynchronizationRules[0].ObjectMappings[0], after.SynchronizationRules[0].ObjectMappings[1]
	if groups.Enabled || len(groups.AttributeMappings) != 3 {
		t.Errorf("groups: %+v", groups)
	}
	for _, m := range s.Schema().SynchronizationRules[0].ObjectMappings[0].AttributeMappings {
		at := slices.IndexFunc(users.AttributeMappings, func(have AttributeMapping) bool { return have.TargetAttributeName == m.TargetAttributeName })
		if at < 0 {
			t.Fatalf("nothing is mapped to %s", m.TargetAttributeName)
		}
		got, want := users.AttributeMappings[at].Source.text(), strings.ReplaceAll(m.Source.text(), "CHOOSE_costCenter", "extensionAttribute9")
		if got != want {
			t.Errorf("%s is %s, want %s", m.TargetAttributeName, got, want)
		}
		if src := users.AttributeMappings[at].Source; src != nil && src.Type == "Function" && (len(src.Parameters) != 1 || src.Parameters[0].Value.Name != "parsed") {
			t.Errorf("%s was not parsed by Graph: %+v", m.TargetAttributeName, src)
		}
	}
	if kept := slices.IndexFunc(users.AttributeMappings, func(m AttributeMapping) bool { return strings.HasSuffix(m.TargetAttributeName, ":site") }); kept < 0 {
		t.Error("a mapping of another target is lost")
	}
	var names []string
	for _, a := range after.Directories[1].Objects[0].Attributes {
		names = append(names, a.Name)
	}
	if !slices.Contains(names, aps+"costCenter") || !slices.Contains(names, "id") || len(names) != len(slices.Compact(slices.Sorted(slices.Values(names)))) {
		t.Errorf("the attribute list is %v", names)
	}
}

// None of the texts holds a token, whatever the tenant is called.
func TestTextsOfATenantWithoutAnything(t *testing.T) {
	s := setup(t, "", func(in *Input) { in.Attributes, in.Type, in.MapIn = []tenant.Attribute{}, userType(nil), Gateway })
	if len(s.Choose) > 0 || len(s.Mappings) != len(entries)-1 { // roles are not in the starter set
		t.Errorf("%d mappings, to choose %v", len(s.Mappings), s.Choose)
	}
	for _, text := range []string{s.Script(), s.Terraform(), s.Sheet(), s.Schema().JSON()} {
		if text == "" || strings.Contains(text, "CHOOSE_c") || strings.Contains(text, "<no value>") {
			t.Errorf("a text is\n%s", text)
		}
	}
}
