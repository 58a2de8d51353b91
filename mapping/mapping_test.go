package mapping

import (
	"testing"

	"scimgate/scim"
	"scimgate/scim/value"
)

// userType is the User type of a tenant with two custom attributes.
func userType() *scim.ResourceType {
	return scim.Define([]scim.CustomAttribute{
		{Property: "costCenter", DisplayName: "Cost centre", Type: "String"},
		{Property: "badge", DisplayName: "Badge", Type: "Integer"},
	}).Type("User")
}

// britta is the user of the tests: as Entra creates one, with a bit of everything.
const britta = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
	"id": "8d3f", "externalId": "bsimon", "userName": "B.Simon@contoso.com", "active": true,
	"name": {"formatted": "Britta Simon", "givenName": "Britta", "familyName": "Simon"},
	"displayName": "Britta Simon", "title": "Engineer",
	"emails": [
		{"type": "home", "value": "britta@home.example"},
		{"type": "work", "value": "b.simon@contoso.com", "primary": true}],
	"phoneNumbers": [{"type": "work", "value": "+49 555123"}, {"type": "mobile", "value": "+49 170"}],
	"addresses": [{"type": "work", "locality": "Berlin", "country": "DE"}],
	"groups": [{"value": "g1"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
		"department": "Research", "employeeNumber": "0042", "manager": {"value": "m1", "displayName": "Boss"}},
	"urn:ietf:params:scim:schemas:extension:appspace:2.0:User": {"badge": "701", "undefined": "x"}
}`

func object(tb testing.TB, text string) *value.Object {
	tb.Helper()
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil || v.Object() == nil {
		tb.Fatalf("not an object: %v: %s", err, text)
	}
	return v.Object()
}

func printed(o *value.Object) string { return string(value.Append(nil, value.Of(o))) }

func mustCompile(tb testing.TB, rules string) *Rules {
	tb.Helper()
	r, err := Compile([]byte(rules), userType())
	if err != nil {
		tb.Fatalf("Compile: %v", err)
	}
	return r
}

// project projects a user and returns the Projection as JSON, or the error.
func project(tb testing.TB, rules, user string, creating bool) string {
	tb.Helper()
	attributes := object(tb, user)
	before := printed(attributes)
	p, err := mustCompile(tb, rules).Project(attributes, creating)
	if after := printed(attributes); after != before {
		tb.Errorf("the resource was changed:\n%s\n%s", before, after)
	}
	if err != nil {
		return "error: " + err.Error()
	}
	return printed(p)
}

// sameJSON fails unless got is an object equal to want.
func sameJSON(tb testing.TB, got, want string) {
	tb.Helper()
	if len(got) == 0 || got[0] != '{' {
		tb.Fatalf("got %s\nwant %s", got, want)
	}
	if !value.Equal(value.Of(object(tb, got)), value.Of(object(tb, want))) {
		tb.Errorf("got  %s\nwant %s", got, want)
	}
}
