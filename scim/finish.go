package scim

import (
	"slices"
	"strings"

	"scimgate/scim/value"
)

const (
	schemas = "schemas"
	id      = "id"
	meta    = "meta"
	active  = "active"

	// password is taken from nobody (design 6.10) and is in no schema of ours.
	password = "password"
)

// finish makes o, whose values were read one by one, a whole resource again after
// any change: without unassigned values, with schemas recomputed (the core and
// every extension that has data), and with all that the core schema requires. An
// extension's required attributes are asked for where a whole resource is given
// (requireExtensions): users that are older than an attribute stay changeable.
func (t *ResourceType) finish(o *value.Object, _ Mode) error {
	o.Members = pruned(o.Members)
	t.setSchemas(o)
	return t.Core.require(o)
}

// pruned drops the members that have no value, in place.
func pruned(members []value.Member) []value.Member {
	kept := members[:0]
	for _, m := range members {
		if m.Value = prune(m.Value); !m.Value.Unassigned() {
			kept = append(kept, m)
		}
	}
	return kept
}

// prune drops what has no value inside v; v itself, which may be shared, stays.
func prune(v value.Value) value.Value {
	switch {
	case whole(v):
		return v
	case v.Kind() == value.Array:
		return value.List(slices.DeleteFunc(pruneAll(v.Items()), value.Value.Unassigned)...)
	default:
		return value.Of(&value.Object{Members: pruned(slices.Clone(v.Object().Members))})
	}
}

func pruneAll(items []value.Value) []value.Value {
	all := make([]value.Value, len(items))
	for i, item := range items {
		all[i] = prune(item)
	}
	return all
}

// whole reports whether everything inside v has a value.
func whole(v value.Value) bool {
	for _, item := range v.Items() {
		if item.Unassigned() || !whole(item) {
			return false
		}
	}
	if o := v.Object(); o != nil {
		for i := range o.Members {
			if inner := o.Members[i].Value; inner.Unassigned() || !whole(inner) {
				return false
			}
		}
	}
	return true
}

// setSchemas puts schemas first.
func (t *ResourceType) setSchemas(o *value.Object) {
	urns := make([]value.Value, 1, 1+len(t.Extensions))
	urns[0] = value.NewText(t.Core.ID)
	for _, s := range t.Extensions {
		if o.At(s.ID) != nil {
			urns = append(urns, value.NewText(s.ID))
		}
	}
	if len(o.Members) == 0 || o.Members[0].Name != schemas {
		o.Delete(schemas)
		o.Members = append([]value.Member{{Name: schemas}}, o.Members...)
	}
	o.Members[0].Value = value.List(urns...)
}

// require checks that o has the attributes that s requires, and not as blanks.
func (s *Schema) require(o *value.Object) error {
	for _, a := range s.Attributes {
		if !a.Required {
			continue
		}
		v, ok := o.Get(a.Name)
		if !ok || v.Unassigned() || v.Kind() == value.String && strings.TrimSpace(v.Text()) == "" {
			return Errorf(InvalidValue, "The attribute %s is required and must not be blank.", a.path)
		}
	}
	return nil
}

// requireExtensions checks the extensions that o has data of (RFC 7643 §6: one
// that is not required may be left out whole).
func (t *ResourceType) requireExtensions(o *value.Object) error {
	for _, s := range t.Extensions {
		if v, ok := o.Get(s.ID); ok {
			if err := s.require(v.Object()); err != nil {
				return err
			}
		}
	}
	return nil
}
