package azure

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/tenant"
)

const (
	aps = scim.AppspaceUserURN + ":"
	ent = scim.EnterpriseUserURN + ":"
)

// attributes are the custom ones of the tests.
var attributes = []tenant.Attribute{
	{Property: "costCenter", Type: "String", Visibility: tenant.Visible},
	{Property: "badge", Type: "Integer", Required: true, Visibility: tenant.Visible},
}

func userType(custom []tenant.Attribute) *scim.ResourceType {
	var all []scim.CustomAttribute
	for _, a := range custom {
		all = append(all, scim.CustomAttribute{Property: a.Property, Type: a.Type, Required: a.Required})
	}
	return scim.Define(all).Type("User")
}

// setup makes the Setup of a tenant with these rules.
func setup(t *testing.T, rules string, edit func(*Input)) *Setup {
	t.Helper()
	in := Input{
		Tenant: "acme", Name: "Acme", TenantURL: "https://scim.example.com/t/acme/identity/scim",
		Type: userType(attributes), Attributes: attributes, MapIn: Azure,
	}
	if rules != "" {
		in.Rules = json.RawMessage(rules)
	}
	if edit != nil {
		edit(&in)
	}
	s, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mixed has every type of rule, and everything that Azure has a word for.
const mixed = `{"rules":[
	{"target":"userName","type":"Direct","source":"userName"},
	{"target":"active","type":"Direct","source":"active"},
	{"target":"displayName","type":"Expression","expression":"Join(\" \", ToUpper([name.familyName]), [name.givenName], \"[mail] \\\"x\\\"\")"},
	{"target":"title","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","default":"Staff"},
	{"target":"nickName","type":"Direct","sources":["name.givenName","displayName"],"apply":"OnCreate"},
	{"target":"name.formatted","type":"Direct","source":"name.formatted"},
	{"target":"emails[type eq \"work\"].value","type":"Direct","source":"emails[type eq \"work\"].value"},
	{"target":"addresses[type eq \"work\"].formatted","type":"Direct","source":"addresses[type eq \"work\"].formatted"},
	{"target":"preferredLanguage","type":"Constant","value":"en-GB"},
	{"target":"profileUrl","type":"Expression","expression":"IIF([active]=\"True\", \"https://x.example/a|b\", \"\")"},
	{"target":"roles","type":"Direct","source":"roles"},
	{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"},
	{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division","type":"None"},
	{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter"},
	{"target":"timezone","type":"Expression","expression":"Append([urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter], \"!\")"},
	{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Constant","value":701,"default":7}]}`

// What Azure is told comes back as the rules it was made of, and the attributes as
// those of the tenant.
func TestRoundTrip(t *testing.T) {
	starter := string(mapping.Starter(userType(attributes)))
	for name, rules := range map[string]string{"mixed": mixed, "starter": starter} {
		for _, sources := range []map[string]string{nil, {aps + "costcenter": "extensionAttribute3"}} {
			s := setup(t, rules, func(in *Input) { in.Sources = sources })
			back, err := Import([]byte(s.Schema().JSON()), nil)
			if err != nil {
				t.Fatal(err)
			}
			var want, got document
			mustRead(t, rules, &want)
			mustRead(t, string(back.Rules), &got)
			for i := range max(len(got.Rules), len(want.Rules)) {
				if i >= len(got.Rules) || i >= len(want.Rules) || !reflect.DeepEqual(got.Rules[i], want.Rules[i]) {
					t.Errorf("%s: rule %d of %d is\n%s\nwant\n%s", name, i, len(got.Rules), marshal(got.Rules[i:min(i+1, len(got.Rules))]), marshal(want.Rules[i:min(i+1, len(want.Rules))]))
				}
			}
			if !reflect.DeepEqual(back.Attributes, attributes) {
				t.Errorf("%s: attributes %+v", name, back.Attributes)
			}
			if len(back.Unfit) > 0 {
				t.Errorf("%s: does not fit: %+v", name, back.Unfit)
			}
			if sources != nil && back.Sources[aps+"costCenter"] != "extensionAttribute3" {
				t.Errorf("%s: sources %v", name, back.Sources)
			}
		}
	}
}

// Whatever is copied to wherever: the way to Azure and back changes nothing. Two
// SCIM paths that Azure feeds from one attribute cannot be told apart elsewhere, and
// what Azure joins of names that SCIM has too comes back as that expression.
func TestRoundTripOfEveryCopy(t *testing.T) {
	pairs := 0
	for _, to := range entries {
		for _, from := range entries {
			twin := from.path == "name.formatted" || from.attribute != "" && (pathOf(from.attribute) != from.path || from.attribute == to.attribute)
			rules := string(marshal(document{Rules: []rule{{Target: to.path, Type: "Direct", Source: from.path}}}))
			if _, err := mapping.Compile([]byte(rules), userType(nil)); err != nil || twin && to.path != from.path {
				continue
			}
			back, err := Import([]byte(setup(t, rules, nil).Schema().JSON()), attributes)
			if err != nil {
				t.Fatal(err)
			}
			var got document
			mustRead(t, string(back.Rules), &got)
			at := slices.IndexFunc(got.Rules, func(r rule) bool { return r.Target == to.path })
			if at < 0 || !slices.Equal(got.Rules[at].read(), []string{from.path}) || len(back.Unfit) > 0 {
				t.Errorf("%s from %s: %s %+v", to.path, from.path, back.Rules, back.Unfit)
			}
			pairs++
		}
	}
	if pairs < 200 {
		t.Errorf("only %d pairs", pairs)
	}
}

func mustRead(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

// find is the mapping to a target.
func (s *Setup) find(t *testing.T, target string) Mapping {
	t.Helper()
	at := slices.IndexFunc(s.Mappings, func(m Mapping) bool { return m.Target == target })
	if at < 0 {
		t.Fatalf("nothing is mapped to %s: %+v", target, s.Mappings)
	}
	return s.Mappings[at]
}

func TestRulesBecomeMappings(t *testing.T) {
	s := setup(t, mixed, nil)
	seven := "7"
	for _, want := range []Mapping{
		{Target: "userName", Type: "Direct", Source: "userPrincipalName", Matching: 1},
		{Target: "active", Type: "Expression", Expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
		{Target: "displayName", Type: "Expression", Expression: `Join(" ", ToUpper([surname]), [givenName], "[mail] \"x\"")`},
		{Target: "nickName", Type: "Expression", Expression: "Coalesce([givenName], [displayName])", OnCreate: true},
		{Target: ent + "manager", Type: "Direct", Source: "manager"},
		{Target: ent + "division", Type: "None"},
		{Target: aps + "costCenter", Type: "Direct", Source: "CHOOSE_costCenter"},
		{Target: aps + "badge", Type: "Constant", Constant: "701", Default: &seven},
	} {
		if got := s.find(t, want.Target); !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	if !slices.Equal(s.Choose, []Choice{{aps + "costCenter", "CHOOSE_costCenter"}}) || len(s.Notes) != 2 || !strings.Contains(s.Notes[0], "profileUrl calls IIF") || !strings.Contains(s.Notes[1], "twice") {
		t.Errorf("choose %v, notes %v", s.Choose, s.Notes)
	}
}

// With rules in force here, Azure sends what they read, and computes nothing that
// they compute.
func TestAzureFeedsTheRules(t *testing.T) {
	s := setup(t, `{"rules":[
		{"target":"displayName","type":"Expression","expression":"Join(\" \", [surname], [name.givenName], [urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter])"},
		{"target":"title","type":"Direct","source":"`+ent+`department"},
		{"target":"name","type":"Direct","source":"name"},
		{"target":"nickName","type":"Expression","expression":"Item([emails.value], 1)"},
		{"target":"locale","type":"Direct","sources":["locale","id"]},
		{"target":"`+aps+`badge","type":"Constant","value":1}]}`, func(in *Input) { in.MapIn = Gateway })
	var got []string
	for _, m := range s.Mappings {
		got = append(got, m.Target+"="+m.Source+m.Expression)
	}
	want := []string{
		"userName=userPrincipalName", `active=Switch([IsSoftDeleted], , "False", "True", "True", "False")`,
		`emails[type eq "work"].value=mail`, `emails[type eq "other"].value=proxyAddresses`,
		"name.givenName=givenName", "name.familyName=surname", `name.formatted=Join(" ", [givenName], [surname])`,
		"externalId=mailNickname", ent + "department=department",
		aps + "costCenter=CHOOSE_costCenter", "locale=CHOOSE_locale",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if targets := s.targets(); targets[0].Name != aps+"costCenter" || targets[1].Type != "Integer" || !targets[1].Required {
		t.Errorf("the attribute list begins with %+v", targets[:2])
	}
}

// What an import leaves to Azure, and tells as sources, is what Azure is told again.
func TestWhatStaysInAzure(t *testing.T) {
	imported, err := Import(readExport(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := setup(t, string(imported.Rules), func(in *Input) {
		in.MapIn, in.Sources, in.Attributes, in.Type = Gateway, imported.Sources, imported.Attributes, userType(imported.Attributes)
	})
	if len(s.Choose) > 0 {
		t.Errorf("to choose: %v", s.Choose)
	}
	for path, source := range imported.Sources {
		if m := s.find(t, path); m.Source+m.Expression != source {
			t.Errorf("%s is fed by %+v, want %s", path, m, source)
		}
	}
}

// What the engine refuses is refused before anything is made of it.
func TestNewRefuses(t *testing.T) {
	in := Input{Type: userType(nil), Rules: json.RawMessage(`{"rules":[{"target":"nope","type":"None"}]}`)}
	if _, err := New(in); err == nil {
		t.Error("rules with a fault are taken")
	}
	for path, source := range map[string]string{"nope": "mail", "title": "", "userName": "[mail]", "displayName": "Join(", "nickName": `"x"`} {
		in = Input{Type: userType(nil), Sources: map[string]string{path: source}}
		if _, err := New(in); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s=%s: %v", path, source, err)
		}
	}
}
