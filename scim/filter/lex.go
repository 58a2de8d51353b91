package filter

import (
	"strings"
	"unicode"

	"scimgate/scim/value"
)

// next returns the byte at hand, 0 at the end.
func (p *parser) next() byte {
	if p.at < len(p.text) {
		return p.text[p.at]
	}
	return 0
}

// spaces steps over spaces and reports whether there was one. The grammar has
// exactly one; clients have been seen to send more.
func (p *parser) spaces() bool {
	start := p.at
	for p.next() == ' ' {
		p.at++
	}
	return p.at > start
}

// keyword steps over word, in any case, where it is at hand and ends there.
func (p *parser) keyword(word string) bool {
	end := p.at + len(word)
	if end >= len(p.text) || (p.text[end] != ' ' && p.text[end] != '(') || !value.SameName(p.text[p.at:end], word) {
		return false
	}
	p.at = end
	return true
}

// joined steps over a space and word, or over nothing.
func (p *parser) joined(word string) bool {
	start := p.at
	if p.spaces() && p.keyword(word) {
		return true
	}
	p.at = start
	return false
}

// operators are spelled as in RFC 7644 §3.4.2.2, tables 3 to 5.
var operators = [...]string{
	Equal: "eq", NotEqual: "ne", Contains: "co", StartsWith: "sw", EndsWith: "ew", Present: "pr",
	Greater: "gt", GreaterOrEqual: "ge", Less: "lt", LessOrEqual: "le",
}

// String returns the operator as a filter spells it.
func (o Op) String() string {
	if int(o) < len(operators) {
		return operators[o]
	}
	return ""
}

// operator steps over a space and an operator, or over nothing and returns 0.
func (p *parser) operator() Op {
	start := p.at
	if p.spaces() && p.at+2 <= len(p.text) && (p.at+2 == len(p.text) || !nameByte[p.text[p.at+2]]) {
		word := p.text[p.at : p.at+2]
		for op := Equal; op <= LessOrEqual; op++ {
			if value.SameName(word, operators[op]) {
				p.at += 2
				return op
			}
		}
	}
	p.at = start
	return 0
}

// value reads a space and what stands behind an operator.
func (p *parser) value() (value.Value, error) {
	if !p.spaces() {
		return value.Value{}, p.fail("expected a space and a value after the operator")
	}
	if p.next() == '"' {
		return p.string()
	}
	rest := p.text[p.at:]
	word := rest
	if end := strings.IndexAny(rest, ` ()[]"`); end >= 0 {
		word = rest[:end]
	}
	v, ok := p.word(word)
	if !ok {
		return value.Value{}, p.fail(`expected true, false, null, a number or a string in quotation marks`)
	}
	p.at += len(word)
	return v, nil
}

func (p *parser) word(word string) (value.Value, bool) {
	switch {
	case word == "":
		return value.Value{}, false
	case word == "true":
		return value.Truth(true), true
	case word == "false":
		return value.Truth(false), true
	case word == "null":
		return value.Value{}, true
	case (word[0] == '-' || ('0' <= word[0] && word[0] <= '9')) && value.IsNumber(word):
		return value.Literal(word), true
	case p.lenient && !strings.ContainsFunc(word, unicode.IsControl):
		p.deviations = append(p.deviations, "unquotedValue")
		return value.NewText(word), true
	default:
		return value.Value{}, false
	}
}

// string reads a JSON string. Without an escape in it, it is a part of the text.
func (p *parser) string() (value.Value, error) {
	start := p.at + 1
	for i := start; i < len(p.text); i++ {
		switch p.text[i] {
		case '"':
			p.at = i + 1
			return value.NewText(p.text[start:i]), nil
		case '\\':
			return p.escaped()
		}
		if p.text[i] < ' ' {
			p.at = i
			return value.Value{}, p.fail("a control character must be escaped in a string")
		}
	}
	return value.Value{}, p.fail("a string does not end")
}

// escaped reads a string with an escape in it by the rules of JSON.
func (p *parser) escaped() (value.Value, error) {
	end := p.at + 1
	for end < len(p.text) && p.text[end] != '"' {
		if p.text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(p.text) {
		return value.Value{}, p.fail("a string does not end")
	}
	v, err := value.Parse([]byte(p.text[p.at:end+1]), value.DefaultLimits)
	if err != nil {
		return value.Value{}, p.fail("a string is not a valid JSON string")
	}
	p.at = end + 1
	return v, nil
}
