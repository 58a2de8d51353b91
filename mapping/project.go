package mapping

import (
	"cmp"
	"strings"

	"scimgate/scim/value"
)

// Project makes what the account should hold of a user: the rules in their
// order, then the account's own demands on active and userName. creating says
// that the account does not have the user yet: only then rules with
// "apply":"OnCreate" and defaults take part.
//
// The Projection has no schemas, id or meta. It shares values with attributes,
// so that neither may be changed in place afterwards. The error is an *Error.
func (r *Rules) Project(attributes *value.Object, creating bool) (*value.Object, error) {
	return r.project(&evaluation{attributes: attributes}, creating)
}

func (r *Rules) project(e *evaluation, creating bool) (*value.Object, error) {
	attributes := e.attributes
	p := &value.Object{Members: make([]value.Member, 0, min(len(r.rules), attributes.Len())+3)}
	for i := range r.rules {
		if err := r.rules[i].apply(e, p, creating); err != nil {
			return nil, err
		}
	}
	settleActive(p, attributes)
	if err := settleName(p, attributes); err != nil {
		return nil, err
	}
	return p, nil
}

// Leaves reports whether an update leaves the attribute at path as the account
// has it, even though the Projection does not hold it: the target of a rule of
// type None, of one that applies only on creation, of one with "onEmpty":"Keep"
// or, unless it says Clear, of one with a default. (Entra's default fills in once;
// a source that loses its value later changes nothing.) Whoever clears what a Projection no longer holds asks this first.
func (r *Rules) Leaves(path string) bool {
	if len(r.created) == 0 {
		return false
	}
	path = value.Fold(path)
	for _, target := range r.created {
		if within(path, target) || within(target, path) {
			return true
		}
	}
	return false
}

// within reports whether inner is outer or a part of it.
func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// apply puts the rule's value into the projection p.
func (r *rule) apply(e *evaluation, p *value.Object, creating bool) error {
	if r.onCreate && !creating {
		return nil
	}
	e.begin()
	v := e.value(r.value)
	if e.failure != "" {
		return r.error(e.failure)
	}
	if v.Unassigned() {
		return r.applyNothing(p, creating)
	}
	switch {
	case r.clone:
		v = v.Clone()
	case r.many:
		return r.applyMany(p, v)
	case !r.whole:
		var ok bool
		if v, ok = convert(v, r.target.last()); !ok {
			return r.error("the value is not " + wanted(r.target.last()))
		}
	}
	r.target.set(p, v)
	return nil
}

// applyMany puts each item of the list v, or a single v, at the target.
func (r *rule) applyMany(p *value.Object, v value.Value) error {
	items := v.Items()
	if v.Kind() != value.Array {
		items = []value.Value{v}
	}
	sub := r.target.attr.Sub(valueSub)
	var list []value.Value
	for _, item := range items {
		made, ok := convert(item, cmp.Or(sub, r.target.attr))
		switch {
		case !ok:
			return r.error("a value of the list is not " + wanted(cmp.Or(sub, r.target.attr)))
		case made.Unassigned():
		case sub == nil:
			list = append(list, made)
		default:
			list = append(list, value.Of(value.NewObject(value.Member{Name: sub.Name, Value: made})))
		}
	}
	if list != nil {
		r.target.set(p, value.List(list...))
	}
	return nil
}

// applyNothing is apply where the rule yields no value.
func (r *rule) applyNothing(p *value.Object, creating bool) error {
	switch {
	case r.fallback.IsNull() && r.required:
		return r.error("a value is required and there is none")
	case creating && !r.fallback.IsNull():
		r.target.set(p, r.fallback)
	}
	return nil
}

func (r *rule) error(reason string) error {
	return &Error{Rule: r.index, Target: r.name, Reason: reason}
}

// settleActive sees to it that active is always said, and that no rule keeps a
// user enabled whom the identity provider disabled.
func settleActive(p, attributes *value.Object) {
	if v, ok := attributes.Get("active"); ok && !v.True() && !v.IsNull() {
		p.Set("active", value.Truth(false))
	} else if p.At("active") == nil {
		p.Set("active", value.Truth(true))
	}
}
