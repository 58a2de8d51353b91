package value

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits bounds what Parse accepts. The zero Limits accepts nothing.
type Limits struct {
	Depth  int // objects and arrays inside one another
	Values int // values in all, so that "[[],[],…]" cannot fill the memory
	Text   int // bytes of one string or name, after unescaping
}

// DefaultLimits are the bounds of design section 6.15.
var DefaultLimits = Limits{Depth: 32, Values: 250_000, Text: 1 << 20}

// SyntaxError tells what is wrong with a JSON text, and at which byte.
type SyntaxError struct {
	Offset   int
	Reason   string // in our own words, without any value of the text
	TooLarge bool   // Limits.Values or Limits.Text was passed; the text may be JSON
}

// Error returns the reason and the place.
func (e *SyntaxError) Error() string {
	return e.Reason + " (at byte " + strconv.Itoa(e.Offset) + ")"
}

// Parse reads one JSON text (RFC 8259) within l; anything else is a
// *SyntaxError. It refuses what two readers could understand differently: names
// that occur twice in an object (case apart), text that is not UTF-8, a byte
// order mark, a surrogate without its other half, and U+0000, which would cut a
// string short in stores and targets written in C.
//
// The strings of the result are sub-strings of one copy of text, so text may be
// used again and a small part of the result keeps the whole copy alive.
func Parse(text []byte, l Limits) (Value, error) {
	if err := checkEncoding(text); err != nil {
		return Value{}, err
	}
	p := parser{text: string(text), limits: l, scratch: borrow()}
	defer p.scratch.giveBack()
	v, err := p.document()
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

// checkEncoding finds what is not UTF-8 before anything else is looked at, so
// that everything behind it may cut the text at any ASCII character.
func checkEncoding(text []byte) error {
	switch {
	case len(text) >= 3 && string(text[:3]) == "\xef\xbb\xbf":
		return &SyntaxError{Reason: "the JSON text starts with a byte order mark"}
	case !utf8.Valid(text):
		return &SyntaxError{Offset: invalidAt(text), Reason: "the JSON text is not valid UTF-8"}
	}
	return nil
}

func invalidAt(text []byte) int {
	at := 0
	for at < len(text) {
		r, n := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && n == 1 {
			break
		}
		at += n
	}
	return at
}

// parser reads text from at onwards. Recursion is bounded by limits.Depth.
type parser struct {
	text    string
	at      int
	limits  Limits
	depth   int
	values  int
	scratch *scratch // members and items of what is still open
	arena   arena    // where finished members, items and objects live
}

func (p *parser) fail(reason string) error {
	return &SyntaxError{Offset: p.at, Reason: reason}
}

func (p *parser) tooLarge(format string, bound int) error {
	return &SyntaxError{Offset: p.at, Reason: fmt.Sprintf(format, bound), TooLarge: true}
}

func (p *parser) document() (Value, error) {
	p.space()
	if p.at == len(p.text) {
		return Value{}, p.fail("the JSON text is empty")
	}
	v, err := p.value()
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.at < len(p.text) {
		return Value{}, p.fail("more text follows the JSON value")
	}
	return v, nil
}

// space skips what RFC 8259 §2 calls insignificant whitespace.
func (p *parser) space() {
	for p.at < len(p.text) {
		switch p.text[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// next returns the byte at hand, 0 at the end (where no JSON text has one).
func (p *parser) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

func (p *parser) value() (Value, error) {
	if p.values++; p.values > p.limits.Values {
		return Value{}, p.tooLarge("the JSON text holds more than %d values", p.limits.Values)
	}
	switch c := p.next(); c {
	case '{', '[':
		return p.nested(c)
	case '"':
		s, err := p.string()
		return NewText(s), err
	case 't':
		return Truth(true), p.word("true")
	case 'f':
		return Truth(false), p.word("false")
	case 'n':
		return Value{}, p.word("null")
	default:
		return p.number()
	}
}

func (p *parser) word(w string) error {
	if !strings.HasPrefix(p.text[p.at:], w) {
		return p.fail("expected a JSON value")
	}
	p.at += len(w)
	return nil
}

// nested reads an object or an array, whose first byte is open.
func (p *parser) nested(open byte) (v Value, err error) {
	if p.depth++; p.depth > p.limits.Depth {
		return Value{}, p.fail(fmt.Sprintf("the JSON text is nested deeper than %d levels", p.limits.Depth))
	}
	p.at++
	p.space()
	if open == '{' {
		v, err = p.object()
	} else {
		v, err = p.array()
	}
	p.depth--
	return v, err
}

func (p *parser) array() (Value, error) {
	start := len(p.scratch.items)
	for more := p.next() != ']'; more; {
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		p.scratch.items = append(p.scratch.items, v)
		if more, err = p.comma(']'); err != nil {
			return Value{}, err
		}
	}
	p.at++
	items := carve(&p.arena.items, p.scratch.items[start:], p.left())
	clear(p.scratch.items[start:])
	p.scratch.items = p.scratch.items[:start]
	return p.arena.list(items, p.left()), nil
}

func (p *parser) object() (Value, error) {
	start := len(p.scratch.members)
	var names nameSet
	for more := p.next() != '}'; more; {
		name, err := p.name()
		if err != nil {
			return Value{}, err
		}
		if !names.add(p.scratch.members[start:], name) {
			return Value{}, p.fail("a name occurs twice in one object, if case is ignored")
		}
		v, err := p.value()
		if err != nil {
			return Value{}, err
		}
		p.scratch.members = append(p.scratch.members, Member{Name: name, Value: v})
		if more, err = p.comma('}'); err != nil {
			return Value{}, err
		}
	}
	p.at++
	members := carve(&p.arena.members, p.scratch.members[start:], p.left())
	clear(p.scratch.members[start:])
	p.scratch.members = p.scratch.members[:start]
	return Of(p.arena.object(members, p.left())), nil
}

// name reads the name of a member and steps to its value.
func (p *parser) name() (string, error) {
	if p.next() != '"' {
		return "", p.fail("expected the name of an object's member")
	}
	name, err := p.string()
	if err != nil {
		return "", err
	}
	if p.space(); p.next() != ':' {
		return "", p.fail("expected a colon after a name")
	}
	p.at++
	p.space()
	return name, nil
}

// comma steps over a comma to what follows it and reports true, or stops at end.
func (p *parser) comma(end byte) (bool, error) {
	p.space()
	switch p.next() {
	case ',':
		p.at++
		p.space()
		return true, nil
	case end:
		return false, nil
	default:
		return false, p.fail("expected a comma or the end of the object or array")
	}
}

func (p *parser) left() int { return len(p.text) - p.at }

// nameSet tells whether a name is new in an object. Up to walkNames members are
// compared one by one; beyond it a set keeps 250,000 members from costing
// 31 billion comparisons.
type nameSet map[string]struct{}

const walkNames = 32

// add reports whether name is none of the earlier members', case apart.
func (s *nameSet) add(earlier []Member, name string) bool {
	if len(earlier) < walkNames {
		for i := range earlier {
			if SameName(earlier[i].Name, name) {
				return false
			}
		}
		return true
	}
	if *s == nil {
		*s = make(nameSet, 2*walkNames)
		for i := range earlier {
			(*s)[foldASCII(earlier[i].Name)] = struct{}{}
		}
	}
	before := len(*s)
	(*s)[foldASCII(name)] = struct{}{}
	return len(*s) > before
}
