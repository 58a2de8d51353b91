package value

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// string reads a string that starts at a quotation mark. Without an escape in
// it, it is a part of the text and costs no allocation.
func (p *parser) string() (string, error) {
	text := p.text[p.at+1:]
	for i := range len(text) {
		if c := text[i]; c != '"' && c != '\\' && c >= ' ' {
			continue
		}
		p.at += 1 + i
		switch text[i] {
		case '"':
			p.at++
			return text[:i], p.checkLength(i)
		case '\\':
			return p.escaped([]byte(text[:i]))
		default:
			return "", p.fail("a control character must be escaped in a string")
		}
	}
	p.at = len(p.text)
	return "", p.fail("a string does not end")
}

// escaped reads on behind the first escape of a string; s is what came before.
func (p *parser) escaped(s []byte) (string, error) {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == '"':
			p.at++
			return string(s), p.checkLength(len(s))
		case c == '\\':
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			s = utf8.AppendRune(s, r)
		case c < ' ':
			return "", p.fail("a control character must be escaped in a string")
		default:
			s = append(s, c)
			p.at++
		}
	}
	return "", p.fail("a string does not end")
}

func (p *parser) checkLength(n int) error {
	if n > p.limits.Text {
		return p.tooLarge("a string is longer than %d bytes", p.limits.Text)
	}
	return nil
}

// escape reads one escape sequence, which may be a pair of surrogates.
func (p *parser) escape() (rune, error) {
	p.at++
	c := p.next()
	p.at++
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
		return p.unicode()
	default:
		p.at--
		return 0, p.fail("a backslash starts no known escape")
	}
}

// unicode reads the four hex digits behind \u, and the second half of a pair.
func (p *parser) unicode() (rune, error) {
	r, err := p.hex()
	switch {
	case err != nil:
		return 0, err
	case r == 0:
		return 0, p.fail("the character U+0000 is not accepted")
	case !utf16.IsSurrogate(r):
		return r, nil
	case p.left() < 2 || p.text[p.at:p.at+2] != `\u`:
		return 0, p.fail("a surrogate stands without its other half")
	}
	p.at += 2
	low, err := p.hex()
	if err != nil {
		return 0, err
	}
	pair := utf16.DecodeRune(r, low)
	if pair == utf8.RuneError { // no pair decodes to U+FFFD
		return 0, p.fail("a surrogate stands without its other half")
	}
	return pair, nil
}

func (p *parser) hex() (rune, error) {
	if p.left() < 4 {
		return 0, p.fail(`\u needs four hexadecimal digits`)
	}
	n, err := strconv.ParseUint(p.text[p.at:p.at+4], 16, 16)
	if err != nil {
		return 0, p.fail(`\u needs four hexadecimal digits`)
	}
	p.at += 4
	return rune(n), nil
}

// number reads a number by the grammar of RFC 8259 §6 and keeps its literal.
func (p *parser) number() (Value, error) {
	start := p.at
	if p.next() == '-' {
		p.at++
	}
	whole := p.at
	if !p.digits() || (p.text[whole] == '0' && p.at > whole+1) {
		p.at = start
		return Value{}, p.fail("expected a JSON value")
	}
	if p.next() == '.' {
		if p.at++; !p.digits() {
			return Value{}, p.fail("a number has no digits after its point")
		}
	}
	if c := p.next(); c == 'e' || c == 'E' {
		p.at++
		if c = p.next(); c == '+' || c == '-' {
			p.at++
		}
		if !p.digits() {
			return Value{}, p.fail("a number has no digits in its exponent")
		}
	}
	return Literal(p.text[start:p.at]), nil
}

// digits steps over digits and reports whether there was one.
func (p *parser) digits() bool {
	start := p.at
	for c := p.next(); '0' <= c && c <= '9'; c = p.next() {
		p.at++
	}
	return p.at > start
}
