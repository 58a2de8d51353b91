package scim

import (
	"scimgate/scim/value"
)

const (
	immutable = "immutable" // a mutability (RFC 7643 §7)
	reference = "$ref"
)

// change changes the single value of a in o. Add and replace are the same there
// (RFC 7644 §3.5.2.1: an existing value is replaced).
func (e *edit) change(op operation, o *value.Object, a *Attribute) error {
	if op.verb == remove {
		return e.removeOne(op, o, a)
	}
	v, err := a.read(op.value, a.path, e.m)
	switch {
	case err != nil:
		return err
	case a.Type == Complex:
		return merge(o, a, op.value, v)
	case v.Unassigned():
		return clearOf(o, a)
	default:
		return set(o, a, v)
	}
}

// changeWithin changes a sub-attribute of a single complex value.
func (e *edit) changeWithin(op operation, at target) error {
	v := at.holder.At(at.attr.Name)
	if v == nil {
		if op.verb == remove {
			return nil
		}
		at.holder.Set(at.attr.Name, value.Of(value.NewObject()))
		v = at.holder.At(at.attr.Name)
	}
	return e.changeSub(op, v.Object(), at)
}

// changeSub changes the sub-attribute at.sub of one complex value. A $ref that
// belonged to another value goes with it.
func (e *edit) changeSub(op operation, o *value.Object, at target) error {
	was, _ := o.Get(at.sub.Name)
	if err := e.change(op, o, at.sub); err != nil {
		return err
	}
	is, _ := o.Get(at.sub.Name)
	if at.sub.Name == valueSub && !value.Equal(was, is) {
		o.Delete(reference)
	}
	return nil
}

// removeOne removes the single value of a from o. A remove that names a value
// removes that one only, so that a late one does not undo what came after it:
// Microsoft's reference code compares so, case aside.
func (e *edit) removeOne(op operation, o *value.Object, a *Attribute) error {
	have, ok := o.Get(a.Name)
	if !ok {
		return nil
	}
	if !clears(op.value) {
		if err := e.removesValue(a.path); err != nil {
			return err
		}
		want, err := a.read(op.value, a.path, e.m)
		if err != nil {
			return err
		}
		if !sameValue(have, want) {
			return nil
		}
	}
	return clearOf(o, a)
}

// removesValue asks whether a remove may have a value.
func (e *edit) removesValue(path string) error {
	if e.m.tolerate(RemoveWithValue, path) {
		return nil
	}
	return Errorf(InvalidSyntax, "An operation that removes from %s has no value: its path says what to remove.", path)
}

// sameValue compares by "value" if both have one, case aside.
func sameValue(a, b value.Value) bool {
	x, okX := a.Object().Get(valueSub)
	y, okY := b.Object().Get(valueSub)
	if okX && okY {
		a, b = x, y
	}
	if a.Object() != nil || b.Object() != nil {
		return value.Equal(a, b)
	}
	return value.SameText(a.Text(), b.Text())
}

// merge sets the sub-attributes that raw names in the single complex value of a
// in o, and leaves the others as they are (RFC 7644 §3.5.2.3). read is raw as a
// read it. A reference such as manager is replaced whole: the $ref and the name
// of the last manager are not those of the next.
func merge(o *value.Object, a *Attribute, raw, read value.Value) error {
	if clears(unwrapped(raw)) {
		return clearOf(o, a)
	}
	was, ok := o.Get(a.Name)
	refers := a.Sub(reference) != nil
	switch {
	case !read.Unassigned() && (!ok || refers):
		return set(o, a, read)
	case !ok:
		return nil
	}
	err := mergeInto(was.Object(), a, raw, read)
	if err == nil && refers && was.Object().At(valueSub) == nil {
		return clearOf(o, a)
	}
	return err
}

// mergeInto sets in o what read has, and clears what raw names without a value.
func mergeInto(o *value.Object, a *Attribute, raw, read value.Value) error {
	if named := unwrapped(raw).Object(); named != nil {
		for _, m := range named.Members {
			sub := a.Sub(m.Name)
			if sub == nil || sub.Mutability == readOnly || !m.Value.Unassigned() {
				continue
			}
			if err := clearOf(o, sub); err != nil {
				return err
			}
		}
	}
	if read.Object() == nil {
		return nil
	}
	for _, m := range read.Object().Members {
		if err := set(o, a.Sub(m.Name), m.Value); err != nil {
			return err
		}
	}
	return nil
}

// unwrapped takes the one item out of an array, as clients wrap single values.
func unwrapped(v value.Value) value.Value {
	if items := v.Items(); len(items) == 1 {
		return items[0]
	}
	return v
}

func set(o *value.Object, a *Attribute, v value.Value) error {
	was, ok := o.Get(a.Name)
	if ok && a.Mutability == immutable && !value.Equal(was, v) {
		return Errorf(Mutability, "The attribute %s cannot be changed once it is set.", a.path)
	}
	o.Set(a.Name, v)
	return nil
}

// clearOf leaves a without a value in o, unless it must have one.
func clearOf(o *value.Object, a *Attribute) error {
	if a.Required {
		return Errorf(InvalidValue, "The attribute %s is required and cannot be cleared.", a.path)
	}
	o.Delete(a.Name)
	return nil
}
