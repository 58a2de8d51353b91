package scim

// The URNs of the schemas that every tenant has.
const (
	UserURN           = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupURN          = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseUserURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	AppspaceUserURN   = "urn:ietf:params:scim:schemas:extension:appspace:2.0:User"
)

// Type is the data type of an attribute (RFC 7643 §2.3), spelled as in /Schemas.
type Type string

// The data types.
const (
	String    Type = "string"
	Boolean   Type = "boolean"
	Decimal   Type = "decimal"
	Integer   Type = "integer"
	DateTime  Type = "dateTime"
	Binary    Type = "binary"
	Reference Type = "reference"
	Complex   Type = "complex"
)

// Schema is one schema (RFC 7643 §7).
type Schema struct {
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Attributes  []*Attribute `json:"attributes"`
}

// Attribute is one attribute or sub-attribute of a Schema (RFC 7643 §7). Absent
// lists are omitted, never null: Entra refuses null in /Schemas.
type Attribute struct {
	Name            string       `json:"name"`
	Type            Type         `json:"type"`
	MultiValued     bool         `json:"multiValued"`
	Description     string       `json:"description"`
	Required        bool         `json:"required"`
	CaseExact       bool         `json:"caseExact"`
	Mutability      string       `json:"mutability"` // readOnly, readWrite, immutable, writeOnly
	Returned        string       `json:"returned"`   // always, never, default, request
	Uniqueness      string       `json:"uniqueness"` // none, server, global
	CanonicalValues []string     `json:"canonicalValues,omitempty"`
	ReferenceTypes  []string     `json:"referenceTypes,omitempty"`
	SubAttributes   []*Attribute `json:"subAttributes,omitempty"`

	path string // as errors and the Ledger name it: "emails.value", URN first for an extension
}

// ResourceType is a kind of Resource (RFC 7643 §6) with its schemas resolved.
// It is a filter.Binder.
type ResourceType struct {
	Name       string // and id: "User"
	Endpoint   string // "/Users"
	Core       *Schema
	Extensions []*Schema // none is required of a client
}

// Definitions is what one tenant's SCIM service defines: its schemas and
// resource types. It does not change once made; server caches it by version.
type Definitions struct {
	Types   []*ResourceType
	Schemas []*Schema
}
