package scim

import "scimgate/scim/value"

// computed is an attribute that a resource's body does not hold, because it
// follows from something else: whoever renders the resource gives it.
type computed struct {
	name  string
	value value.Value
}

// Compute gives r a computed attribute of the core schema, for rendering; a value
// that is unassigned takes it away. Body and Attributes never have it.
func (r *Resource) Compute(name string, v value.Value) {
	r.computed = nil
	if !v.Unassigned() {
		r.computed = &computed{name, v}
	}
}

// appendComputed appends the computed attribute as a member with a comma behind it.
func (r *Resource) appendComputed(dst []byte) []byte {
	if r.computed == nil {
		return dst
	}
	dst = append(append(append(dst, '"'), r.computed.name...), `":`...)
	return append(value.Append(dst, r.computed.value), ',')
}

// Link is one value of a group's members or of a user's groups (RFC 7643
// §4.1.2, §4.2).
type Link struct {
	Value   string // id
	Ref     string // location
	Display string
	Type    string // "User" and "Group", or "direct"
}

// Links says which sub-attributes of such values a selection has.
type Links struct{ value, ref, display, kind bool }

// Links returns what s has of the core attribute called name, and false if
// that is nothing.
func (s *Selection) Links(name string) (Links, bool) {
	all := Links{s.keeps(name, valueSub), s.keeps(name, "$ref"), s.keeps(name, "display"), s.keeps(name, "type")}
	return all, all != Links{}
}

// keeps reports whether s has a sub-attribute of a core attribute.
func (s *Selection) keeps(name, sub string) bool {
	if s.Empty() {
		return true
	}
	return (s.picked(pick{name: name}) || s.pickedSub(name, sub)) == s.only
}

func (s *Selection) pickedSub(name, sub string) bool {
	for _, p := range s.picks {
		if p.urn == "" && p.sub != "" && value.SameName(p.name, name) && value.SameName(p.sub, sub) {
			return true
		}
	}
	return false
}

// Append appends r as a JSON object.
func (w Links) Append(dst []byte, r Link) []byte {
	start := len(dst)
	for _, m := range []struct {
		wanted     bool
		name, text string
	}{{w.value, valueSub, r.Value}, {w.ref, "$ref", r.Ref}, {w.display, "display", r.Display}, {w.kind, "type", r.Type}} {
		if m.wanted && m.text != "" {
			dst = append(append(append(dst, `,"`...), m.name...), `":`...)
			dst = value.Append(dst, value.NewText(m.text))
		}
	}
	if len(dst) == start {
		return append(dst, `{}`...)
	}
	dst[start] = '{'
	return append(dst, '}')
}

// LinkList returns links as the value of an attribute.
func LinkList(links []Link) value.Value {
	items := make([]value.Value, len(links))
	for i, r := range links {
		o := value.NewObject(value.Member{Name: valueSub, Value: value.NewText(r.Value)})
		for _, m := range []struct{ name, text string }{{"$ref", r.Ref}, {"display", r.Display}, {"type", r.Type}} {
			if m.text != "" {
				o.Set(m.name, value.NewText(m.text))
			}
		}
		items[i] = value.Of(o)
	}
	return value.List(items...)
}
