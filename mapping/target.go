package mapping

import (
	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// target is where a rule puts its value in the Projection.
type target struct {
	place
	terms []value.Member // what a new element must hold so that the filter finds it
}

// findTarget resolves the path of a target and checks that something can be put
// there. simple says that one simple value will be.
func findTarget(text string, t *scim.ResourceType, simple bool) (target, *Fault) {
	found, f := find(text, t)
	if f != nil {
		f.Column = 0
		return target{}, f
	}
	p := target{place: found}
	switch {
	case p.readOnly():
		return p, &Fault{Reason: "this attribute is read-only", Hint: "the account keeps it itself"}
	case p.path.Filter != nil && p.sub == nil, p.path.Filter == nil && p.sub != nil && p.attr.MultiValued, simple && p.many():
		return p, &Fault{
			Reason: p.attr.Name + " has several values",
			Hint:   `say which one and what of it, as in emails[type eq "work"].value`,
		}
	case simple && !p.narrow():
		return p, &Fault{Reason: p.attr.Name + " has sub-attributes", Hint: "name one of them, as in name.givenName"}
	}
	if p.path.Filter != nil && !p.collect(p.path.Filter) {
		return p, &Fault{
			Reason: "the brackets do not say what a new value would hold",
			Hint:   `use only eq and and, as in emails[type eq "work"].value`,
		}
	}
	return p, nil
}

// readOnly reports whether p is nothing that a provider of users may set: id,
// meta and groups (RFC 7643 §3.1 and §4.1.2), and schemas, which follows from the rest.
func (p *place) readOnly() bool {
	return p.attr.Mutability == "readOnly" || p.last().Mutability == "readOnly" || p.attr.Name == "schemas"
}

// collect gathers the terms of f; false if f is more than a conjunction of eq.
func (t *target) collect(f filter.Expr) bool {
	switch f := f.(type) {
	case *filter.And:
		return t.collect(f.Left) && t.collect(f.Right)
	case *filter.Compare:
		sub := t.attr.Sub(f.Path.Name)
		if f.Op != filter.Equal || sub == nil || sub == t.sub {
			return false
		}
		v, ok := convert(f.Value, sub)
		t.terms = append(t.terms, value.Member{Name: sub.Name, Value: v})
		return ok
	default:
		return false
	}
}

// set puts v there, and makes what has to stand around it.
func (t *target) set(projection *value.Object, v value.Value) {
	if t.path.URN != "" {
		projection = child(projection, t.path.URN)
	}
	switch {
	case t.path.Filter != nil:
		t.setElement(projection, v)
	case t.sub != nil:
		child(projection, t.path.Name).Set(t.path.Sub, v)
	default:
		projection.Set(t.path.Name, v)
	}
}

func (t *target) setElement(o *value.Object, v value.Value) {
	list, _ := o.Get(t.path.Name)
	if element := t.chosen(list.Items()); element != nil {
		element.Set(t.path.Sub, v)
		return
	}
	members := make([]value.Member, 0, len(t.terms)+3)
	members = append(append(members, t.terms...), value.Member{Name: t.path.Sub, Value: v})
	o.Set(t.path.Name, value.List(append(list.Items(), value.Of(value.NewObject(members...)))...))
}

// child returns the object called name in o, which it makes if need be.
func child(o *value.Object, name string) *value.Object {
	if v, _ := o.Get(name); v.Object() != nil {
		return v.Object()
	}
	made := &value.Object{Members: make([]value.Member, 0, 4)}
	o.Set(name, value.Of(made))
	return made
}
