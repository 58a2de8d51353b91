package filter

import (
	"fmt"
	"unicode/utf8"
)

// Parse reads a filter by the grammar of RFC 7644 §3.4.2.2, figure 1. Beyond it,
// a value path may be compared like any attribute, as Entra does when e-mail is
// the matching attribute: emails[type eq "work"].value eq "ana@example.com".
// Comparing with null means what §3.4.2.2 says of it: "eq null" is "not (… pr)"
// and "ne null" is "pr". The error is an *Error.
func Parse(text string) (Expr, error) {
	p := parser{text: text}
	return p.filter()
}

// ParseLenient reads what Parse reads and more; deviations names each thing
// that was tolerated: "unquotedValue" for a string without quotation marks, as
// in Microsoft's own sample externalId eq jyoung.
func ParseLenient(text string) (e Expr, deviations []string, err error) {
	p := parser{text: text, lenient: true}
	e, err = p.filter()
	return e, p.deviations, err
}

// parser reads text from at onwards. Recursion is bounded by maxLevels.
type parser struct {
	text       string
	at         int
	levels     int
	terms      int
	inBrackets bool
	lenient    bool
	deviations []string
}

func (p *parser) fail(reason string) error {
	return &Error{Offset: p.at, Reason: reason}
}

func (p *parser) tooComplex(format string, bound int) error {
	return &Error{Offset: p.at, Reason: fmt.Sprintf(format, bound), TooComplex: true}
}

// check refuses text that no part of the parser needs to look at.
func (p *parser) check() error {
	switch {
	case len(p.text) > maxText:
		return p.tooComplex("it is longer than %d bytes", maxText)
	case !utf8.ValidString(p.text):
		return p.fail("it is not valid UTF-8")
	}
	return nil
}

func (p *parser) filter() (Expr, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.spaces(); p.at < len(p.text) {
		return nil, p.fail(`expected "and", "or" or the end of the filter`)
	}
	return e, nil
}

func (p *parser) or() (Expr, error) {
	left, err := p.and()
	for err == nil && p.joined("or") {
		var right Expr
		right, err = p.and()
		left = &Or{Left: left, Right: right}
	}
	return left, err
}

func (p *parser) and() (Expr, error) {
	left, err := p.term()
	for err == nil && p.joined("and") {
		var right Expr
		right, err = p.term()
		left = &And{Left: left, Right: right}
	}
	return left, err
}

func (p *parser) term() (Expr, error) {
	p.spaces()
	if p.next() == '(' {
		return p.group(')')
	}
	if !p.keyword("not") {
		return p.compare()
	}
	if p.spaces(); p.next() != '(' {
		return nil, p.fail(`"not" must be followed by parentheses`)
	}
	e, err := p.group(')')
	return &Not{Expr: e}, err
}

// group reads a filter in parentheses or brackets; the opening one is at hand.
func (p *parser) group(closing byte) (Expr, error) {
	if p.levels++; p.levels > maxLevels {
		return nil, p.tooComplex("it is nested deeper than %d levels", maxLevels)
	}
	p.at++
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.spaces(); p.next() != closing {
		return nil, p.fail(`expected "and", "or" or a closing ` + string(closing))
	}
	p.at++
	p.levels--
	return e, nil
}

// compare reads an attribute expression or a bare value path.
func (p *parser) compare() (Expr, error) {
	if p.terms++; p.terms > maxTerms {
		return nil, p.tooComplex("it has more than %d comparisons", maxTerms)
	}
	path, err := p.path()
	if err != nil {
		return nil, err
	}
	c := &Compare{Path: path, Op: p.operator()}
	switch {
	case c.Op == Present:
		return c, nil
	case c.Op == 0 && path.Filter != nil && path.Sub == "":
		c.Op = Present
		return c, nil
	case c.Op == 0:
		return nil, p.fail("expected one of the operators eq, ne, co, sw, ew, pr, gt, ge, lt, le")
	}
	if c.Value, err = p.value(); err != nil {
		return nil, err
	}
	if c.Value.IsNull() {
		return p.compareNull(c)
	}
	return c, nil
}

// compareNull gives "eq null" and "ne null" the one form that Compare has for
// them. The "not" counts as a level, since it is printed with parentheses.
func (p *parser) compareNull(c *Compare) (Expr, error) {
	switch {
	case c.Op == NotEqual:
		c.Op = Present
		return c, nil
	case c.Op != Equal:
		return nil, p.fail("null can only be compared with eq and ne")
	case p.levels == maxLevels:
		return nil, p.tooComplex("it is nested deeper than %d levels", maxLevels)
	}
	c.Op = Present
	return &Not{Expr: c}, nil
}
