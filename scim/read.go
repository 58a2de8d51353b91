package scim

import (
	"strings"

	"scimgate/scim/value"
)

// read returns v as a value of a: checked against a's type, sub-attributes in the
// schema's spelling, everything else as it was sent. The null value means that v
// assigns nothing (null, "", [], {} or only such): the attribute is to be cleared.
// path names a in errors and in the Ledger. The error is an *Error.
func (a *Attribute) read(v value.Value, path string, m Mode) (value.Value, error) {
	switch {
	case v.Unassigned():
		return value.Value{}, nil
	case a.MultiValued:
		return a.readList(v, path, m)
	default:
		return a.readOne(v, path, m)
	}
}

// readOne reads one value, which for a multi-valued attribute is one element.
func (a *Attribute) readOne(v value.Value, path string, m Mode) (value.Value, error) {
	if v.Unassigned() {
		return value.Value{}, nil
	}
	if a.Type == Complex {
		return a.readComplex(v, path, m)
	}
	return a.readSimple(v, path, m)
}

func (a *Attribute) readList(v value.Value, path string, m Mode) (value.Value, error) {
	items := v.Items()
	if v.Kind() != value.Array {
		if !m.tolerate(SingleAsList, path) {
			return v, Errorf(InvalidValue, "The attribute %s must be an array: it can have several values.", path)
		}
		items = []value.Value{v}
	}
	kept := make([]value.Value, 0, len(items))
	for _, item := range items {
		one, err := a.readOne(item, path, m)
		if err != nil {
			return v, err
		}
		if !one.Unassigned() {
			kept = append(kept, one)
		}
	}
	if len(kept) == 0 {
		return value.Value{}, nil
	}
	return value.List(kept...), onePrimary(kept, path, m)
}

// onePrimary leaves the first primary value so, and no other (RFC 7643 §2.4).
func onePrimary(items []value.Value, path string, m Mode) error {
	seen, told := false, false
	for _, item := range items {
		p := item.Object().At(primary)
		if p == nil || !p.True() {
			continue
		}
		if !seen {
			seen = true
			continue
		}
		if !told && !m.tolerate(SeveralPrimaries, path) {
			return Errorf(InvalidValue, "The attribute %s has more than one primary value.", path)
		}
		told, *p = true, value.Truth(false)
	}
	return nil
}

func (a *Attribute) readComplex(v value.Value, path string, m Mode) (value.Value, error) {
	switch v.Kind() {
	case value.Obj:
		return a.readObject(v.Object(), path, m)
	case value.Array:
		single := !a.MultiValued && len(v.Items()) == 1 && v.Items()[0].Kind() != value.Array
		if single && m.tolerate(WrappedValue, path) {
			return a.readOne(v.Items()[0], path, m)
		}
	case value.String, value.Number:
		if a.Sub(valueSub) != nil && m.tolerate(BareValue, path) {
			return a.readObject(value.NewObject(value.Member{Name: valueSub, Value: v}), path, m)
		}
	default: // true or false
	}
	return v, Errorf(InvalidValue, "The attribute %s must be an object.", path)
}

// readObject reads the sub-attributes of one value. Those that are readOnly are
// ignored, as RFC 7644 §3.3 says.
func (a *Attribute) readObject(o *value.Object, path string, m Mode) (value.Value, error) {
	o, err := a.decoded(o, path, m)
	if err != nil {
		return value.Value{}, err
	}
	out := &value.Object{Members: make([]value.Member, 0, len(o.Members))}
	for _, member := range o.Members {
		sub := a.Sub(member.Name)
		if sub == nil {
			if err := unknown(path+"."+member.Name, m); err != nil {
				return value.Value{}, err
			}
			continue
		}
		if sub.Mutability == readOnly {
			continue
		}
		v, err := sub.read(member.Value, sub.path, m)
		if err != nil {
			return v, err
		}
		if !v.Unassigned() {
			out.Members = append(out.Members, value.Member{Name: sub.Name, Value: v})
		}
	}
	if out.Len() == 0 {
		return value.Value{}, nil
	}
	return value.Of(out), nil
}

// decoded returns o, or what the JSON text in its value says if o is a role of
// Entra's AppRoleAssignmentsComplex: {"value":"{\"id\":…,\"value\":…,\"displayName\":…}"}.
// Such a role is not primary; its id is Entra's own and is left out.
func (a *Attribute) decoded(o *value.Object, path string, m Mode) (*value.Object, error) {
	v, _ := o.Get(valueSub)
	if a.Name != "roles" || v.Kind() != value.String || !strings.HasPrefix(v.Text(), "{") {
		return o, nil
	}
	inner := parsedObject(v.Text())
	if inner == nil {
		return o, nil // a role that merely looks so
	}
	if !m.tolerate(EncodedValue, path) {
		return o, Errorf(InvalidValue, "The attribute %s.value holds JSON as text.", path)
	}
	out := o.Clone()
	name, _ := inner.Get(valueSub)
	out.Set(valueSub, name)
	if display, ok := inner.Get("displayName"); ok {
		out.Set("display", display)
	}
	if out.At(primary) == nil {
		out.Set(primary, value.Truth(false))
	}
	return out, nil
}

// parsedObject returns the object that text is in JSON, nil if it is none.
func parsedObject(text string) *value.Object {
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil {
		return nil
	}
	return v.Object()
}

// unknown tells that nothing is defined at path: dropped, or refused if strict.
func unknown(path string, m Mode) error {
	if m.tolerate(UnknownAttribute, shorten(path)) {
		return nil
	}
	return Errorf(InvalidSyntax, "No attribute %q is defined.", shorten(path))
}

// shorten bounds a name that a client made up, for errors and the Ledger.
func shorten(name string) string {
	const most = 120
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "") + "…"
	}
	return name
}
