package mapping

import (
	"fmt"
	"strings"
	"testing"
)

// typicalRules are 25 rules as a tenant has them: the attributes of Entra's
// default mappings, some of them by expression.
var typicalRules = `{"rules":[` + strings.Join([]string{
	`{"target":"externalId","type":"Direct","source":"externalId"}`,
	`{"target":"active","type":"Direct","source":"active"}`,
	`{"target":"displayName","type":"Expression","expression":"Coalesce([displayName], Join(\" \", [name.givenName], [name.familyName]), [userName])"}`,
	`{"target":"name.givenName","type":"Direct","source":"name.givenName"}`,
	`{"target":"name.familyName","type":"Direct","source":"name.familyName"}`,
	`{"target":"name.formatted","type":"Expression","expression":"Join(\", \", [name.familyName], [name.givenName])"}`,
	`{"target":"userName","type":"Expression","expression":"ToLower([userName])"}`,
	`{"target":"title","type":"Direct","source":"title","default":"Staff"}`,
	`{"target":"nickName","type":"Direct","source":"nickName"}`,
	`{"target":"locale","type":"Constant","value":"en-US","apply":"OnCreate"}`,
	`{"target":"timezone","type":"Constant","value":"Europe/Berlin"}`,
	`{"target":"preferredLanguage","type":"Expression","expression":"Switch([addresses[type eq \"work\"].country], \"en\", \"DE\", \"de\", \"FR\", \"fr\")"}`,
	`{"target":"emails[type eq \"work\"].value","type":"Direct","source":"emails[type eq \"work\"].value"}`,
	`{"target":"emails[type eq \"home\"].value","type":"Direct","source":"emails[type eq \"home\"].value"}`,
	`{"target":"phoneNumbers[type eq \"work\"].value","type":"Expression","expression":"Replace([phoneNumbers[type eq \"work\"].value], \" \", , , \"\", , )"}`,
	`{"target":"phoneNumbers[type eq \"mobile\"].value","type":"Direct","source":"phoneNumbers[type eq \"mobile\"].value"}`,
	`{"target":"addresses[type eq \"work\"].locality","type":"Direct","source":"addresses[type eq \"work\"].locality"}`,
	`{"target":"addresses[type eq \"work\"].country","type":"Direct","source":"addresses[type eq \"work\"].country"}`,
	`{"target":"addresses[type eq \"work\"].postalCode","type":"Direct","source":"addresses[type eq \"work\"].postalCode"}`,
	`{"target":"addresses[type eq \"work\"].streetAddress","type":"Direct","source":"addresses[type eq \"work\"].streetAddress"}`,
	`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"}`,
	`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","type":"Expression","expression":"Left([urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber], 8)"}`,
	`{"target":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"}`,
	`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge","type":"Direct","source":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge"}`,
	`{"target":"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter","type":"Expression","expression":"IIF([title]=\"Engineer\", \"R-\", \"S-\")"}`,
}, ",") + `]}`

func BenchmarkProject(b *testing.B) {
	for name, rules := range map[string]string{"25 rules": typicalRules, "no rules": ``} {
		r, attributes := mustCompile(b, rules), object(b, britta)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Project(attributes, true); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	t := userType()
	for name, rules := range map[string]string{"25 rules": typicalRules, "100 rules": hundredRules()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Compile([]byte(rules), t); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// hundredRules are typicalRules four times over, at elements of types of their own.
func hundredRules() string {
	rules := strings.TrimSuffix(typicalRules, "]}")
	for i := range 75 {
		expression := `Join(\" \", ToLower(Left([name.givenName], 3)), Replace([userName], , \"@.*$\", , \"\", , ))`
		rules += fmt.Sprintf(`,{"target":"entitlements[type eq \"e%d\"].value","type":"Expression","expression":"%s"}`, i, expression)
	}
	return rules + "]}"
}
