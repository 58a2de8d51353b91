package scim

import (
	"strings"

	"scimgate/scim/value"
)

// Selection is which attributes of a resource an answer has (RFC 7644 §3.9).
// Nil is the default set, which is all that a resource holds: no attribute of
// ours is returned never, or only on request.
type Selection struct {
	only  bool // the picks alone, else all but the picks
	picks []pick
}

// pick is one attribute that was named.
type pick struct {
	urn  string // of the extension, "" for the core
	name string // "" for the whole extension
	sub  string // "" for all of the attribute
}

// ParseSelection reads the parameters attributes and excludedAttributes, each
// given any number of times with names separated by commas. Names that t does not
// have are ignored. Both at once is an *Error: they exclude each other.
func ParseSelection(attributes, excluded []string, t *ResourceType) (*Selection, error) {
	only, without := names(attributes), names(excluded)
	switch {
	case len(only) > 0 && len(without) > 0:
		return nil, Errorf(InvalidValue, "Give attributes or excludedAttributes, not both.")
	case len(only) > 0:
		return &Selection{only: true, picks: t.picks(only)}, nil
	case len(without) > 0:
		return &Selection{picks: t.picks(without)}, nil
	default:
		return nil, nil
	}
}

// names splits the values of a parameter.
func names(params []string) []string {
	var all []string
	for _, p := range params {
		for name := range strings.SplitSeq(p, ",") {
			if name = strings.TrimSpace(name); name != "" {
				all = append(all, name)
			}
		}
	}
	return all
}

func (t *ResourceType) picks(names []string) []pick {
	var all []pick
	seen := map[pick]bool{}
	for _, name := range names {
		if p, ok := t.pick(name); ok && !seen[p] {
			seen[p] = true
			all = append(all, p)
		}
	}
	return all
}

// pick finds what name stands for: an attribute, a sub-attribute, or a whole
// extension, with or without URN.
func (t *ResourceType) pick(name string) (pick, bool) {
	s, rest := t.cutURN(name)
	var p pick
	if s != nil && s != t.Core {
		p.urn = s.ID
	}
	if rest == "" {
		return p, p.urn != ""
	}
	first, sub, _ := strings.Cut(rest, ".")
	a := t.Attribute(p.urn, first)
	if a == nil && s == nil {
		if a = t.misplaced(first); a != nil {
			p.urn = EnterpriseUserURN
		}
	}
	if a == nil {
		p.name = first // perhaps an attribute that is kept without being defined
		return p, s != nil && s.open() && sub == ""
	}
	return p.under(a, sub)
}

func (p pick) under(a *Attribute, sub string) (pick, bool) {
	p.name = a.Name
	if sub == "" {
		return p, true
	}
	b := a.Sub(sub)
	if b == nil {
		return p, false
	}
	p.sub = b.Name
	return p, true
}

// cutURN splits the URN of one of t's schemas from what follows it; nil if name
// begins with none. It looks for whole URNs because "2.0" has a dot.
func (t *ResourceType) cutURN(name string) (s *Schema, rest string) {
	if rest, ok := afterURN(name, t.Core.ID); ok {
		return t.Core, rest
	}
	for _, s := range t.Extensions {
		if rest, ok := afterURN(name, s.ID); ok {
			return s, rest
		}
	}
	return nil, name
}

func afterURN(name, urn string) (rest string, ok bool) {
	if len(name) < len(urn) || !value.SameName(name[:len(urn)], urn) {
		return "", false
	}
	rest = name[len(urn):]
	return strings.TrimPrefix(rest, ":"), rest == "" || rest[0] == ':'
}
