package appspace

import (
	"slices"
	"strings"

	"scimgate/connectors"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// covers reports whether what the account holds is the object: every value of the
// projection, and nothing that we sent once and the projection no longer has. The
// account may hold more than we ever told it.
func covers(o connectors.Object, held *value.Object) bool {
	for _, m := range membersOf(o.Attributes) {
		have, ok := held.Get(m.Name)
		if !ok || !covered(m.Name, m.Value, have) {
			return false
		}
	}
	return !slices.ContainsFunc(removals(o), func(op operation) bool { return has(held, op.path) })
}

// has reports whether a user has a value at a path.
func has(held *value.Object, path string) bool {
	p, err := filter.ParsePath(path)
	return err == nil && filter.Match(&filter.Compare{Path: p, Op: filter.Present}, held)
}

func covered(name string, want, have value.Value) bool {
	switch want.Kind() {
	case value.Null:
		return true // asks for nothing
	case value.Obj:
		return coveredObject(name, want.Object(), have)
	case value.Array:
		return coveredList(name, want.Items(), have.Items())
	case value.Bool:
		return isScalar(have) && strings.EqualFold(want.Text(), have.Text()) // "False", as Entra writes it
	default:
		return isScalar(have) && coveredText(name, want.Text(), have.Text())
	}
}

// coveredText compares names and addresses without regard to case, as RFC 7643
// §4.1 has it, and the account may have written them its own way.
func coveredText(name, want, have string) bool {
	if value.SameName(name, "userName") || value.SameName(name, "emails") {
		return value.Fold(want) == value.Fold(have)
	}
	return want == have
}

// coveredObject lets a complex attribute that the account flattened to its value
// pass: some answer manager as a bare id.
func coveredObject(name string, want *value.Object, have value.Value) bool {
	if id, ok := want.Get("value"); ok && isScalar(have) {
		return covered(name, id, have)
	}
	for _, m := range want.Members {
		if m.Value.Unassigned() {
			continue
		}
		v, ok := have.Object().Get(m.Name)
		if !ok || !covered(name, m.Value, v) {
			return false
		}
	}
	return true
}

// coveredList asks for an element of the account for each of ours, and where the
// attribute is ours as a whole, for no more than these.
func coveredList(name string, want, have []value.Value) bool {
	if !typed(want) && len(want) != len(have) {
		return false
	}
	return !slices.ContainsFunc(want, func(w value.Value) bool {
		return !slices.ContainsFunc(have, func(h value.Value) bool { return covered(name, w, h) })
	})
}

func isScalar(v value.Value) bool {
	return v.Kind() == value.String || v.Kind() == value.Number || v.Kind() == value.Bool
}

// suspended reports whether the account says that a user may not come in.
func suspended(held *value.Object) bool {
	active, _ := held.Get("active")
	return strings.EqualFold(active.Text(), "false")
}
