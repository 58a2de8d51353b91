package filter

import "strings"

// ParsePath reads the path of a PATCH operation (RFC 7644 §3.5.2, figure 7), or
// the name of an attribute as in the attributes parameter. The error is an *Error.
func ParsePath(text string) (Path, error) {
	p := parser{text: text}
	if err := p.check(); err != nil {
		return Path{}, err
	}
	path, err := p.path()
	if err != nil {
		return Path{}, err
	}
	if p.at < len(text) {
		return Path{}, p.fail("expected the end of the path")
	}
	return path, nil
}

// nameByte tells which bytes an attribute name holds: those of RFC 7643 §2.1,
// where $ref needs the $.
var nameByte = table("$-_0123456789" + letters)

// pathByte tells which bytes may stand in a name with its URN: also those of
// URNs (RFC 8141) and of the http URLs that some clients use as such.
var pathByte = table("$-_0123456789.:/%+@~" + letters)

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func table(bytes string) (t [256]bool) {
	for i := range len(bytes) {
		t[bytes[i]] = true
	}
	return t
}

// path reads an attribute path or a value path with or without sub-attribute.
func (p *parser) path() (Path, error) {
	path, err := p.attribute()
	if err != nil || p.next() != '[' {
		return path, err
	}
	switch {
	case p.inBrackets:
		return path, p.fail("brackets cannot stand inside brackets")
	case path.Sub != "":
		return path, p.fail("brackets must follow an attribute, not a sub-attribute")
	}
	p.inBrackets = true
	path.Filter, err = p.group(']')
	p.inBrackets = false
	if err != nil || p.next() != '.' {
		return path, err
	}
	p.at++
	path.Sub, err = p.name()
	return path, err
}

// attribute reads [URN ":"] name ["." sub]. Only the last colon can end a URN,
// and only a point behind it can start a sub-attribute: "2.0" holds one too.
func (p *parser) attribute() (path Path, err error) {
	end, colon := p.at, -1
	for end < len(p.text) && pathByte[p.text[end]] {
		if p.text[end] == ':' {
			colon = end
		}
		end++
	}
	if colon > p.at {
		path.URN = p.text[p.at:colon]
		p.at = colon + 1
	}
	if path.Name, err = p.name(); err != nil || p.next() != '.' {
		return path, err
	}
	p.at++
	path.Sub, err = p.name()
	return path, err
}

// name reads the name of one attribute.
func (p *parser) name() (string, error) {
	start := p.at
	for nameByte[p.next()] {
		p.at++
	}
	name := p.text[start:p.at]
	if name == "" || !strings.Contains(letters+"$", name[:1]) {
		p.at = start
		return "", p.fail("expected the name of an attribute")
	}
	return name, nil
}
