package server

import (
	"slices"
	"sync"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// served names the resource types that have routes.
var served = []string{"User", "Group"}

// definitionsByTenant keeps what each tenant's service defines, made once per
// change of its custom attributes. The zero value is ready.
type definitionsByTenant struct {
	kept sync.Map // tenant.ID → kept
}

type kept struct {
	created     time.Time // of the tenant: a slug may be deleted and taken again
	rev         uint64
	definitions *scim.Definitions
}

// plainDefinitions serve all tenants without attributes of their own.
var plainDefinitions = sync.OnceValue(func() *scim.Definitions { return scim.Define(nil) })

func (d *definitionsByTenant) of(t *tenant.Tenant) *scim.Definitions {
	if len(t.Attributes) == 0 {
		return plainDefinitions()
	}
	if found, ok := d.kept.Load(t.ID); ok {
		k := found.(kept)
		if k.rev == t.RulesRev && k.created.Equal(t.Created) {
			return k.definitions
		}
	}
	k := kept{created: t.Created, rev: t.RulesRev, definitions: Definitions(t)}
	d.kept.Store(t.ID, k)
	return k.definitions
}

// Definitions returns what the SCIM service of a tenant defines; its mapping
// rules are compiled against the same. It is made anew for each caller, unless
// the tenant has no attributes of its own.
func Definitions(t *tenant.Tenant) *scim.Definitions {
	if len(t.Attributes) == 0 {
		return plainDefinitions()
	}
	return scim.Define(customAttributes(t.Attributes))
}

func customAttributes(attributes []tenant.Attribute) []scim.CustomAttribute {
	custom := make([]scim.CustomAttribute, len(attributes))
	for i, a := range attributes {
		custom[i] = scim.CustomAttribute{
			Property: a.Property, DisplayName: a.DisplayName, Type: a.Type, Required: a.Required, Description: a.Description,
		}
	}
	return custom
}

func isServed(t *scim.ResourceType) bool { return slices.Contains(served, t.Name) }

// servedOf returns the resource types that have routes.
func servedOf(d *scim.Definitions) []*scim.ResourceType {
	return slices.DeleteFunc(slices.Clone(d.Types), func(t *scim.ResourceType) bool { return !isServed(t) })
}

// servedAt returns the resource type at an endpoint, or nil if it has no routes.
func servedAt(d *scim.Definitions, endpoint string) *scim.ResourceType {
	if t := d.TypeAt(endpoint); t != nil && isServed(t) {
		return t
	}
	return nil
}
