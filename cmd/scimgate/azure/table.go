package azure

import (
	"strings"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// entry is where an attribute of Azure stands in SCIM, by the mappings that Entra
// makes for an application that is in no gallery ("Develop and plan provisioning for
// a SCIM endpoint", default user attribute mapping, and the portal's own additions).
type entry struct {
	path       string // SCIM
	attribute  string // of Azure; "" where an expression makes the value
	expression string // in Azure's attributes
}

// entries are in the order in which the portal shows them. Of two with the same
// attribute the first one is where it stands.
var entries = []entry{
	{path: "userName", attribute: "userPrincipalName"},
	{path: "active", expression: `Switch([IsSoftDeleted], , "False", "True", "True", "False")`},
	{path: "displayName", attribute: "displayName"},
	{path: "title", attribute: "jobTitle"},
	{path: `emails[type eq "work"].value`, attribute: "mail"},
	{path: `emails[type eq "other"].value`, attribute: "proxyAddresses"},
	{path: "preferredLanguage", attribute: "preferredLanguage"},
	{path: "name.givenName", attribute: "givenName"},
	{path: "name.familyName", attribute: "surname"},
	{path: "name.formatted", expression: `Join(" ", [givenName], [surname])`},
	{path: `addresses[type eq "other"].formatted`, attribute: "physicalDeliveryOfficeName"},
	{path: `addresses[type eq "work"].formatted`, attribute: "physicalDeliveryOfficeName"},
	{path: `addresses[type eq "work"].streetAddress`, attribute: "streetAddress"},
	{path: `addresses[type eq "work"].locality`, attribute: "city"},
	{path: `addresses[type eq "work"].region`, attribute: "state"},
	{path: `addresses[type eq "work"].postalCode`, attribute: "postalCode"},
	{path: `addresses[type eq "work"].country`, attribute: "country"},
	{path: `phoneNumbers[type eq "work"].value`, attribute: "telephoneNumber"},
	{path: `phoneNumbers[type eq "mobile"].value`, attribute: "mobile"},
	{path: `phoneNumbers[type eq "fax"].value`, attribute: "facsimileTelephoneNumber"},
	{path: "externalId", attribute: "mailNickname"},
	{path: scim.EnterpriseUserURN + ":employeeNumber", attribute: "employeeId"},
	{path: scim.EnterpriseUserURN + ":department", attribute: "department"},
	{path: managerPath, attribute: "manager"},
	{path: "roles", expression: "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"},
}

const managerPath = scim.EnterpriseUserURN + ":manager"

// base are the mappings without which no user comes about: they are made whatever
// the rules read.
var base = []string{"userName", "active", `emails[type eq "work"].value`, "externalId"}

// customPrefix is what the names of custom attributes begin with in Azure.
const customPrefix = scim.AppspaceUserURN + ":"

// entryOf finds the entry of a SCIM path, or nil.
func entryOf(path string) *entry {
	for i := range entries {
		if value.Fold(entries[i].path) == value.Fold(path) {
			return &entries[i]
		}
	}
	return nil
}

// pathOf is where an attribute of Azure stands in SCIM; "" if it has no place.
func pathOf(attribute string) string {
	for _, e := range entries {
		if e.attribute != "" && strings.EqualFold(e.attribute, attribute) {
			return e.path
		}
	}
	return ""
}

// spell is the spelling of a path that all which mean the same share: as the
// schemas have it, and the manager without the sub-attribute that is his id. A
// path that names nothing is left as it is.
func spell(text string, t *scim.ResourceType) string {
	path, bound := bind(text, t)
	if !bound {
		return text
	}
	if path.Name == "manager" && path.Sub == "value" {
		path.Sub = ""
	}
	return path.String()
}

func bind(text string, t *scim.ResourceType) (filter.Path, bool) {
	path, err := filter.ParsePath(text)
	if err != nil {
		return path, false
	}
	path, err = filter.BindPath(path, t, filter.Present)
	return path, err == nil
}

// typeOf is the type of what stands at a path; String where nothing is defined.
func typeOf(text string, t *scim.ResourceType) scim.Type {
	path, bound := bind(text, t)
	a := t.Attribute(path.URN, path.Name)
	if !bound || a == nil {
		return scim.String
	}
	if sub := a.Sub(path.Sub); sub != nil {
		a = sub
	}
	return a.Type
}

// isCustom reports whether a path is that of a custom attribute.
func isCustom(path string) bool {
	return len(path) > len(customPrefix) && value.SameName(path[:len(customPrefix)], customPrefix)
}
