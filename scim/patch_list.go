package scim

import (
	"slices"

	"scimgate/scim/value"
)

// changeList changes a multi-valued attribute as a whole.
func (e *edit) changeList(op operation, at target) error {
	a, o := at.attr, at.holder
	have, _ := o.Get(a.Name)
	switch {
	case op.verb == remove && op.valued:
		return e.removeListed(op, at, have.Items())
	case op.verb == remove, op.verb == replace && clears(op.value):
		return clearOf(o, a)
	case clears(op.value):
		return nil // nothing to add
	}
	v, err := a.read(op.value, a.path, e.m)
	switch {
	case err != nil:
		return err
	case v.Unassigned(): // such as [{}], which must not empty a group
		return Errorf(InvalidValue, "The value for %s has no element that could be kept.", a.path)
	case op.verb == add:
		v = value.List(union(a, have.Items(), v.Items())...)
	}
	o.Set(a.Name, v)
	return nil
}

// union adds to have, in place, what it does not hold yet (RFC 7644 §3.5.2.1: a value that
// is there is not added again). An element that is there under the same identity
// takes over the sub-attributes that were sent.
func union(a *Attribute, have, more []value.Value) []value.Value {
	all := have
	known := make(identities, 2*len(have))
	for i, element := range have {
		known.add(a, element, i)
	}
	for _, element := range more {
		i, ok := known.find(a, element)
		if ok && element.Object() != nil {
			all[i] = overlaid(all[i], element)
		} else if !ok {
			i = len(all)
			known.add(a, element, i)
			all = append(all, element)
		}
		onlyPrimary(all, i)
	}
	return all
}

func overlaid(element, with value.Value) value.Value {
	for _, m := range with.Object().Members {
		element.Object().Set(m.Name, m.Value)
	}
	return element
}

// onlyPrimary takes "primary" from all elements but items[i] if that one has it:
// the newest stays (RFC 7644 §3.5.2).
func onlyPrimary(items []value.Value, i int) {
	if !isPrimary(items[i]) {
		return
	}
	for j, item := range items {
		if j != i && isPrimary(item) {
			item.Object().Set(primary, value.Truth(false))
		}
	}
}

func isPrimary(element value.Value) bool {
	v, _ := element.Object().Get(primary)
	return v.True()
}

// identities finds elements by what makes them the same: the "value", and the
// "type" if both have one, since one number may be a work and a mobile phone.
// Elements without a value are the same if all of them is.
type identities map[string]int

func (k identities) add(a *Attribute, element value.Value, i int) {
	v, kind := identity(a, element)
	for _, key := range []string{v, v + "\x00" + kind} {
		if _, ok := k[key]; !ok {
			k[key] = i
		}
	}
}

func (k identities) find(a *Attribute, element value.Value) (int, bool) {
	v, kind := identity(a, element)
	if kind == "" {
		i, ok := k[v]
		return i, ok
	}
	if i, ok := k[v+"\x00"+kind]; ok {
		return i, ok
	}
	i, ok := k[v+"\x00"]
	return i, ok
}

// identity returns the normalised value and type of an element.
func identity(a *Attribute, element value.Value) (v, kind string) {
	o := element.Object()
	if o == nil {
		return a.folded(element.Text()), ""
	}
	inner, ok := o.Get(valueSub)
	if !ok {
		return wholeIdentity(a, o), ""
	}
	t, _ := o.Get("type")
	return a.Sub(valueSub).folded(inner.Text()), value.Fold(t.Text())
}

// folded is s as values of a are compared.
func (a *Attribute) folded(s string) string {
	if a.CaseExact {
		return s
	}
	return value.Fold(s)
}

// wholeIdentity is the element with its sub-attributes in the schema's order.
func wholeIdentity(a *Attribute, o *value.Object) string {
	key := []byte("\x01")
	for _, sub := range a.SubAttributes {
		if v, ok := o.Get(sub.Name); ok {
			key = value.Append(append(append(key, sub.Name...), '='), v)
		}
	}
	return string(key)
}

// removeListed removes the elements that op's value lists, and no others. An
// empty list or a shape that we do not know is an error: it must never come to
// mean "all" (design 6.4).
func (e *edit) removeListed(op operation, at target, have []value.Value) error {
	a := at.attr
	if err := e.removesValue(a.path); err != nil {
		return err
	}
	listed := op.value.Items()
	if op.value.Kind() != value.Array {
		listed = []value.Value{op.value}
	}
	gone := make(map[string]bool, len(listed))
	for _, item := range listed {
		key, ok := listedIdentity(a, item)
		if !ok {
			return Errorf(InvalidValue, "The value does not say which elements of %s to remove.", a.path)
		}
		gone[key] = true
	}
	if len(gone) == 0 {
		return Errorf(InvalidValue, "The value does not say which elements of %s to remove.", a.path)
	}
	kept := slices.DeleteFunc(have, func(element value.Value) bool {
		key, _ := identity(a, element)
		return gone[key]
	})
	return store(at, kept)
}

// listedIdentity returns the identity of what a remove lists: {"value":x} or x,
// or a whole element where elements have no "value" (addresses).
func listedIdentity(a *Attribute, item value.Value) (string, bool) {
	of := a
	if a.Type == Complex {
		if of = a.Sub(valueSub); of == nil {
			read, err := a.readOne(item, a.path, Mode{})
			return wholeIdentity(a, read.Object()), err == nil && read.Object() != nil
		}
	}
	v := item
	if o := item.Object(); o != nil {
		v, _ = o.Get(valueSub)
	}
	simple := !v.Unassigned() && v.Kind() != value.Array && v.Kind() != value.Obj
	return of.folded(v.Text()), simple
}

// store sets the elements of a list; none is no value.
func store(at target, items []value.Value) error {
	if len(items) == 0 {
		return clearOf(at.holder, at.attr)
	}
	at.holder.Set(at.attr.Name, value.List(items...))
	return nil
}
