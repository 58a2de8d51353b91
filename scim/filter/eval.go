package filter

import "scimgate/scim/value"

// Match reports whether e holds for attributes, which has the core attributes at
// the top and those of an extension in an object under its URN.
//
// A comparison holds where some value at its path stands in the relation asked
// for (RFC 7644 §3.4.2.2 on multi-valued attributes). An attribute without a
// value satisfies "ne" and nothing else: not being assigned is not being equal,
// and so "ne x" and "not (… eq x)" agree on single values. An e that was never
// bound compares like FoldedText.
func Match(e Expr, attributes *value.Object) bool {
	switch e := e.(type) {
	case *Or:
		return Match(e.Left, attributes) || Match(e.Right, attributes)
	case *And:
		return Match(e.Left, attributes) && Match(e.Right, attributes)
	case *Not:
		return !Match(e.Expr, attributes)
	case *Compare:
		return e.match(attributes)
	default:
		return false
	}
}

func (c *Compare) match(attributes *value.Object) bool {
	v, ok := c.Path.value(attributes)
	if !ok {
		return c.Op == NotEqual
	}
	if v.Kind() != value.Array {
		if c.Path.Filter != nil && !MatchElement(c.Path.Filter, v) {
			return c.Op == NotEqual
		}
		return c.holds(v)
	}
	none := true
	for _, element := range v.Items() {
		if c.Path.Filter != nil && !MatchElement(c.Path.Filter, element) {
			continue
		}
		if c.holds(element) {
			return true
		}
		none = false
	}
	return none && c.Op == NotEqual
}

// value returns the attribute that p names, without regard to filter and sub.
func (p *Path) value(attributes *value.Object) (value.Value, bool) {
	if p.URN == "" {
		return attributes.Get(p.Name)
	}
	extension, ok := attributes.Get(p.URN)
	if !ok || p.Name == "" {
		return extension, ok
	}
	return extension.Object().Get(p.Name)
}

// MatchElement reports whether e, the filter in the brackets of a path, holds
// for one element of a multi-valued attribute. A simple element stands for an
// object that has only a "value".
func MatchElement(e Expr, element value.Value) bool {
	if o := element.Object(); o != nil {
		return Match(e, o)
	}
	return Match(e, value.NewObject(value.Member{Name: "value", Value: element}))
}

// holds compares one element, or its sub-attribute.
func (c *Compare) holds(element value.Value) bool {
	sub := c.Path.Sub
	if sub == "" && c.Op != Present {
		sub = "value"
	}
	if sub != "" {
		var ok bool
		if element, ok = subValue(element, sub); !ok {
			return c.Op == NotEqual
		}
	}
	if element.Kind() == value.Array && c.Op != Present {
		return c.holdsForSome(element.Items())
	}
	return c.compare(element)
}

// subValue returns a sub-attribute of an element; a simple element is its own
// "value".
func subValue(element value.Value, sub string) (value.Value, bool) {
	if o := element.Object(); o != nil {
		return o.Get(sub)
	}
	return element, value.SameName(sub, "value")
}

func (c *Compare) holdsForSome(values []value.Value) bool {
	for _, v := range values {
		if c.compare(v) {
			return true
		}
	}
	return c.Op == NotEqual && len(values) == 0
}

// assigned reports whether v counts for "pr": RFC 7644 §3.4.2.2 wants a value
// that is not empty, or a complex one in which something is not empty.
func assigned(v value.Value) bool {
	for _, item := range v.Items() {
		if assigned(item) {
			return true
		}
	}
	if o := v.Object(); o != nil {
		for i := range o.Members {
			if assigned(o.Members[i].Value) {
				return true
			}
		}
	}
	return v.Kind() != value.Array && v.Kind() != value.Obj && !v.Unassigned()
}
