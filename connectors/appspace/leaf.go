package appspace

import (
	"slices"
	"strings"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// leaf is one path of a projection with its value: what one PATCH operation says.
type leaf struct {
	path    string
	value   value.Value
	element string // path of the element that it is in, if any: emails[type eq "work"]
}

// unserved are the attributes that the account gives itself.
var unserved = []string{"schemas", "id", "meta", "groups", "password"}

// unsent reports whether a member of a projection is not for the account: not
// its to be told, or without a value.
func unsent(m value.Member) bool {
	own := slices.ContainsFunc(unserved, func(name string) bool { return value.SameName(name, m.Name) })
	return own || m.Value.Unassigned()
}

// isExtension reports whether a member holds the attributes of an extension.
func isExtension(m value.Member) bool {
	return strings.Contains(m.Name, ":") && m.Value.Kind() == value.Obj
}

// leavesOf returns the leaves of a projection, in its order: "active",
// "name.givenName", `emails[type eq "work"].value`, "urn:…:User:department". A
// multi-valued attribute whose elements no unique type tells apart is one leaf,
// and so is each attribute of an extension (manager is replaced as a whole).
func leavesOf(projection *value.Object) []leaf {
	var all []leaf
	for _, m := range membersOf(projection) {
		all = append(all, leavesIn(m)...)
	}
	return all
}

// membersOf returns what of a projection is sent.
func membersOf(projection *value.Object) []value.Member {
	if projection == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(projection.Members), unsent)
}

func leavesIn(m value.Member) []leaf {
	switch {
	case isExtension(m):
		return leavesBelow(m.Name+":", m.Value.Object(), "")
	case m.Value.Kind() == value.Obj:
		return leavesBelow(m.Name+".", m.Value.Object(), "")
	case !typed(m.Value.Items()):
		return []leaf{{path: m.Name, value: m.Value}}
	}
	var all []leaf
	for _, item := range m.Value.Items() {
		kind, _ := item.Object().Get("type")
		element := elementPath(m.Name, kind)
		all = append(all, leavesBelow(element+".", item.Object(), element)...)
	}
	return all
}

func leavesBelow(prefix string, o *value.Object, element string) []leaf {
	var all []leaf
	for _, m := range o.Members {
		if !m.Value.Unassigned() && (element == "" || !isType(m)) {
			all = append(all, leaf{path: prefix + m.Name, value: m.Value, element: element})
		}
	}
	return all
}

func elementPath(name string, kind value.Value) string {
	is := &filter.Compare{Path: filter.Path{Name: "type"}, Op: filter.Equal, Value: kind}
	return filter.Path{Name: name, Filter: is}.String()
}

// typed reports whether each element has a type of its own, and something to say
// beside it.
func typed(elements []value.Value) bool {
	seen := map[string]bool{}
	for _, element := range elements {
		kind, _ := element.Object().Get("type")
		key := value.Fold(kind.Text())
		if kind.Kind() != value.String || key == "" || seen[key] || !tells(element.Object()) {
			return false
		}
		seen[key] = true
	}
	return len(elements) > 0
}

func tells(element *value.Object) bool {
	return slices.ContainsFunc(element.Members, func(m value.Member) bool {
		return !isType(m) && !m.Value.Unassigned()
	})
}

func isType(m value.Member) bool { return value.SameName(m.Name, "type") }

// paths returns the sorted paths of a projection's leaves: what the account
// holds by our hand.
func paths(projection *value.Object) []string {
	leaves := leavesOf(projection)
	all := make([]string, len(leaves))
	for i, l := range leaves {
		all[i] = l.path
	}
	slices.Sort(all)
	return all
}
