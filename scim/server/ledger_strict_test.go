package server_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

const (
	coreOnly   = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"b@x.example"`
	enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	appspace   = "urn:ietf:params:scim:schemas:extension:appspace:2.0:User"
	withBoth   = `"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","` + enterprise + `","` + appspace + `"],"userName":"b@x.example"`
	patchOp    = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`
)

func post(members string) string     { return "POST /Users\n\n{" + members + "}" }
func change(operation string) string { return "PATCH /Users/{{id:a}}\n\n" + patchOp + operation + "]}" }

// leniencies are all there are: a request that needs it, and what a strict tenant
// is answered, which is the RFC's error (design 6.1). Two are no errors by the RFC.
var leniencies = []struct {
	leniency scim.Leniency
	ask      string
	strict   string
}{
	{scim.BooleanAsString, post(coreOnly + `,"active":"True"`), "400 invalidValue"},
	{scim.NumberAsString, post(withBoth + `,"` + appspace + `":{"floor":"7"}`), "400 invalidValue"},
	{scim.ScalarAsString, post(coreOnly + `,"externalId":1`), "400 invalidValue"},
	{scim.WrappedValue, change(`{"op":"replace","path":"title","value":[{"value":"x"}]}`), "400 invalidValue"},
	{scim.BareValue, post(withBoth + `,"` + enterprise + `":{"manager":"42"}`), "400 invalidValue"},
	{scim.SingleAsList, post(coreOnly + `,"emails":{"value":"b@x.example"}`), "400 invalidValue"},
	{scim.EncodedValue, post(coreOnly + `,"roles":[{"value":"{\"id\":\"1\",\"value\":\"Admin\"}"}]`), "400 invalidValue"},
	{scim.SeveralPrimaries, post(coreOnly + `,"emails":[{"value":"a","primary":true},{"value":"b","primary":true}]`), "400 invalidValue"},
	{scim.MisplacedAttribute, post(coreOnly + `,"department":"Retail"`), "400 invalidSyntax"},
	{scim.UnknownAttribute, post(coreOnly + `,"shoeSize":9`), "400 invalidSyntax"},
	{scim.UndefinedAttribute, post(withBoth + `,"` + appspace + `":{"desk":"9"}`), "400 invalidSyntax"},
	{scim.UnknownSchema, post(strings.Replace(coreOnly, "]", `,"urn:example:x"]`, 1)), "400 invalidSyntax"},
	{scim.MissingSchema, post(`"userName":"b@x.example"`), "400 invalidSyntax"},
	{scim.UnquotedValue, "GET /Users?filter=externalId eq jyoung\n", "400 invalidFilter"},
	{server.MissingMediaType, strings.Replace(post(coreOnly), "\n", "\nContent-Type:\n", 1), "415"},
	{scim.OperationCase, change(`{"op":"Replace","path":"title","value":"x"}`), "400 invalidSyntax"},
	{scim.PathAsKey, change(`{"op":"replace","value":{"name.givenName":"A"}}`), "400 invalidPath"},
	{scim.EmptyPath, change(`{"op":"replace","path":"","value":{"title":"x"}}`), "400 invalidPath"},
	{scim.CreatedByFilter, change(`{"op":"replace","path":"emails[type eq \"work\"].value","value":"w@x.example"}`), "400 noTarget"},
	{scim.RemoveWithValue, change(`{"op":"remove","path":"phoneNumbers","value":[{"value":"1"}]}`), "400 invalidSyntax"},
	{scim.ReadOnlyIgnored, change(`{"op":"replace","value":{"id":"7","title":"x"}}`), "400 mutability"},
	{scim.UnresolvedMember, "POST /Groups\n\n" + `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G","members":[{"value":"nobody"}]}`, "400 invalidValue"},
	// By RFC 7644 §3.5.2.3 all elements that match are replaced.
	{scim.AmbiguousFilter, change(`{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"3"}`), "200\n\n" +
		`{"{{more}}":1,"phoneNumbers":[{"type":"work","value":"3"},{"type":"work","value":"3"}]}`},
	// Taken and dropped from everybody (design 6.10): writeOnly, RFC 7643 §4.1.1.
	{scim.PasswordDropped, post(coreOnly + `,"password":"t1meMa$heen"`), "201\n\n" + `{"{{more}}":1,"password":"{{absent}}"}`},
}

// Each leniency is counted where it is used, and is refused if the tenant is strict.
func TestEachLeniencyIsCountedOrRefused(t *testing.T) {
	store := stores(t)["sqlite"]
	for _, l := range leniencies {
		t.Run(string(l.leniency), func(t *testing.T) {
			for _, strict := range []bool{false, true} {
				counts := map[scim.Leniency]int{}
				account := newTenant()
				account.Attributes = []tenant.Attribute{{Property: "floor", Type: "Integer"}}
				account.Settings.Strict = strict
				p := &player{tenant: account, kept: map[string]string{}, handler: mounted(&server.Server{
					Store: store, Accounts: tenants{account.ID: account}, PublicURL: publicURL,
					Tolerated: func(_ tenant.ID, l scim.Leniency, _ string) { counts[l]++ },
				})}
				p.step(t, "by the book", post(`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@x.example",
					"phoneNumbers":[{"type":"work","value":"1"},{"type":"work","value":"2"}]`), "201\n\n"+`{"{{more}}":1,"id":"{{id:a}}"}`)
				if len(counts) != 0 {
					t.Fatalf("what is by the book was counted: %v", counts)
				}
				if strict {
					p.step(t, "strict", l.ask, l.strict)
				} else if answer := p.send(t, l.ask); answer.Code > 299 {
					t.Errorf("lenient: %d %s", answer.Code, answer.Body)
				}
				if counted := counts[l.leniency] > 0; counted == strict {
					t.Errorf("strict %t: counted %v", strict, counts)
				}
			}
		})
	}
}

// The table is whole: a leniency that is added is tried here too.
func TestNoLeniencyIsForgotten(t *testing.T) {
	tried := map[string]bool{}
	for _, l := range leniencies {
		tried[string(l.leniency)] = true
	}
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?\w+ (?:scim\.)?Leniency += "(\w+)"`)
	found := 0
	for _, pattern := range []string{"../*.go", "*.go", "../filter/*.go"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, match := range constant.FindAllStringSubmatch(string(text), -1) {
				found++
				if !tried[match[1]] {
					t.Errorf("%s: %s has no row in leniencies", file, match[1])
				}
			}
		}
	}
	if found < len(leniencies) {
		t.Errorf("only %d leniencies were found in the sources", found)
	}
}
