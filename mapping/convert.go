package mapping

import (
	"strconv"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// convert makes a simple value one of a's type: "701" is 701 in an integer
// (design 6.6) and "True" is true in a boolean, as Entra's expressions have it.
// ok is false if it cannot.
func convert(v value.Value, a *scim.Attribute) (value.Value, bool) {
	if a.Type == scim.String && v.Kind() == value.String {
		return v, true // almost always
	}
	text, ok := textOf(v)
	switch a.Type {
	case scim.Boolean:
		return truth(text)
	case scim.Integer:
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		return value.Int(n), err == nil
	case scim.Decimal:
		text = strings.TrimSpace(text)
		number, err := value.Parse([]byte(text), value.DefaultLimits)
		return number, err == nil && number.Kind() == value.Number
	case scim.Complex:
		return v, false
	default:
		if v.Kind() == value.String {
			return v, true
		}
		return value.NewText(text), ok
	}
}

func truth(text string) (value.Value, bool) {
	switch {
	case strings.EqualFold(text, "true"):
		return value.Truth(true), true
	case strings.EqualFold(text, "false"):
		return value.Truth(false), true
	default:
		return value.Value{}, false
	}
}

// wanted says in words what convert takes.
func wanted(a *scim.Attribute) string {
	switch a.Type {
	case scim.Boolean:
		return "true or false"
	case scim.Integer:
		return "a whole number"
	case scim.Decimal:
		return "a number"
	default:
		return "a text"
	}
}

// sameShape reports whether a value of a can stand at b as it is.
func sameShape(a, b *scim.Attribute) bool {
	if a.MultiValued != b.MultiValued || a.Type != b.Type || len(a.SubAttributes) != len(b.SubAttributes) {
		return false
	}
	for _, sub := range a.SubAttributes {
		if b.Sub(sub.Name) == nil {
			return false
		}
	}
	return true
}
