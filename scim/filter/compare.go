package filter

import (
	"strings"
	"time"

	"scimgate/scim/value"
)

// compare compares one simple value with c.Value, as the type of c.Path says.
func (c *Compare) compare(v value.Value) bool {
	if c.Op == Present {
		return assigned(v)
	}
	if v.Unassigned() || v.Kind() == value.Obj || v.Kind() == value.Array {
		return c.Op == NotEqual
	}
	switch c.Op {
	case Contains, StartsWith, EndsWith:
		return c.contains(v.Text(), c.Value.Text())
	case Equal, NotEqual:
		return c.equal(v.Text(), c.Value.Text()) == (c.Op == Equal)
	default:
		order, ok := c.order(v.Text(), c.Value.Text())
		return ok && stands(order, c.Op)
	}
}

func stands(order int, op Op) bool {
	switch op {
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	default:
		return false
	}
}

// contains takes the text literally: no character of it has a special meaning.
func (c *Compare) contains(have, want string) bool {
	if c.Path.Type != ExactText {
		have, want = value.Fold(have), value.Fold(want)
	}
	switch c.Op {
	case Contains:
		return strings.Contains(have, want)
	case StartsWith:
		return strings.HasPrefix(have, want)
	default:
		return strings.HasSuffix(have, want)
	}
}

// equal compares by type where both texts are of that type, so that 701 is
// "701" and 701.0, "True" is true (Entra sends it so), and one instant is the
// same in every time zone; and as texts where they are not.
func (c *Compare) equal(have, want string) bool {
	switch c.Path.Type {
	case ExactText:
		return have == want
	case Numeric, Time:
		if order, ok := c.order(have, want); ok {
			return order == 0
		}
	default:
	}
	return value.SameText(have, want)
}

// order reports false where the two cannot be ordered.
func (c *Compare) order(have, want string) (int, bool) {
	switch c.Path.Type {
	case FoldedText:
		return strings.Compare(value.Fold(have), value.Fold(want)), true
	case ExactText:
		return strings.Compare(have, want), true
	case Numeric:
		return value.CompareNumbers(have, want)
	case Time:
		a, okA := instant(have)
		b, okB := instant(want)
		return a.Compare(b), okA && okB
	default:
		return 0, false
	}
}

// instant reads a dateTime (RFC 7643 §2.3.5); one without a zone is in UTC.
func instant(s string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
