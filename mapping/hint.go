package mapping

import (
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// entraNames are Entra's names of what it sends by its default mappings, and
// where that stands here: expressions are often brought over from Entra. Those
// that Entra may send elsewhere, or turned round, are only hinted at.
var entraNames = []struct {
	entra, path string
	sure        bool
}{
	{"userPrincipalName", "userName", true},
	{"givenName", "name.givenName", true},
	{"surname", "name.familyName", true},
	{"mail", `emails[type eq "work"].value`, true},
	{"jobTitle", "title", true},
	{"mobile", `phoneNumbers[type eq "mobile"].value`, true},
	{"telephoneNumber", `phoneNumbers[type eq "work"].value`, true},
	{"facsimileTelephoneNumber", `phoneNumbers[type eq "fax"].value`, true},
	{"streetAddress", `addresses[type eq "work"].streetAddress`, true},
	{"postalCode", `addresses[type eq "work"].postalCode`, true},
	{"city", `addresses[type eq "work"].locality`, true},
	{"state", `addresses[type eq "work"].region`, true},
	{"country", `addresses[type eq "work"].country`, true},
	{"physicalDeliveryOfficeName", `addresses[type eq "other"].formatted`, true},
	{"employeeId", scim.EnterpriseUserURN + ":employeeNumber", true},
	{"mailNickname", "externalId", false},
	{"objectId", "externalId", false},
	{"proxyAddresses", `emails[type eq "other"].value`, false},
	{"appRoleAssignments", "roles.value", false},
	{"accountEnabled", "active", false},
	{"IsSoftDeleted", "active", false},
}

// entraPath is where what Entra calls name surely stands; "" if that is unknown.
func entraPath(name string) string {
	for _, n := range entraNames {
		if n.sure && value.SameName(n.entra, name) {
			return n.path
		}
	}
	return ""
}

// unknownHint helps with a path that names nothing we know.
func unknownHint(path string, t *scim.ResourceType) string {
	for _, n := range entraNames {
		if value.SameName(n.entra, path) {
			return "what Entra calls " + n.entra + " stands here in " + n.path
		}
	}
	var names []string
	for _, a := range t.Core.Attributes {
		names = append(names, a.Name)
	}
	for _, s := range t.Extensions {
		for _, a := range s.Attributes {
			names = append(names, s.ID+":"+a.Name)
		}
	}
	if near := nearest(path, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "paths are those of SCIM, as listed at /Schemas"
}

// missing says why there is no function called name, and what to do.
func missing(name string) (reason, hint string) {
	for _, d := range Differences() {
		if d.Refused && strings.EqualFold(d.Name, name) {
			return "the function " + d.Name + " is not available: " + d.Why, d.Instead
		}
	}
	known := make([]string, len(functions))
	for i, f := range functions {
		if known[i] = f.Name; strings.EqualFold(f.Name, name) {
			return "there is no function " + shorten(name), "names are case-sensitive: write " + f.Name
		}
	}
	if near := nearest(name, known); near != "" {
		return "there is no function " + shorten(name), "did you mean " + near + "?"
	}
	return "there is no function " + shorten(name), "there are " + strings.Join(known, ", ")
}

// nearest is the name that a mistyped one is likely to mean: at most a third of
// its letters away; "" if there is none.
func nearest(name string, names []string) string {
	best, least := "", max(len(name)/3, 1)+1
	if len(name) > 100 {
		return ""
	}
	for _, other := range names {
		last := other[strings.LastIndexByte(other, ':')+1:]
		if d := min(distance(value.Fold(name), value.Fold(other), least), distance(value.Fold(name), value.Fold(last), least)); d < least {
			best, least = other, d
		}
	}
	return best
}

// distance is Levenshtein's, where two letters that changed places count once;
// at most bound, where it need not be known exactly.
func distance(a, b string, bound int) int {
	if len(a)-len(b) >= bound || len(b)-len(a) >= bound {
		return bound
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+differ(a[i], b[j]))
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], bound)
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}
