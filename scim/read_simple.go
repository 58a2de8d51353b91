package scim

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"scimgate/scim/value"
)

// readSimple reads one value of an attribute that is not complex.
func (a *Attribute) readSimple(v value.Value, path string, m Mode) (value.Value, error) {
	inner := unwrap(v)
	if k := v.Kind(); k == value.Array || k == value.Obj {
		if inner.Kind() == k || !m.tolerate(WrappedValue, path) {
			return v, a.mismatch(path)
		}
	}
	if inner.Unassigned() {
		return value.Value{}, nil
	}
	return a.readScalar(inner, path, m)
}

// unwrap takes the value out of [x], {"value":x} and [{"value":x}].
func unwrap(v value.Value) value.Value {
	if items := v.Items(); len(items) == 1 {
		v = items[0]
	}
	if inner, ok := v.Object().Get(valueSub); ok {
		return inner
	}
	return v
}

func (a *Attribute) readScalar(v value.Value, path string, m Mode) (value.Value, error) {
	switch k := v.Kind(); {
	case k == value.Array || k == value.Obj:
	case a.Type == Boolean:
		return a.readBoolean(v, path, m)
	case a.Type == Integer || a.Type == Decimal:
		return a.readNumber(v, path, m)
	case k != value.String && a.Type != DateTime:
		if m.tolerate(ScalarAsString, path) {
			return value.NewText(v.Text()), nil
		}
	case a.Type != DateTime || isDateTime(v.Text()):
		return v, nil
	}
	return v, a.mismatch(path)
}

func (a *Attribute) readBoolean(v value.Value, path string, m Mode) (value.Value, error) {
	if v.Kind() == value.Bool {
		return v, nil
	}
	yes := strings.EqualFold(v.Text(), "true")
	reads := v.Kind() == value.String && (yes || strings.EqualFold(v.Text(), "false"))
	if !reads || !m.tolerate(BooleanAsString, path) {
		return v, a.mismatch(path)
	}
	return value.Truth(yes), nil
}

// readNumber checks a number and keeps it as it was sent, also if as text: a
// client that reads back 701 for its "701" sends it again each cycle (design 6.6).
func (a *Attribute) readNumber(v value.Value, path string, m Mode) (value.Value, error) {
	text := v.Text()
	fits := v.Kind() != value.Bool && isNumber(text)
	if a.Type == Integer {
		fits = fits && isInteger(text)
	}
	if !fits || v.Kind() == value.String && !m.tolerate(NumberAsString, path) {
		return v, a.mismatch(path)
	}
	return v, nil
}

// isInteger reports whether s is a whole number of 64 bits.
func isInteger(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil
}

// isNumber reports whether s is decimal digits with an optional minus, point and
// exponent. Leading zeros pass: a badge "007" is a number to those who send it.
func isNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	if s == "" || s[0] < '0' || '9' < s[0] || strings.ContainsAny(s, "xXpP_") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil || errors.Is(err, strconv.ErrRange) // its size does not matter
}

func isDateTime(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}

// mismatch is the error of a value that is not of a's type.
func (a *Attribute) mismatch(path string) error {
	due := map[Type]string{
		Boolean: "true or false", Integer: "a whole number", Decimal: "a number",
		DateTime: "a date and time such as 2026-01-31T08:00:00Z",
	}[a.Type]
	if due == "" {
		due = "a string"
	}
	return Errorf(InvalidValue, "The attribute %s must be %s.", path, due)
}
