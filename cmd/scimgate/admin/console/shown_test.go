package console

import (
	"strings"
	"testing"

	"scimgate/mapping"
	"scimgate/scim/value"
)

// Beside what the account gets stands which rule made it.
func TestMakers(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	raw := `{"userName":"ana@example.com","title":"Clerk","name":{"givenName":"Ana"},"nickName":"An","emails":[{"type":"work","value":"ana@example.com"},{"value":"x@example.com"}],` +
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Sales"},"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"desk":"7","unknown":"x"}}`
	parsed, err := value.Parse([]byte(raw), value.DefaultLimits)
	d.must(err)
	v := visit{tenant: d.as(&person{Role: Operator}).acme()}
	rules, err := mapping.Compile([]byte(`{"rules":[{"target":"userName","type":"Direct","source":"userName"},{"target":"title","type":"Constant","value":"x"},`+
		`{"target":"emails[type eq \"work\"].value","type":"Direct","source":"userName"},{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","type":"Constant","value":"x"},`+
		`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:desk","type":"Expression","expression":"ToUpper([displayName])"}]}`), v.userType().t)
	d.must(err)
	rows := compare([]byte(raw), nil)
	tellMakers(rows, rules, parsed.Object())
	made := map[string]int{}
	for _, row := range rows {
		if row.Made != nil {
			made[row.Path] = row.Made.Rule
		} else if row.Path != "appspace.unknown" {
			t.Errorf("%s (%s): nothing is known", row.Path, row.target)
		}
	}
	want := map[string]int{"userName": 0, "title": 1, "emails[work].value": 2, "emails[2].value": -1, "enterprise.department": 3, "appspace.desk": 4, "name.givenName": -1, "nickName": -1}
	for path, rule := range want {
		if got, ok := made[path]; !ok || got != rule {
			t.Errorf("%s: rule %d, want %d", path, got, rule)
		}
	}
	page := d.as(&person{Role: Support, Tenant: "acme"}).get("/accounts/acme/users/u1")
	page.reads(t, "her page", `<a href="/console/accounts/acme/mapping/explain?user=u1&amp;target=title">rule 0 · Constant</a>`, "no rule")
	if strings.Count(page.text, "Made by") < 3 {
		t.Error("no column")
	}
}
