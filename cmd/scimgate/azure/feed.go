package azure

import (
	"slices"

	"scimgate/mapping"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// feed has Azure send what the rules read, each attribute to its own SCIM name.
func (b *builder) feed(rules []rule) {
	wanted := slices.Clone(base)
	for _, r := range rules {
		for _, path := range r.read() {
			wanted = append(wanted, b.leaves(path)...)
		}
		wanted = append(wanted, b.references(r.Expression)...)
	}
	for _, e := range entries { // in the portal's order
		if slices.ContainsFunc(wanted, func(path string) bool { return value.Fold(path) == value.Fold(e.path) }) {
			b.add(b.feeding(e.path))
		}
	}
	var others []string
	for _, path := range wanted {
		if entryOf(path) == nil && !slices.Contains(others, path) && b.comes(path) {
			others = append(others, path)
			b.add(b.feeding(path))
		}
	}
}

// comes reports whether a client may send what stands at a path.
func (b *builder) comes(path string) bool {
	bound, ok := bind(path, b.t)
	a := b.t.Attribute(bound.URN, bound.Name)
	return ok && a != nil && a.Mutability != "readOnly" && a.Name != "schemas"
}

// references are the paths in the brackets of an expression.
func (b *builder) references(expression string) []string {
	if expression == "" {
		return nil
	}
	var found []string
	_, _ = mapping.Rewrite(expression, func(attribute string) string { // it compiled
		found = append(found, b.leaves(attribute)...)
		return ""
	})
	return found
}

// leaves are the paths that a reference stands for: itself, the one that Azure's
// name stands for, or those within a whole attribute such as name or emails.
func (b *builder) leaves(reference string) []string {
	path, bound := bind(reference, b.t)
	if !bound {
		if home := pathOf(reference); home != "" {
			return []string{home}
		}
		return []string{reference}
	}
	own := spell(reference, b.t)
	a := b.t.Attribute(path.URN, path.Name)
	if entryOf(own) != nil || a == nil || path.Filter != nil || path.Sub != "" && !a.MultiValued {
		return []string{own}
	}
	if within := b.within(path); within != nil {
		return within
	}
	return []string{own}
}

// within are the entries below an attribute.
func (b *builder) within(outer filter.Path) (found []string) {
	for _, e := range entries {
		if path, _ := bind(e.path, b.t); path.URN == outer.URN && path.Name == outer.Name {
			found = append(found, e.path)
		}
	}
	return found
}
