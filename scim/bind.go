package scim

import (
	"errors"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// BindPath implements filter.Binder, with every leniency: see binder.
func (t *ResourceType) BindPath(parent, p *filter.Path, op filter.Op) error {
	return t.binder(Mode{}).BindPath(parent, p, op)
}

// BindFilter parses a filter and binds it to t. The error is an *Error: 400
// invalidFilter, or 403 sensitive for a filter on passwords.
func (t *ResourceType) BindFilter(text string, m Mode) (filter.Expr, error) {
	e, err := parseFilter(text, m)
	if err == nil {
		e, err = filter.Bind(e, t.binder(m))
	}
	return e, filterFault(err)
}

// filterFault tells a client what is wrong with its filter.
func filterFault(err error) error {
	var syntax *filter.Error
	if errors.As(err, &syntax) {
		return Errorf(InvalidFilter, "The filter cannot be read: %s.", syntax.Error())
	}
	return err
}

func parseFilter(text string, m Mode) (filter.Expr, error) {
	if m.Strict {
		return filter.Parse(text)
	}
	e, deviations, err := filter.ParseLenient(text)
	for _, d := range deviations {
		m.tolerate(Leniency(d), "filter")
	}
	return e, err
}

// binder binds the paths of a filter or a PATCH as m says.
func (t *ResourceType) binder(m Mode) filter.Binder { return binder{t, m} }

type binder struct {
	t *ResourceType
	m Mode
}

// BindPath completes p: see filter.Binder. Beyond the schemas it knows, unless
// strict, Enterprise attributes without their URN and Appspace attributes that
// the tenant has not defined. A password cannot be asked for (403, RFC 7644 §7.5.2).
func (b binder) BindPath(parent, p *filter.Path, op filter.Op) error {
	if parent != nil {
		return b.bindInner(parent, p, op)
	}
	a, err := b.top(p, op)
	if err != nil || a == nil {
		return err
	}
	return bindSub(a, p, op)
}

// top resolves URN and Name of p. It returns nil if there is nothing below: a
// whole extension, or an attribute that nobody defined.
func (b binder) top(p *filter.Path, op filter.Op) (*Attribute, error) {
	if value.SameName(p.URN, b.t.Core.ID) {
		p.URN = ""
	}
	if p.URN == "" && value.SameName(p.Name, password) {
		return nil, Errorf(Sensitive, "A password can neither be searched for nor be read.")
	}
	if a := b.t.Attribute(p.URN, p.Name); a != nil {
		if s := b.t.extension(p.URN); s != nil {
			p.URN = s.ID
		}
		p.Name = a.Name
		return a, nil
	}
	return b.lenient(p, op)
}

// lenient resolves what is no attribute of a schema by name.
func (b binder) lenient(p *filter.Path, op filter.Op) (*Attribute, error) {
	if s := b.t.extension(p.URN + ":" + p.Name); s != nil && p.Sub == "" && p.Filter == nil {
		p.URN, p.Name, p.Type = s.ID, "", filter.Complex
		return nil, onlyPresent(s.ID, op)
	}
	if a := b.t.misplaced(p.Name); a != nil && p.URN == "" && b.m.tolerate(MisplacedAttribute, a.Name) {
		p.URN, p.Name = EnterpriseUserURN, a.Name
		return a, nil
	}
	s := b.t.extension(p.URN)
	plain := p.Sub == "" && p.Filter == nil && validName(p.Name)
	if s != nil && s.open() && plain && b.m.tolerate(UndefinedAttribute, shorten(s.ID+":"+p.Name)) {
		p.URN, p.Type = s.ID, filter.FoldedText
		return nil, nil
	}
	return nil, Errorf(InvalidFilter, "No attribute %q is defined for %s.", shorten(p.Name), b.t.Name)
}

// bindInner binds the path of a sub-attribute within the brackets of parent.
func (b binder) bindInner(parent, p *filter.Path, op filter.Op) error {
	a := b.t.Attribute(parent.URN, parent.Name)
	if a == nil {
		return Errorf(InvalidFilter, "No attribute %q is defined for %s.", shorten(parent.Name), b.t.Name)
	}
	sub := a.Sub(p.Name)
	if sub == nil || p.URN != "" || p.Sub != "" || p.Filter != nil {
		return Errorf(InvalidFilter, "No sub-attribute %q is defined for %s.", shorten(p.Name), a.path)
	}
	p.Name, p.Type = sub.Name, comparedAs(sub)
	return admits(sub, op)
}

// bindSub resolves Sub and Type of p, a path of a.
func bindSub(a *Attribute, p *filter.Path, op filter.Op) error {
	if p.Filter != nil && a.Type != Complex {
		return Errorf(InvalidFilter, "The attribute %s has no sub-attributes to ask for in brackets.", a.path)
	}
	if p.Sub == "" && op != filter.Present && a.Type == Complex && a.Sub(valueSub) != nil {
		p.Sub = valueSub
	}
	if p.Sub != "" {
		sub := a.Sub(p.Sub)
		if sub == nil {
			return Errorf(InvalidFilter, "No sub-attribute %q is defined for %s.", shorten(p.Sub), a.path)
		}
		p.Sub, a = sub.Name, sub
	}
	p.Type = comparedAs(a)
	return admits(a, op)
}

// admits reports as an error that op does not apply to a (RFC 7644 §3.4.2.2:
// booleans and binaries have no order).
func admits(a *Attribute, op filter.Op) error {
	switch a.Type {
	case Complex:
		return onlyPresent(a.path, op)
	case Boolean:
		if op != filter.Present && op != filter.Equal && op != filter.NotEqual {
			return Errorf(InvalidFilter, "The attribute %s is true or false: it compares only by eq, ne and pr.", a.path)
		}
	case Binary:
		if op >= filter.Greater {
			return Errorf(InvalidFilter, "The attribute %s is binary: it has no order.", a.path)
		}
	default:
	}
	return nil
}

func onlyPresent(path string, op filter.Op) error {
	if op == filter.Present {
		return nil
	}
	return Errorf(InvalidFilter, "The attribute %s has sub-attributes: name the one to compare.", path)
}

// comparedAs is how values of a compare (RFC 7643 §2.3).
func comparedAs(a *Attribute) filter.Type {
	switch a.Type {
	case Boolean:
		return filter.Boolean
	case Integer, Decimal:
		return filter.Numeric
	case DateTime:
		return filter.Time
	case Complex:
		return filter.Complex
	case Binary, Reference:
		return filter.ExactText
	default:
		if a.CaseExact {
			return filter.ExactText
		}
		return filter.FoldedText
	}
}
