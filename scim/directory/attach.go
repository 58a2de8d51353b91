package directory

import (
	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// A group's members and a user's groups stand in no body. A filter that asks for
// them is evaluated over a resource that was given what the filter needs of them:
// the few ids that it names, or all.

// edgeAttribute is the attribute of a kind that shows its Edges.
var edgeAttribute = map[string]string{"Group": "members", "User": "groups"}

// needs is what a filter has to see of a resource's Edges.
type needs struct {
	ids   map[string]bool // these, if they are there
	whole bool            // all
}

func (n *needs) any() bool { return n.whole || len(n.ids) > 0 }

// edgeNeeds reads what e asks of the Edges of a kind. An equality needs no other
// end than the one it names, whatever stands around it: its truth is the same.
func edgeNeeds(kind string, e filter.Expr) *needs {
	n := &needs{ids: map[string]bool{}}
	filter.Walk(e, func(c *filter.Compare) {
		if c.Path.URN != "" || c.Path.Name != edgeAttribute[kind] {
			return
		}
		ids, ok := endsNamed(c)
		n.whole = n.whole || !ok
		for _, id := range ids {
			n.ids[id] = true
		}
	})
	return n
}

// endsNamed returns the ids to which a comparison on Edges confines itself, and
// false if it may look at any.
func endsNamed(c *filter.Compare) ([]string, bool) {
	if c.Path.Filter != nil {
		return confined(c.Path.Filter)
	}
	if c.Op != filter.Equal || c.Path.Sub != "value" || c.Value.Kind() != value.String {
		return nil, false
	}
	return []string{c.Value.Text()}, true
}

// confined returns the values to which a filter in brackets confines itself.
func confined(e filter.Expr) ([]string, bool) {
	switch e := e.(type) {
	case *filter.Compare:
		named := e.Op == filter.Equal && e.Path.Name == "value" && e.Path.Sub == "" && e.Value.Kind() == value.String
		return []string{e.Value.Text()}, named
	case *filter.And:
		if ids, ok := confined(e.Left); ok {
			return ids, true
		}
		return confined(e.Right)
	case *filter.Or:
		left, okLeft := confined(e.Left)
		right, okRight := confined(e.Right)
		return append(left, right...), okLeft && okRight
	default:
		return nil, false
	}
}

// attach gives r the other ends of its Edges, to be matched.
func attach(r *scim.Resource, ends []Member) {
	links := make([]scim.Link, len(ends))
	for i, m := range ends {
		links[i] = scim.Link{Value: m.ID, Display: m.Display, Type: m.Kind}
		if r.Kind == "User" {
			links[i].Type = "direct"
		}
	}
	r.Compute(edgeAttribute[r.Kind], scim.LinkList(links))
}
