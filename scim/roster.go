package scim

import (
	"slices"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// members is the attribute of a group whose values are Edges: it is never read
// into a group's attributes.
const members = "members"

// edges reports whether a is that attribute.
func (t *ResourceType) edges(a *Attribute) bool { return t.Name == "Group" && a.Name == members }

// longestMember bounds the id of a member, in bytes: ours have 36.
const longestMember = 256

// roster gathers what one request wants of a group's members, in the order in
// which it says so: the last word on each id counts.
type roster struct {
	reset bool
	fate  map[string]bool // by id: in or out
	named []string        // ids in the order in which they were first named
}

func (r *roster) put(id string, in bool) {
	if r.fate == nil {
		r.fate = make(map[string]bool)
	}
	if _, known := r.fate[id]; !known {
		r.named = append(r.named, id)
	}
	r.fate[id] = in
}

func (r *roster) putAll(ids []string, in bool) {
	for _, id := range ids {
		r.put(id, in)
	}
}

// clear forgets all members, those that were named before included.
func (r *roster) clear() { *r = roster{reset: true} }

// change returns what was gathered; nil is nothing.
func (r *roster) change() *MemberChange {
	if !r.reset && len(r.named) == 0 {
		return nil
	}
	c := &MemberChange{Reset: r.reset}
	for _, id := range r.named {
		switch {
		case r.fate[id]:
			c.Add = append(c.Add, id)
		case !r.reset:
			c.Remove = append(c.Remove, id)
		}
	}
	return c
}

// read reads the members of a whole group: those named and no others. A PUT
// that does not name the attribute leaves them as they are; silence must not
// empty a group.
func (r *roster) read(a *Attribute, v value.Value, m Mode) error {
	r.clear()
	if clears(v) {
		return nil
	}
	ids, err := a.memberIDs(v, m)
	r.putAll(ids, true)
	return err
}

// memberIDs returns the ids that a value for members names, in every shape that
// clients send: a list of {"value":id}, one of them without the list, or bare
// ids. Whatever else stands in an element ("$ref":null, display) is ours to say.
func (a *Attribute) memberIDs(v value.Value, m Mode) ([]string, error) {
	v, err := a.read(v, a.path, m)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(v.Items()))
	for _, item := range v.Items() {
		id, _ := item.Object().Get(valueSub)
		if err := checkMember(id.Text()); err != nil {
			return nil, err
		}
		ids = append(ids, id.Text())
	}
	if len(ids) == 0 { // such as [{}], which must not empty a group
		return nil, Errorf(InvalidValue, "The value names no member.")
	}
	return ids, nil
}

// checkMember refuses what can be the id of nobody: blanks, control characters, a
// slash.
func checkMember(id string) error {
	odd := func(c rune) bool { return c <= ' ' || c >= 0x7f || c == '/' }
	if id == "" || len(id) > longestMember || slices.ContainsFunc([]rune(id), odd) {
		return Errorf(InvalidValue, "A member must have a value, the id of a user or group.")
	}
	return nil
}

// changeMembers is an operation of a PATCH on members.
func (e *edit) changeMembers(op operation, at target) error {
	switch {
	case at.sub != nil:
		return Errorf(Mutability, "The attribute %s cannot be changed: add or remove the member.", at.sub.path)
	case at.filter != nil:
		return e.changeChosenMembers(op, at)
	case op.verb == remove && op.valued:
		return e.removeListedMembers(op, at)
	case op.verb == remove, op.verb == replace && clears(op.value):
		e.members.clear()
		return nil
	case clears(op.value):
		return nil // nothing to add
	}
	ids, err := at.attr.memberIDs(op.value, e.m)
	if err != nil {
		return err
	}
	if op.verb == replace {
		e.members.clear()
	}
	e.members.putAll(ids, true)
	return nil
}

// removeListedMembers removes those that the value lists (Entra's older dialect),
// and never all because it lists none (design 6.4).
func (e *edit) removeListedMembers(op operation, at target) error {
	if err := e.removesValue(at.attr.path); err != nil {
		return err
	}
	listed := op.value.Items()
	if op.value.Kind() != value.Array {
		listed = []value.Value{op.value}
	}
	if len(listed) == 0 {
		return Errorf(InvalidValue, "The value does not say which members to remove.")
	}
	for _, item := range listed {
		id, ok := listedIdentity(at.attr, item)
		if !ok {
			return Errorf(InvalidValue, "The value does not say which members to remove.")
		}
		e.members.put(id, false)
	}
	return nil
}

// changeChosenMembers takes out, or in, those whom members[value eq "…"] names.
// That one of them is no member is no error (design 6.5).
func (e *edit) changeChosenMembers(op operation, at target) error {
	ids, ok := namedIn(at.filter)
	if !ok {
		return Errorf(InvalidFilter, `Members are chosen by their value: members[value eq "id"].`)
	}
	in := op.verb != remove && !clears(op.value)
	if in && !e.m.tolerate(CreatedByFilter, at.attr.path) {
		return Errorf(NoTarget, "No member of the group is chosen by the path.")
	}
	for _, id := range ids {
		if err := checkMember(id); in && err != nil {
			return err
		}
		e.members.put(id, in)
	}
	return nil
}

// namedIn returns the ids that f asks for, if it is nothing but value eq "…" joined
// by or.
func namedIn(f filter.Expr) ([]string, bool) {
	switch f := f.(type) {
	case *filter.Or:
		left, okLeft := namedIn(f.Left)
		right, okRight := namedIn(f.Right)
		return append(left, right...), okLeft && okRight
	case *filter.Compare:
		plain := f.Op == filter.Equal && value.SameName(f.Path.Name, valueSub) && f.Value.Kind() == value.String
		return []string{f.Value.Text()}, plain
	default:
		return nil, false
	}
}
