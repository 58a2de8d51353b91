package scim

import (
	"strings"

	"scimgate/scim/value"
)

// Empty reports whether s is the default set.
func (s *Selection) Empty() bool {
	return s == nil || !s.only && len(s.picks) == 0
}

// Project returns what s leaves of attributes, which stay as they are; values are
// shared. schemas and id are always there (RFC 7643 §7, "always").
func (s *Selection) Project(attributes *value.Object) *value.Object {
	if s.Empty() {
		return attributes
	}
	out := &value.Object{Members: make([]value.Member, 0, attributes.Len())}
	for _, m := range attributes.Members {
		if m.Value = s.project(m); !m.Value.Unassigned() {
			out.Members = append(out.Members, m)
		}
	}
	return out
}

// project returns what s leaves of one member at the top.
func (s *Selection) project(m value.Member) value.Value {
	if m.Name == id || m.Name == schemas {
		return m.Value
	}
	if !strings.Contains(m.Name, ":") {
		return s.narrow("", m)
	}
	if s.picked(pick{urn: m.Name}) {
		return when(s.only, m.Value)
	}
	kept := value.NewObject()
	if o := m.Value.Object(); o != nil {
		for _, inner := range o.Members {
			if inner.Value = s.narrow(m.Name, inner); !inner.Value.Unassigned() {
				kept.Members = append(kept.Members, inner)
			}
		}
	}
	return value.Of(kept)
}

// narrow returns what s leaves of an attribute of the schema urn.
func (s *Selection) narrow(urn string, m value.Member) value.Value {
	if s.picked(pick{urn: urn, name: m.Name}) {
		return when(s.only, m.Value)
	}
	var subs []string
	for _, p := range s.picks {
		if p.urn == urn && p.sub != "" && value.SameName(p.name, m.Name) {
			subs = append(subs, p.sub)
		}
	}
	if len(subs) == 0 {
		return when(!s.only, m.Value)
	}
	return s.narrowSubs(m.Value, subs)
}

// narrowSubs keeps, or leaves out, sub-attributes in each value of v.
func (s *Selection) narrowSubs(v value.Value, subs []string) value.Value {
	if v.Kind() == value.Array {
		var kept []value.Value
		for _, item := range v.Items() {
			if item = s.narrowSubs(item, subs); !item.Unassigned() {
				kept = append(kept, item)
			}
		}
		return value.List(kept...)
	}
	if v.Object() == nil {
		return when(!s.only, v)
	}
	kept := value.NewObject()
	for _, m := range v.Object().Members {
		if contains(subs, m.Name) == s.only {
			kept.Members = append(kept.Members, m)
		}
	}
	return value.Of(kept)
}

// picked reports whether just p was named.
func (s *Selection) picked(p pick) bool {
	for _, q := range s.picks {
		if q.urn == p.urn && q.sub == "" && value.SameName(q.name, p.name) {
			return true
		}
	}
	return false
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if value.SameName(n, name) {
			return true
		}
	}
	return false
}

// when returns v if keep, else null.
func when(keep bool, v value.Value) value.Value {
	if keep {
		return v
	}
	return value.Value{}
}
