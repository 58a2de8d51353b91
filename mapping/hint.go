package mapping

import (
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// entraNames are Entra's names of what it sends by its default mappings, and
// where that stands here: expressions are often brought over from Entra.
var entraNames = []struct{ entra, path string }{
	{"userPrincipalName", "userName"},
	{"givenName", "name.givenName"},
	{"surname", "name.familyName"},
	{"mail", `emails[type eq "work"].value`},
	{"mailNickname", "externalId"},
	{"jobTitle", "title"},
	{"mobile", `phoneNumbers[type eq "mobile"].value`},
	{"telephoneNumber", `phoneNumbers[type eq "work"].value`},
	{"facsimileTelephoneNumber", `phoneNumbers[type eq "fax"].value`},
	{"streetAddress", `addresses[type eq "work"].streetAddress`},
	{"postalCode", `addresses[type eq "work"].postalCode`},
	{"city", `addresses[type eq "work"].locality`},
	{"state", `addresses[type eq "work"].region`},
	{"country", `addresses[type eq "work"].country`},
	{"physicalDeliveryOfficeName", `addresses[type eq "other"].formatted`},
	{"employeeId", scim.EnterpriseUserURN + ":employeeNumber"},
	{"IsSoftDeleted", "active"},
}

// unknownHint helps with a path that names nothing we know.
func unknownHint(path string) string {
	for _, n := range entraNames {
		if value.SameName(n.entra, path) {
			return "what Entra calls " + n.entra + " stands here in " + n.path
		}
	}
	return "paths are those of SCIM, as listed at /Schemas"
}

// functionHint helps with the name of a function that we do not have.
func functionHint(name string) string {
	known := make([]string, len(functions))
	for i, f := range functions {
		if strings.EqualFold(f.Name, name) {
			return "names are case-sensitive: write " + f.Name
		}
		known[i] = f.Name
	}
	return "there are " + strings.Join(known, ", ")
}
