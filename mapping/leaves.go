package mapping

import (
	"bytes"
	"slices"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// alike reports whether a and b are equal but for the order of members and items.
func alike(a, b value.Value) bool {
	return value.Equal(a, b) || bytes.Equal(value.AppendSorted(nil, a), value.AppendSorted(nil, b))
}

// changesBetween compares two projections path by path, in the order of after and
// then of before; nil holds nothing. With all, equal paths are told too.
func changesBetween(before, after *value.Object, all bool) []Change {
	var list []Change
	for _, name := range names(after, before) {
		x, _ := before.Get(name)
		y, _ := after.Get(name)
		list = append(list, changesAt(name, behind(name), x, y, all)...)
	}
	return list
}

// changesAt compares what stands at a path; by parts where both sides have parts
// that can be told apart. separator stands between the path and their names.
func changesAt(path, separator string, x, y value.Value, all bool) []Change {
	equal := alike(x, y) || x.Unassigned() && y.Unassigned()
	switch {
	case equal && (!all || x.Unassigned()):
		return nil
	case !divisible(x) || !divisible(y) || x.Unassigned() && y.Unassigned():
		return []Change{{Path: path, Before: shown(x), After: shown(y), Same: equal}}
	}
	var list []Change
	a, b := below(path, separator, x), below(path, separator, y)
	for _, name := range names(b, a) {
		x, _ := a.Get(name)
		y, _ := b.Get(name)
		list = append(list, changesAt(name, ".", x, y, all)...)
	}
	return list
}

// divisible reports whether v has parts that each have a path of their own, or
// none at all: an object, or a list whose elements a type tells apart.
func divisible(v value.Value) bool {
	switch v.Kind() {
	case value.Null, value.Obj:
		return true
	case value.Array:
		return typed(v.Items())
	default:
		return false
	}
}

func typed(items []value.Value) bool {
	seen := make([]string, 0, len(items))
	for _, item := range items {
		kind, _ := item.Object().Get("type")
		if kind.Kind() != value.String || kind.Unassigned() || slices.Contains(seen, value.Fold(kind.Text())) {
			return false
		}
		seen = append(seen, value.Fold(kind.Text()))
	}
	return true
}

// below returns the parts of v by path.
func below(path, separator string, v value.Value) *value.Object {
	parts := &value.Object{}
	if o := v.Object(); o != nil {
		for _, m := range o.Members {
			parts.Set(path+separator+m.Name, m.Value)
		}
	}
	for _, item := range v.Items() {
		kind, _ := item.Object().Get("type")
		is := &filter.Compare{Path: filter.Path{Name: "type"}, Op: filter.Equal, Value: kind}
		for _, m := range item.Object().Members {
			if !value.SameName(m.Name, "type") {
				parts.Set(filter.Path{Name: path, Filter: is, Sub: m.Name}.String(), m.Value)
			}
		}
	}
	return parts
}

// names returns the names of first, then those that only second has.
func names(first, second *value.Object) []string {
	var list []string
	for _, o := range []*value.Object{first, second} {
		if o == nil {
			continue
		}
		for _, m := range o.Members {
			if _, known := first.Get(m.Name); o == first || !known {
				list = append(list, m.Name)
			}
		}
	}
	return list
}
