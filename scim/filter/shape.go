package filter

import "scimgate/scim/value"

// hidden stands for a literal in a Shape.
var hidden = value.NewText("?")

// Shape returns p with "?" for every literal in its brackets, emails[type eq "?"],
// which can be shown where values must not be.
func (p Path) Shape() Path {
	p.Filter = shape(p.Filter)
	return p
}

func shape(e Expr) Expr {
	switch e := e.(type) {
	case *Or:
		return &Or{Left: shape(e.Left), Right: shape(e.Right)}
	case *And:
		return &And{Left: shape(e.Left), Right: shape(e.Right)}
	case *Not:
		return &Not{Expr: shape(e.Expr)}
	case *Compare:
		c := &Compare{Path: e.Path.Shape(), Op: e.Op}
		if c.Op != Present {
			c.Value = hidden
		}
		return c
	default:
		return nil
	}
}
