package value

import (
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// SameName reports whether a and b are the same attribute name: equal but for
// the case of ASCII letters. Unicode folding would let "ſ" (U+017F) pass as "s".
func SameName(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if a[i] != b[i] && lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Fold returns the form of s in which values that differ only in case, or in how
// Unicode composes them, are equal. Uniqueness, filters on attributes that are
// not caseExact (RFC 7643 §2.2) and the index all use this one form.
func Fold(s string) string {
	if isASCII(s) {
		return foldASCII(s)
	}
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(s)))
}

func foldASCII(s string) string {
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				b[i] = lower(b[i])
			}
			return string(b)
		}
	}
	return s
}

// SameText reports whether a and b have the same Fold, without making it where
// both are ASCII.
func SameText(a, b string) bool {
	return SameName(a, b) || ((!isASCII(a) || !isASCII(b)) && Fold(a) == Fold(b))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
