package value

import (
	"strings"
	"unicode/utf8"
)

// Append appends v as compact JSON. Equal values give equal bytes, so long as
// their members stand in the same order. Text is escaped only where RFC 8259 §7
// asks for it; text of our own making that is not UTF-8 gets U+FFFD in its place.
func Append(dst []byte, v Value) []byte {
	switch v.kind {
	case String:
		return appendString(dst, v.text)
	case Array:
		return appendArray(dst, v.Items())
	case Obj:
		return appendObject(dst, v.object)
	case Null:
		return append(dst, "null"...)
	default:
		return append(dst, v.text...)
	}
}

func appendArray(dst []byte, items []Value) []byte {
	dst = append(dst, '[')
	for i := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = Append(dst, items[i])
	}
	return append(dst, ']')
}

func appendObject(dst []byte, o *Object) []byte {
	dst = append(dst, '{')
	for i := range o.Members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, o.Members[i].Name)
		dst = append(dst, ':')
		dst = Append(dst, o.Members[i].Value)
	}
	return append(dst, '}')
}

func appendString(dst []byte, s string) []byte {
	start, done, ascii := len(dst), 0, true
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' || c == '"' || c == '\\':
			dst = appendEscape(append(dst, s[done:i]...), c)
			done = i + 1
		}
	}
	if !ascii && !utf8.ValidString(s) {
		return appendString(dst[:start], strings.ToValidUTF8(s, "\uFFFD"))
	}
	dst = append(dst, s[done:]...)
	return append(dst, '"')
}

// short are the characters that have an escape of their own.
var short = [256]byte{'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't'}

func appendEscape(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	if short[c] != 0 {
		return append(dst, '\\', short[c])
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
