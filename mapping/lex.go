package mapping

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenKind tells the tokens of an expression apart.
type tokenKind uint8

const (
	endToken tokenKind = iota
	nameToken
	textToken      // "…", its escapes resolved
	numberToken    // 12, -3, 4.5
	attributeToken // […], without the outer brackets
	operatorToken  // = <> > >= < <=
	punctuation    // ( ) ,
)

type token struct {
	kind tokenKind
	text string
	at   int // byte offset of its first character
}

// syntaxError is what is wrong with the text of an expression, and where.
type syntaxError struct {
	at           int // byte offset
	reason, hint string
}

// lexer cuts an expression into tokens.
type lexer struct {
	text string
	at   int
}

// blank is what may stand between tokens; the space that does not break comes
// from web pages.
const blank = " \t\r\n\u00a0"

// column is the position of a byte in characters from 1, as an editor shows it.
func column(text string, at int) int {
	return utf8.RuneCountInString(text[:min(at, len(text))]) + 1
}

func (l *lexer) next() (token, *syntaxError) {
	l.at += len(l.text[l.at:]) - len(strings.TrimLeft(l.text[l.at:], blank))
	start := l.at
	if start == len(l.text) {
		return token{kind: endToken, at: start}, nil
	}
	switch c := l.text[start]; {
	case c == '"':
		return l.quoted()
	case c == '[':
		return l.attribute()
	case c == '(' || c == ')' || c == ',':
		l.at++
		return token{punctuation, l.text[start:l.at], start}, nil
	case c == '=' || c == '<' || c == '>':
		return l.operator(), nil
	case isDigit(c) || c == '-':
		return l.number()
	case c == '&':
		return l.hexadecimal()
	case isLetter(c):
		return token{nameToken, l.take(func(c byte) bool { return isLetter(c) || isDigit(c) }), start}, nil
	default:
		return token{}, &syntaxError{
			start, "this character means nothing here",
			`texts stand in straight double quotes ("…"), attributes in square brackets ([…])`,
		}
	}
}

// take moves over the bytes that fit and returns them.
func (l *lexer) take(fits func(byte) bool) string {
	start := l.at
	for l.at < len(l.text) && fits(l.text[l.at]) {
		l.at++
	}
	return l.text[start:l.at]
}

// quoted reads a text. As in Entra, a backslash stands before a quotation mark
// or another backslash.
func (l *lexer) quoted() (token, *syntaxError) {
	start := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; c {
		case '"':
			l.at++
			return token{textToken, b.String(), start}, nil
		case '\\':
			l.at++
			if l.at == len(l.text) || l.text[l.at] != '"' && l.text[l.at] != '\\' {
				return token{}, &syntaxError{
					l.at - 1, `a backslash stands only before " or \`,
					`write \\ for a backslash`,
				}
			}
			b.WriteByte(l.text[l.at])
		default:
			b.WriteByte(c)
		}
	}
	return token{}, &syntaxError{start, "this text has no end", "close it with a double quote"}
}

// attribute reads a reference. The path inside may hold brackets and quotes of
// its own, as in [emails[type eq "work"].value].
func (l *lexer) attribute() (token, *syntaxError) {
	start, depth, quoted := l.at, 0, false
	for ; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case quoted && c == '\\':
			l.at++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			depth++
		case c == ']':
			if depth--; depth == 0 {
				l.at++
				return token{attributeToken, strings.TrimSpace(l.text[start+1 : l.at-1]), start}, nil
			}
		}
	}
	return token{}, &syntaxError{start, "this attribute has no end", "close it with ]"}
}

func (l *lexer) operator() token {
	start := l.at
	l.at++
	if l.at < len(l.text) {
		switch l.text[start : l.at+1] {
		case "<>", "<=", ">=":
			l.at++
		}
	}
	return token{operatorToken, l.text[start:l.at], start}
}

func (l *lexer) number() (token, *syntaxError) {
	start := l.at
	if l.text[l.at] == '-' {
		l.at++
	}
	whole := l.take(isDigit)
	ok := whole != "" && (whole == "0" || whole[0] != '0')
	if l.at < len(l.text) && l.text[l.at] == '.' {
		l.at++
		ok = l.take(isDigit) != "" && ok
	}
	if !ok {
		return token{}, &syntaxError{start, "this is not a number", "write it as 7, -7 or 7.5, or in quotes as a text"}
	}
	return token{numberToken, l.text[start:l.at], start}, nil
}

// hexadecimal reads a number as in &HF7, Visual Basic's way.
func (l *lexer) hexadecimal() (token, *syntaxError) {
	start := l.at
	l.at = min(l.at+2, len(l.text))
	digits := l.take(func(c byte) bool { return isDigit(c) || isLetter(c) })
	n, err := strconv.ParseInt(digits, 16, 64)
	if err != nil || !strings.EqualFold(l.text[start:start+2], "&H") {
		return token{}, &syntaxError{start, "this is not a number", "write it as 7, -7 or 7.5, or hexadecimal as in &HF7"}
	}
	return token{numberToken, strconv.FormatInt(n, 10), start}, nil
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
