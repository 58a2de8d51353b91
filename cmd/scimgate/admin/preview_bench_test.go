package admin

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/value"
)

// typical are 25 rules, 10 of them expressions.
func typical(title string) string {
	rules := []string{fmt.Sprintf(`{"target":"title","type":"Expression","expression":"Switch([title], [title], \"Clerk\", \"%s\")"}`, title)}
	for _, path := range []string{"externalId", "active", "displayName", "name.givenName", "name.familyName", "nickName", "preferredLanguage", "locale", "timezone"} {
		rules = append(rules, fmt.Sprintf(`{"target":%q,"type":"Direct","source":%q}`, path, path))
	}
	for _, path := range []string{`emails[type eq \"work\"].value`, `phoneNumbers[type eq \"work\"].value`, `phoneNumbers[type eq \"mobile\"].value`} {
		rules = append(rules, fmt.Sprintf(`{"target":"%s","type":"Direct","source":"%s"}`, path, path))
	}
	for _, sub := range []string{"locality", "country", "postalCode"} {
		rules = append(rules, fmt.Sprintf(`{"target":"addresses[type eq \"work\"].%s","type":"Direct","source":"addresses[type eq \"work\"].%s"}`, sub, sub))
	}
	for i := range 9 {
		expression := `Join(\" \", ToLower(Left([name.givenName], 3)), Replace([userName], \"@example.com\", , , \"\", , ), Coalesce([nickName], [displayName]))`
		rules = append(rules, fmt.Sprintf(`{"target":"entitlements[type eq \"e%d\"].value","type":"Expression","expression":"%s"}`, i, expression))
	}
	return `{"rules":[` + strings.Join(rules, ",") + `]}`
}

// fullUser is a user as Entra creates one.
const fullUser = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"id%05[1]d","externalId":"x%05[1]d",
	"userName":"u%05[1]d@example.com","active":true,"name":{"formatted":"Ana %[1]d","givenName":"Ana","familyName":"No. %[1]d"},
	"displayName":"Ana %[1]d","title":%[2]q,"emails":[{"type":"work","value":"u%05[1]d@example.com","primary":true}],
	"phoneNumbers":[{"type":"work","value":"+49 555 %[1]d"},{"type":"mobile","value":"+49 170"}],
	"addresses":[{"type":"work","locality":"Berlin","country":"DE","postalCode":"10115"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Research","employeeNumber":"%[1]d","manager":{"value":"m1"}}}`

// staffOf hires n users as Entra creates them; every tenth is a clerk.
func (d *desk) staffOf(n int) {
	d.Helper()
	for i := range n {
		title := "Chef"
		if i%10 == 0 {
			title = "Clerk"
		}
		v, err := value.Parse(fmt.Appendf(nil, fullUser, i, title), value.DefaultLimits)
		d.must(err)
		d.must(d.Directory.Create(d.Context(), "acme", scim.NewResource("User", fmt.Sprintf("id%05d", i), v.Object()), nil))
	}
}

// BenchmarkPreview tries 25 rules, 10 of them expressions, on 10,000 users.
func BenchmarkPreview(b *testing.B) {
	const n = 10_000
	d := newDesk(b)
	d.acme()
	d.staffOf(n)
	d.api(204, "PUT", rulesPath+"/draft", typical("Clerk"))
	d.api(201, "POST", rulesPath+"/publish", `{}`)
	in := PreviewInput{Rules: json.RawMessage(typical("Staff"))}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := d.Preview(b.Context(), "acme", in, nil); err != nil || p.Changed != n/10 || p.Users != n {
			b.Fatalf("%+v, %v", p, err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "users/s")
}
