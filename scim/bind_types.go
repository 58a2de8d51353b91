package scim

import (
	"errors"

	"scimgate/scim/filter"
)

// BindTypes parses a filter and binds it to each of several types, for a query
// that answers resources of them all. What one of them does not have, or not so
// that it could be compared, has no value there (RFC 7644 §3.4.2.1); what none of
// them has is the first one's *Error, as a query on that type alone would have it.
func BindTypes(types []*ResourceType, text string, m Mode) ([]filter.Expr, error) {
	e, err := parseFilter(text, m)
	if err != nil {
		return nil, filterFault(err)
	}
	b := &typesBinder{}
	bound := make([]filter.Expr, len(types))
	for i, t := range types {
		b.binder, b.at = t.binder(m), 0
		if bound[i], err = filter.Bind(e, b); err != nil {
			return nil, filterFault(err)
		}
	}
	return bound, errors.Join(b.faults...)
}

// typesBinder binds the same filter to one type after another. The paths come in
// the same order each time.
type typesBinder struct {
	binder filter.Binder // of the type
	at     int           // the next path
	faults []error       // of each path, the first type's, until a type has it
}

// BindPath completes p if the type has it, and else leaves it as it is, which is
// the name of nothing in the type's resources: see filter.Binder.
func (b *typesBinder) BindPath(parent, p *filter.Path, op filter.Op) error {
	bound := *p
	err := b.binder.BindPath(parent, &bound, op)
	var known *Error
	if err != nil && (!errors.As(err, &known) || known.Type != InvalidFilter) {
		return err
	}
	if err == nil {
		*p = bound
	}
	b.note(err)
	return nil
}

// note keeps the first fault of a path, and forgets it for good once a type has it.
func (b *typesBinder) note(err error) {
	if b.at == len(b.faults) {
		b.faults = append(b.faults, err)
	}
	if err == nil {
		b.faults[b.at] = nil
	}
	b.at++
}
