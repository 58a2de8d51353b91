package entra

import (
	"strings"

	"scimgate/scim/value"
)

// dialect is a way to say the same PATCH.
type dialect uint8

const (
	oldDialect dialect = iota // capital ops, booleans as texts, a path in every operation
	newDialect                // aadOptscim062020: lower-case ops, true booleans, one operation without path
)

// change is one attribute that Entra would change.
type change struct {
	path  string
	value string
	add   bool // the resource has no value there
}

// changes are what makes the resource, as the endpoint answered it, equal to u.
func (u *User) changes(resource *value.Object) []change {
	var found []change
	for _, m := range u.allMappings() {
		want, have := m.value(u), m.read(resource)
		if want != "" && want != have {
			found = append(found, change{path: m.path, value: want, add: have == ""})
		}
	}
	return found
}

// patch is the body of the PATCH that makes the changes.
func (d dialect) patch(changes []change) *value.Object {
	var operations []value.Value
	merged := &value.Object{}
	for _, c := range changes {
		if d == newDialect && !c.add && c.path != "active" && !strings.Contains(c.path, "[") {
			merged.Members = append(merged.Members, text(c.path, c.value))
			continue
		}
		operations = append(operations, d.operation(c))
	}
	if merged.Len() > 0 {
		// Dotted names, and URNs with an attribute behind them, are keys here.
		operations = append(operations, value.Of(value.NewObject(text("op", "replace"), member("value", value.Of(merged)))))
	}
	return value.NewObject(
		member("schemas", list(patchURN)),
		member("Operations", value.List(operations...)))
}

// activation is the body of the PATCH that disables or restores a user.
func (d dialect) activation(active bool) *value.Object {
	return d.patch([]change{{path: "active", value: spelled(active)}})
}

func (d dialect) operation(c change) value.Value {
	op, v := "Replace", value.NewText(c.value)
	if c.add {
		op = "Add"
	}
	if d == newDialect {
		op = strings.ToLower(op)
		if c.path == "active" {
			v = value.Truth(c.value == spelled(true))
		}
	}
	return value.Of(value.NewObject(text("op", op), text("path", c.path), member("value", v)))
}

// spelled is a boolean as Entra's expressions spell it.
func spelled(active bool) string {
	if active {
		return "True"
	}
	return "False"
}

const (
	patchURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	listURN  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
)
