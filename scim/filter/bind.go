package filter

// Bind returns a copy of e whose paths b has completed. Errors of b pass
// through; a comparison that the type of its attribute has no meaning for is an
// *Error (RFC 7644 §3.4.2.2 asks for it with gt and the like on booleans).
func Bind(e Expr, b Binder) (Expr, error) { return bindIn(nil, e, b) }

// BindPath returns a copy of p that b has completed, with the filter in its
// brackets. op is what will be done with the values, Present for none.
func BindPath(p Path, b Binder, op Op) (Path, error) { return bindPath(nil, p, b, op) }

// bindIn binds e, which stands in the brackets of parent unless that is nil.
func bindIn(parent *Path, e Expr, b Binder) (Expr, error) {
	switch e := e.(type) {
	case *Or:
		left, right, err := bindBoth(parent, e.Left, e.Right, b)
		return &Or{Left: left, Right: right}, err
	case *And:
		left, right, err := bindBoth(parent, e.Left, e.Right, b)
		return &And{Left: left, Right: right}, err
	case *Not:
		inner, err := bindIn(parent, e.Expr, b)
		return &Not{Expr: inner}, err
	case *Compare:
		path, err := bindPath(parent, e.Path, b, e.Op)
		return &Compare{Path: path, Op: e.Op, Value: e.Value}, err
	default:
		return e, nil
	}
}

func bindBoth(parent *Path, left, right Expr, b Binder) (Expr, Expr, error) {
	l, err := bindIn(parent, left, b)
	if err != nil {
		return nil, nil, err
	}
	r, err := bindIn(parent, right, b)
	return l, r, err
}

func bindPath(parent *Path, p Path, b Binder, op Op) (Path, error) {
	if err := b.BindPath(parent, &p, op); err != nil {
		return p, err
	}
	if p.Filter != nil {
		var err error
		if p.Filter, err = bindIn(&p, p.Filter, b); err != nil {
			return p, err
		}
	}
	return p, meaningful(p, op)
}

func meaningful(p Path, op Op) error {
	switch {
	case op == Present:
		return nil
	case p.Type == Complex:
		return &Error{Reason: "a complex attribute cannot be compared without one of its sub-attributes"}
	case p.Type == Boolean && op != Equal && op != NotEqual:
		return &Error{Reason: "a boolean attribute can only be compared with eq and ne"}
	}
	return nil
}

// Walk calls f for every comparison of e, from left to right. Those in the
// brackets of a path come right behind the comparison they belong to.
func Walk(e Expr, f func(*Compare)) {
	switch e := e.(type) {
	case *Or:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *And:
		Walk(e.Left, f)
		Walk(e.Right, f)
	case *Not:
		Walk(e.Expr, f)
	case *Compare:
		f(e)
		Walk(e.Path.Filter, f)
	}
}
