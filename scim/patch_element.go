package scim

import (
	"slices"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// changeElements changes the elements of a list that the path's filter chooses,
// all of them if it has none, or the sub-attribute that the path names in them.
func (e *edit) changeElements(op operation, at target) error {
	list, _ := at.holder.Get(at.attr.Name)
	items := list.Items()
	chosen, err := e.choose(at, items)
	if err != nil {
		return err
	}
	switch {
	case op.verb == remove && at.sub == nil, clears(op.value) && at.sub == nil:
		return store(at, without(items, chosen))
	case len(chosen) == 0 && (op.verb == remove || clears(op.value)):
		return nil // absent already
	case len(chosen) == 0:
		element, err := e.create(at)
		if err != nil {
			return err
		}
		chosen, items = []int{len(items)}, append(items, element)
	}
	for _, i := range chosen {
		if err := e.changeElement(op, at, items[i]); err != nil {
			return err
		}
		onlyPrimary(items, i)
	}
	if op.verb == remove || clears(op.value) {
		items = slices.DeleteFunc(items, isHusk)
	}
	return store(at, items)
}

// choose returns the indices of the elements that the filter of at matches. Of
// several of one type it is the primary one, else the first (design 6.9).
func (e *edit) choose(at target, items []value.Value) ([]int, error) {
	if err := e.spend(len(items)); err != nil {
		return nil, err
	}
	var chosen []int
	for i, item := range items {
		if at.filter == nil || filter.MatchElement(at.filter, item) {
			chosen = append(chosen, i)
		}
	}
	if len(chosen) < 2 || !asksForType(at.filter) || !e.m.tolerate(AmbiguousFilter, at.attr.path) {
		return chosen, nil
	}
	for _, i := range chosen {
		if isPrimary(items[i]) {
			return []int{i}, nil
		}
	}
	return chosen[:1], nil
}

// asksForType reports whether f asks for elements of one type.
func asksForType(f filter.Expr) bool {
	terms, ok := equalities(f)
	return ok && slices.ContainsFunc(terms, func(c *filter.Compare) bool { return c.Path.Name == "type" })
}

// equalities returns the terms of f if it is nothing but eq terms joined by and.
func equalities(f filter.Expr) ([]*filter.Compare, bool) {
	switch f := f.(type) {
	case nil:
		return nil, true
	case *filter.And:
		left, okLeft := equalities(f.Left)
		right, okRight := equalities(f.Right)
		return append(left, right...), okLeft && okRight
	case *filter.Compare:
		return []*filter.Compare{f}, f.Op == filter.Equal
	default:
		return nil, false
	}
}

func without(items []value.Value, chosen []int) []value.Value {
	for _, i := range slices.Backward(chosen) {
		items = slices.Delete(items, i, i+1)
	}
	return items
}

// create makes the element that the filter of at describes and that is not there
// (design 6.3): Entra sets emails[type eq "work"].value without asking whether
// the user has one. Only eq terms describe an element.
func (e *edit) create(at target) (value.Value, error) {
	element := value.Of(value.NewObject())
	terms, ok := equalities(at.filter)
	for _, term := range terms {
		if !ok {
			break
		}
		sub := at.attr.Sub(term.Path.Name)
		v, err := sub.read(term.Value, sub.path, e.m)
		if ok = err == nil && sub.Mutability != readOnly; ok {
			element.Object().Set(sub.Name, v)
		}
	}
	ok = ok && (at.filter == nil || filter.MatchElement(at.filter, element))
	if !ok || !e.m.tolerate(CreatedByFilter, at.attr.path) {
		return element, Errorf(NoTarget, "No element of %s matches the filter of the path.", at.attr.path)
	}
	return element, nil
}

func (e *edit) changeElement(op operation, at target, element value.Value) error {
	if at.sub != nil {
		return e.changeSub(op, element.Object(), at)
	}
	raw := unwrapped(op.value)
	read, err := at.attr.readOne(raw, at.attr.path, e.m)
	if err != nil {
		return err
	}
	return mergeInto(element.Object(), at.attr, raw, read)
}

// isHusk reports whether an element says nothing any more: only what kind of
// value it would have, and what to call it.
func isHusk(element value.Value) bool {
	o := element.Object()
	return o != nil && !slices.ContainsFunc(o.Members, func(m value.Member) bool {
		return m.Name != "type" && m.Name != primary && m.Name != "display"
	})
}
