package filter

import "scimgate/scim/value"

// Print returns e as text that Parse reads as e.
func Print(e Expr) string { return string(appendExpr(nil, e, looseOr)) }

// String returns p as text that ParsePath reads as p.
func (p Path) String() string { return string(appendPath(nil, p)) }

// How tightly an expression binds. One that binds looser than its place asks
// for is put in parentheses.
type binding uint8

const (
	looseOr binding = iota
	and
	term
)

func appendExpr(dst []byte, e Expr, place binding) []byte {
	switch e := e.(type) {
	case *Or:
		return appendBoth(dst, e.Left, " or ", e.Right, looseOr, place)
	case *And:
		return appendBoth(dst, e.Left, " and ", e.Right, and, place)
	case *Not:
		dst = append(dst, "not ("...)
		dst = appendExpr(dst, e.Expr, looseOr)
		return append(dst, ')')
	case *Compare:
		return appendCompare(dst, e)
	default:
		return dst
	}
}

func appendBoth(dst []byte, left Expr, word string, right Expr, own, place binding) []byte {
	if own < place {
		dst = append(dst, '(')
	}
	dst = appendExpr(dst, left, own)
	dst = append(dst, word...)
	dst = appendExpr(dst, right, own+1)
	if own < place {
		dst = append(dst, ')')
	}
	return dst
}

func appendCompare(dst []byte, c *Compare) []byte {
	dst = appendPath(dst, c.Path)
	if c.Op == Present && c.Path.Filter != nil && c.Path.Sub == "" {
		return dst // a bare value path
	}
	dst = append(dst, ' ')
	dst = append(dst, c.Op.String()...)
	if c.Op == Present {
		return dst
	}
	return value.Append(append(dst, ' '), c.Value)
}

func appendPath(dst []byte, p Path) []byte {
	dst = append(dst, p.URN...)
	if p.URN != "" && p.Name != "" {
		dst = append(dst, ':')
	}
	dst = append(dst, p.Name...)
	if p.Filter != nil {
		dst = append(dst, '[')
		dst = appendExpr(dst, p.Filter, looseOr)
		dst = append(dst, ']')
	}
	if p.Sub != "" {
		dst = append(append(dst, '.'), p.Sub...)
	}
	return dst
}
