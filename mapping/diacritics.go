package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"scimgate/scim/value"
)

// bare are the letters of Microsoft's table that Unicode does not take apart.
var bare = strings.NewReplacer(
	"æ", "ae", "Æ", "AE", "ø", "oe", "Ø", "OE", "œ", "oe", "Œ", "OE", "ß", "ss", "ı", "i", "ł", "l", "Ł", "L",
)

func normalizeDiacritics(e *evaluation, args []node) value.Value {
	return ofText(e, args, withoutMarks)
}

// withoutMarks drops the marks on Latin letters. Other scripts are left alone: in
// Japanese, say, a mark makes another letter.
func withoutMarks(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	latin := false
	for _, c := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, c) && latin {
			continue
		}
		latin = unicode.Is(unicode.Latin, c)
		b.WriteRune(c)
	}
	return bare.Replace(norm.NFC.String(b.String()))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
