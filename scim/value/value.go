package value

import "strconv"

// Kind tells what a Value is. The zero Kind is Null.
type Kind uint8

// The six kinds of JSON value (RFC 8259 §3).
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Obj
)

// Value is one JSON value. The zero Value is null. A Value is small and passed
// by value; the items of an array and the members of an object are shared by
// its copies, so whoever changes them in place owns all of them (see Clone).
type Value struct {
	kind   Kind
	text   string   // String: the text. Number: the literal, digit for digit. Bool: "true" or "false".
	items  *[]Value // Array; nil if it is empty
	object *Object  // Obj
}

// NewText makes a string.
func NewText(s string) Value { return Value{kind: String, text: s} }

// Literal makes a number from its JSON literal, which is kept as it is.
func Literal(number string) Value { return Value{kind: Number, text: number} }

// Int makes an integer.
func Int(n int64) Value { return Literal(strconv.FormatInt(n, 10)) }

// Truth makes a boolean.
func Truth(b bool) Value { return Value{kind: Bool, text: strconv.FormatBool(b)} }

// List makes an array.
func List(items ...Value) Value {
	if len(items) == 0 {
		return Value{kind: Array}
	}
	return Value{kind: Array, items: &items}
}

// Of makes the value of an object; nil gives null.
func Of(o *Object) Value {
	if o == nil {
		return Value{}
	}
	return Value{kind: Obj, object: o}
}

// Kind returns the value's kind.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == Null }

// Text returns the text of a string, the literal of a number, "true" or "false"
// of a boolean, and "" of anything else.
func (v Value) Text() string { return v.text }

// True reports whether v is the boolean true.
func (v Value) True() bool { return v.kind == Bool && v.text == "true" }

// Items returns the items of an array, nil of anything else.
func (v Value) Items() []Value {
	if v.items == nil {
		return nil
	}
	return *v.items
}

// Object returns the object, nil of anything else.
func (v Value) Object() *Object { return v.object }

// Unassigned reports whether v stands for "no value": null, "", [] or {}
// (RFC 7643 §2.5 for null and the empty array; Entra and Okta clear with "").
func (v Value) Unassigned() bool {
	switch v.kind {
	case Null:
		return true
	case String:
		return v.text == ""
	case Array:
		return v.items == nil
	case Obj:
		return v.object.Len() == 0
	default:
		return false
	}
}

// Clone returns a deep copy of v.
func (v Value) Clone() Value {
	var n parts
	n.count(v)
	a := n.arena()
	return a.clone(v)
}

// Equal reports whether a and b are the same JSON value: objects without regard
// to the order of their members and the case of their names, numbers by literal.
func Equal(a, b Value) bool {
	x, y := a.Items(), b.Items()
	if a.kind != b.kind || a.text != b.text || len(x) != len(y) {
		return false
	}
	if a.items == b.items && a.object == b.object { // one and the same
		return true
	}
	for i := range x {
		if !Equal(x[i], y[i]) {
			return false
		}
	}
	return a.kind != Obj || a.object.equal(b.object)
}
