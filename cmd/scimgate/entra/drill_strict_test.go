package entra

import (
	"slices"
	"strings"
	"testing"

	"scimgate/tenant"
)

// redIfStrict are the rows that need a leniency, by area and the beginning of their
// names: these and no others go red when a tenant switches the leniencies off.
// "" is every row of the area.
var redIfStrict = map[string][]string{
	"queries": {"a value without quotation marks", "whether somebody is the manager"}, // manager without its URN
	"create": {
		"null is no value", "schemas with a slip", "an extension whose URN is not in schemas", `active as the text "True"`,
		"the manager as a bare id",
	},
	"patch-old": {""}, // all of it begins with a capital
	"patch-new": {
		"no path: dotted names and URNs as keys", "the work e-mail is made if it is not there", "the manager as an id",
		"the primary e-mail, and primary as a text",
	},
	"okta": {"sends the id along"},
}

func TestDrillOfAStrictTenant(t *testing.T) {
	g := newGround(t, tenant.Settings{Strict: true})
	for _, row := range drilled(t, t.Context(), g, users()...).Rows {
		red := slices.ContainsFunc(redIfStrict[row.Area], func(name string) bool { return strings.HasPrefix(row.Name, name) })
		if row.OK == red {
			t.Errorf("%s: %s: red is %t, want %t: %s", row.Area, row.Name, !row.OK, red, row.Reason)
		}
	}
	g.writesOnlyItsOwn(t)
}
