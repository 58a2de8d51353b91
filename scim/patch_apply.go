package scim

import (
	"errors"
	"slices"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// Apply makes the changes of p to r, a resource of type t, one after the other
// and all or none: if it fails, or if nothing changes in the end, r is as before.
// The error is an *Error, or tells that the stored body is damaged.
func (p *Patch) Apply(r *Resource, t *ResourceType, m Mode) (changed bool, err error) {
	old, err := r.Attributes()
	if err != nil {
		return false, err
	}
	e := edit{t: t, m: m, o: &value.Object{Members: slices.Clone(old.Members)}, work: maxWork}
	for i, op := range p.operations {
		var fault *Error
		if err := e.apply(op); errors.As(err, &fault) {
			return false, p.located(fault, i)
		} else if err != nil {
			return false, err
		}
	}
	if err := t.finish(e.o, m); err != nil {
		return false, err
	}
	return r.become(old, e.o, e.members.change()), nil
}

// become makes o, if it differs from old, r's attributes, and wants c of its
// members; it reports whether that is any change at all.
func (r *Resource) become(old, o *value.Object, c *MemberChange) bool {
	r.Members = c
	if value.Equal(value.Of(old), value.Of(o)) {
		return c != nil
	}
	r.SetAttributes(o)
	return true
}

// edit is a PATCH being applied to o, a copy of a resource's attributes. What is
// in an attribute is still shared with the resource as it was, until an operation
// is about it: see own.
type edit struct {
	t     *ResourceType
	m     Mode
	o     *value.Object
	owned []string // names of what o shares with nobody
	work  int      // elements that filters may still look at

	members roster
}

// maxWork bounds the elements that all filters of one PATCH look at: 1,000
// operations on 70,000 elements would cost seconds.
const maxWork = 1_000_000

// spend counts work on n elements.
func (e *edit) spend(n int) error {
	if e.work -= n; e.work < 0 {
		return Errorf(TooMany, "The operations look at too many values; send fewer at a time.")
	}
	return nil
}

// own returns o after it has made what is there under name, an attribute or a whole
// extension, e's own to change in place.
func (e *edit) own(name string) *value.Object {
	if slices.Contains(e.owned, name) {
		return e.o
	}
	e.owned = append(e.owned, name)
	if v := e.o.At(name); v != nil {
		*v = v.Clone()
	}
	return e.o
}

// target is where an operation applies.
type target struct {
	holder *value.Object // the resource, or one of its extensions
	attr   *Attribute
	sub    *Attribute  // nil for attr as a whole
	filter filter.Expr // bound; nil for all elements
}

// path names the target in errors and in the Ledger.
func (at target) path() string {
	if at.sub != nil {
		return at.sub.path
	}
	return at.attr.path
}

func (e *edit) apply(op operation) error {
	if op.path == nil {
		return e.applyMembers(op, "")
	}
	outer := *op.path
	outer.Filter = nil
	if err := e.t.binder(e.m).BindPath(nil, &outer, filter.Present); err != nil {
		return e.unbound(op.path, err)
	}
	at := target{attr: e.t.Attribute(outer.URN, outer.Name)}
	switch {
	case at.attr == nil && op.path.Filter != nil:
		return e.unknown(outer.String())
	case outer.Name == "":
		return e.applyExtension(op, outer.URN)
	case outer.URN != "":
		at.holder = extensionOf(e.own(outer.URN), outer.URN)
	default:
		at.holder = e.own(outer.Name)
	}
	if at.attr == nil {
		return e.applyUndefined(op, at.holder, &outer)
	}
	if outer.Sub != "" {
		at.sub = at.attr.Sub(outer.Sub)
	}
	var err error
	if at.filter, err = e.bindFilter(at.attr, &outer, op.path.Filter); err != nil {
		return err
	}
	return e.applyAt(op, at)
}

// unbound answers a path to an attribute that is not defined: it is dropped and
// counted (design 6.6), so that one mapping too many does not stop a user.
func (e *edit) unbound(p *filter.Path, err error) error {
	var fault *Error
	if errors.As(err, &fault) && fault.Type == Sensitive {
		e.m.tolerate(PasswordDropped, password) // design 6.10: also if strict
		return nil
	}
	name := *p
	name.Filter = nil // it holds values
	return e.unknown(name.String())
}

func (e *edit) unknown(path string) error {
	if e.m.tolerate(UnknownAttribute, shorten(path)) {
		return nil
	}
	return Errorf(InvalidPath, "No attribute %q is defined for %s.", shorten(path), e.t.Name)
}

// bindFilter binds the filter in the brackets of p, the bound path of a.
func (e *edit) bindFilter(a *Attribute, p *filter.Path, in filter.Expr) (filter.Expr, error) {
	if in == nil {
		return nil, nil
	}
	if !a.MultiValued || a.Type != Complex {
		return nil, Errorf(InvalidPath, "The attribute %s has no elements to choose by a filter.", a.path)
	}
	bound, err := filter.Bind(in, innerBinder{binder{e.t, e.m}, p})
	var fault *filter.Error
	if errors.As(err, &fault) {
		return nil, Errorf(InvalidFilter, "The filter on %s cannot be read: %s.", a.path, fault.Reason)
	}
	return bound, err
}

// innerBinder binds a filter that stands in the brackets of outer.
type innerBinder struct {
	binder
	outer *filter.Path
}

// BindPath implements filter.Binder.
func (b innerBinder) BindPath(_, p *filter.Path, op filter.Op) error {
	return b.bindInner(b.outer, p, op)
}

func (e *edit) applyAt(op operation, at target) error {
	if at.attr.Mutability == readOnly || at.sub != nil && at.sub.Mutability == readOnly {
		if op.keyed && e.m.tolerate(ReadOnlyIgnored, at.path()) {
			return nil
		}
		return Errorf(Mutability, "The attribute %s cannot be changed.", at.path())
	}
	switch {
	case e.t.edges(at.attr):
		return e.changeMembers(op, at)
	case !at.attr.MultiValued && at.sub == nil:
		return e.change(op, at.holder, at.attr)
	case !at.attr.MultiValued:
		return e.changeWithin(op, at)
	case at.sub == nil && at.filter == nil:
		return e.changeList(op, at)
	default:
		return e.changeElements(op, at)
	}
}

// applyMembers applies each member of op's value, as the attribute or the path
// that its name is: of the extension urn, or of the core if that is "".
func (e *edit) applyMembers(op operation, urn string) error {
	if op.value.Object() == nil {
		return Errorf(InvalidValue, "The value of an operation without an attribute in its path must be an object.")
	}
	for _, member := range op.value.Object().Members {
		if err := e.applyMember(op.verb, urn, member); err != nil {
			return err
		}
	}
	return nil
}

func (e *edit) applyMember(v verb, urn string, member value.Member) error {
	if urn == "" && value.SameName(member.Name, e.t.Core.ID) {
		return e.applyMembers(operation{verb: v, value: member.Value}, "")
	}
	path, err := filter.ParsePath(member.Name)
	if err != nil || urn != "" && path.URN != "" {
		return e.unknown(member.Name)
	}
	simple := path.Sub == "" && path.Filter == nil && path.URN == "" || e.t.extension(member.Name) != nil
	if !simple && !e.m.tolerate(PathAsKey, path.Name) {
		return Errorf(InvalidPath, "A path must be the path of an operation, not a name in its value.")
	}
	if urn != "" {
		path.URN = urn
	}
	return e.apply(operation{verb: v, path: &path, value: member.Value, valued: true, keyed: true})
}

// applyExtension changes an extension as a whole: attribute by attribute, or it
// goes if it is removed or set to null.
func (e *edit) applyExtension(op operation, urn string) error {
	switch {
	case op.verb == remove || op.verb == replace && clears(op.value):
		e.o.Delete(urn)
		return nil
	case clears(op.value):
		return nil
	default:
		return e.applyMembers(op, urn)
	}
}

// clears reports whether v stands for "no value" in an operation: null, "" or [].
// An empty object names nothing to change.
func clears(v value.Value) bool { return v.Unassigned() && v.Kind() != value.Obj }

// applyUndefined changes a custom attribute that the tenant has not defined yet:
// a simple value is kept as it was sent (design 6.6), anything else is dropped.
func (e *edit) applyUndefined(op operation, holder *value.Object, p *filter.Path) error {
	v := unwrap(op.value)
	if v.Kind() != op.value.Kind() && !e.m.tolerate(WrappedValue, shorten(p.String())) {
		return e.unknown(p.String())
	}
	switch {
	case op.verb == remove || clears(v):
		holder.Delete(p.Name)
	case v.Kind() == value.Array || v.Kind() == value.Obj:
		return e.unknown(p.String())
	default:
		holder.Set(p.Name, v)
	}
	return nil
}
