package scim

import "scimgate/scim/value"

const (
	readOnly = "readOnly" // a mutability (RFC 7643 §7)

	primary  = "primary" // sub-attributes of RFC 7643 §2.4
	valueSub = "value"
)

// Sub returns the sub-attribute called name, in any case, or nil.
func (a *Attribute) Sub(name string) *Attribute { return attributeIn(a.SubAttributes, name) }

// find returns the attribute of s called name, in any case, or nil.
func (s *Schema) find(name string) *Attribute { return attributeIn(s.Attributes, name) }

func attributeIn(list []*Attribute, name string) *Attribute {
	for _, a := range list {
		if value.SameName(a.Name, name) {
			return a
		}
	}
	return nil
}

// Attribute returns the attribute called name of the schema urn, or nil; urn is
// "" for the core schema and the common attributes (RFC 7643 §3.1), as in a bound
// filter.Path. Neither cares for case.
func (t *ResourceType) Attribute(urn, name string) *Attribute {
	if urn == "" || value.SameName(urn, t.Core.ID) {
		if a := t.Core.find(name); a != nil {
			return a
		}
		return builtIn().common.find(name)
	}
	if s := t.extension(urn); s != nil {
		return s.find(name)
	}
	return nil
}

// extension returns the extension with this URN, or nil.
func (t *ResourceType) extension(urn string) *Schema { return schemaIn(t.Extensions, urn) }

// misplaced returns an attribute that belongs to the Enterprise extension and was
// named without its URN. Entra's documentation has manager and department at the
// top level, in bodies and as a PATCH path.
func (t *ResourceType) misplaced(name string) *Attribute {
	if s := t.extension(EnterpriseUserURN); s != nil {
		return s.find(name)
	}
	return nil
}

// open reports whether s keeps attributes that it does not define (design 6.6).
func (s *Schema) open() bool { return s.ID == AppspaceUserURN }

// validName reports whether name is one that an attribute can have (RFC 7643 §2.1).
func validName(name string) bool {
	for i := range len(name) {
		c := name[i] | 0x20
		switch letter := 'a' <= c && c <= 'z'; {
		case letter:
		case i == 0:
			return false
		case '0' <= name[i] && name[i] <= '9', name[i] == '-', name[i] == '_', name[i] == '$':
		default:
			return false
		}
	}
	return name != ""
}
