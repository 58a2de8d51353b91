package mapping

import (
	"encoding/json"
	"slices"

	"scimgate/scim"
)

// starterRule is a rule of the starter set, as JSON has it.
type starterRule struct {
	Target string `json:"target"`
	Type   string `json:"type"`
	Source string `json:"source"`
}

// starterPaths are the targets of Entra's default mappings for a non-gallery app:
// those of Microsoft's table ("Develop and plan provisioning for a SCIM endpoint",
// default user attribute mapping) and those that its portal adds.
var starterPaths = []string{
	"userName",
	"active",
	"externalId",
	"displayName",
	"title",
	`emails[type eq "work"].value`,
	`emails[type eq "other"].value`,
	"preferredLanguage",
	"name.givenName",
	"name.familyName",
	"name.formatted",
	`addresses[type eq "other"].formatted`,
	`addresses[type eq "work"].formatted`,
	`addresses[type eq "work"].streetAddress`,
	`addresses[type eq "work"].locality`,
	`addresses[type eq "work"].region`,
	`addresses[type eq "work"].postalCode`,
	`addresses[type eq "work"].country`,
	`phoneNumbers[type eq "work"].value`,
	`phoneNumbers[type eq "mobile"].value`,
	`phoneNumbers[type eq "fax"].value`,
	scim.EnterpriseUserURN + ":employeeNumber",
	scim.EnterpriseUserURN + ":department",
	scim.EnterpriseUserURN + ":manager",
}

// Starter returns the rules that a tenant can begin with: Entra's own default
// mapping, which sends each attribute to its own name, then the tenant's custom
// attributes, as Appspace's guide for Azure has them mapped. Entra has computed
// active by its expression over IsSoftDeleted before it sends the user.
func Starter(t *scim.ResourceType) []byte {
	paths := slices.Clone(starterPaths)
	for _, s := range t.Extensions {
		for _, a := range s.Attributes {
			if s.ID == scim.AppspaceUserURN {
				paths = append(paths, s.ID+":"+a.Name)
			}
		}
	}
	rules := make([]starterRule, len(paths))
	for i, path := range paths {
		rules[i] = starterRule{Target: path, Type: "Direct", Source: path}
	}
	text, err := json.MarshalIndent(map[string]any{"rules": rules}, "", "  ")
	if err != nil {
		return nil // texts and booleans only: it cannot be
	}
	return text
}
