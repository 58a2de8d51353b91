package appspace

import (
	"slices"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// Differs implements connectors.Auditor. It finds something exactly where covers
// does not hold.
func (*account) Differs(o connectors.Object, held *value.Object) []string {
	if o.Attributes == nil {
		if held == nil || suspended(held) {
			return nil
		}
		return []string{"active"}
	}
	var paths []string
	for _, m := range membersOf(o.Attributes) {
		if have, ok := held.Get(m.Name); !ok || !covered(m.Name, m.Value, have) {
			paths = append(paths, differing(m, have)...)
		}
	}
	for _, op := range removals(o) {
		if has(held, op.path) {
			paths = append(paths, op.path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// differing narrows an attribute that differs down to what of it does.
func differing(m value.Member, have value.Value) []string {
	var paths []string
	switch {
	case isExtension(m):
		paths = differingBelow(m.Name, m.Name+":", m.Value.Object(), have.Object())
	case m.Value.Kind() == value.Obj:
		paths = differingBelow(m.Name, m.Name+".", m.Value.Object(), have.Object())
	case typed(m.Value.Items()):
		paths = differingElements(m, have.Items())
	}
	if len(paths) == 0 {
		return []string{m.Name}
	}
	return paths
}

func differingBelow(name, prefix string, want, have *value.Object) []string {
	var paths []string
	for _, m := range want.Members {
		if held, ok := have.Get(m.Name); !m.Value.Unassigned() && (!ok || !covered(name, m.Value, held)) {
			paths = append(paths, prefix+m.Name)
		}
	}
	return paths
}

func differingElements(m value.Member, have []value.Value) []string {
	var paths []string
	for _, want := range m.Value.Items() {
		kind, _ := want.Object().Get("type")
		at := slices.IndexFunc(have, func(h value.Value) bool {
			held, _ := h.Object().Get("type")
			return value.SameText(held.Text(), kind.Text())
		})
		element := elementPath(m.Name, kind)
		switch {
		case at < 0:
			paths = append(paths, element)
		case !covered(m.Name, want, have[at]):
			paths = append(paths, differingBelow(m.Name, element+".", want.Object(), have[at].Object())...)
		}
	}
	return paths
}
