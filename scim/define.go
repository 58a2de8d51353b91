package scim

import (
	"embed"
	"encoding/json"
	"slices"
	"sync"

	"scimgate/scim/value"
)

// CustomAttribute is one user attribute that an account defines for itself. It
// lives under AppspaceUserURN and is described by what the account's console
// shows of it.
type CustomAttribute struct {
	Property    string // its name in SCIM and in the account, "costCenter"
	DisplayName string // for people, "Cost centre"
	Type        string // "String" or "Integer"
	Required    bool   // a user with custom attributes must have it (RFC 7643 §6)
	Description string
}

// Define makes the definitions of a tenant: User, Group and EnterpriseUser as RFC
// 7643 §8.7 has them, and the Appspace schema with the tenant's own attributes.
// The first of two properties that differ only in case counts.
func Define(custom []CustomAttribute) *Definitions {
	base := builtIn()
	appspace := *base.appspace
	appspace.Attributes = nil
	for _, c := range custom {
		if appspace.find(c.Property) == nil {
			appspace.Attributes = append(appspace.Attributes, c.attribute())
		}
	}
	user := &ResourceType{
		Name: "User", Endpoint: "/Users", Core: base.user,
		Extensions: []*Schema{base.enterprise, &appspace},
	}
	group := &ResourceType{Name: "Group", Endpoint: "/Groups", Core: base.group}
	return &Definitions{
		Types:   []*ResourceType{user, group},
		Schemas: []*Schema{base.user, base.group, base.enterprise, &appspace},
	}
}

func (c CustomAttribute) attribute() *Attribute {
	a := &Attribute{
		Name: c.Property, Type: String, Description: c.Description, Required: c.Required,
		Mutability: "readWrite", Returned: "default", Uniqueness: "none",
		path: AppspaceUserURN + ":" + c.Property,
	}
	if c.Type == "Integer" {
		a.Type = Integer
	}
	if a.Description == "" {
		a.Description = c.DisplayName
	}
	return a
}

// Type returns the resource type called name ("User"), or nil.
func (d *Definitions) Type(name string) *ResourceType {
	return d.typeBy(func(t *ResourceType) bool { return t.Name == name })
}

// TypeAt returns the resource type at an endpoint ("/Users"), or nil.
func (d *Definitions) TypeAt(endpoint string) *ResourceType {
	return d.typeBy(func(t *ResourceType) bool { return t.Endpoint == endpoint })
}

func (d *Definitions) typeBy(match func(*ResourceType) bool) *ResourceType {
	if i := slices.IndexFunc(d.Types, match); i >= 0 {
		return d.Types[i]
	}
	return nil
}

// Schema returns the schema with this URN, in any case, or nil.
func (d *Definitions) Schema(urn string) *Schema {
	return schemaIn(d.Schemas, urn)
}

func schemaIn(schemas []*Schema, urn string) *Schema {
	for _, s := range schemas {
		if value.SameName(s.ID, urn) {
			return s
		}
	}
	return nil
}

//go:embed schemas/*.json
var schemaFiles embed.FS

// builtIns are the schemas that all tenants share. Nobody changes them.
type builtIns struct{ common, user, group, enterprise, appspace *Schema }

var builtIn = sync.OnceValue(func() builtIns {
	return builtIns{
		common:     loadSchema("common", ""),
		user:       loadSchema("user", ""),
		group:      loadSchema("group", ""),
		enterprise: loadSchema("enterprise_user", EnterpriseUserURN+":"),
		appspace:   loadSchema("appspace_user", AppspaceUserURN+":"),
	}
})

// loadSchema reads an embedded file. That it can be read is tested, so that a
// fault in it is a fault of the build.
func loadSchema(name, prefix string) *Schema {
	text, err := schemaFiles.ReadFile("schemas/" + name + ".json")
	if err != nil {
		panic("scim: " + err.Error())
	}
	s := new(Schema)
	if err := json.Unmarshal(text, s); err != nil {
		panic("scim: schema " + name + ": " + err.Error())
	}
	for _, a := range s.Attributes {
		a.path = prefix + a.Name
		for _, sub := range a.SubAttributes {
			sub.path = a.path + "." + sub.Name
		}
	}
	return s
}
