package mapping

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"

	"scimgate/scim/value"
)

// ofText makes a function of one text, null for null.
func ofText(e *evaluation, args []node, change func(string) string) value.Value {
	source, ok := e.text(args[0])
	if !ok {
		return value.Value{}
	}
	return e.result(change(source))
}

func appendSuffix(e *evaluation, args []node) value.Value {
	return ofText(e, args, func(source string) string {
		suffix, _ := e.text(args[1])
		return source + suffix
	})
}

func toText(e *evaluation, args []node) value.Value { return ofText(e, args, strings.Clone) }
func trim(e *evaluation, args []node) value.Value   { return ofText(e, args, strings.TrimSpace) }

func stripSpaces(e *evaluation, args []node) value.Value {
	return ofText(e, args, func(s string) string { return strings.ReplaceAll(s, " ", "") })
}

func toHex(e *evaluation, args []node) value.Value {
	return ofText(e, args, func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) })
}

func toBase64(e *evaluation, args []node) value.Value {
	return ofText(e, args, func(s string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(s)) {
			b = append(b, byte(unit), byte(unit>>8))
		}
		return base64.StdEncoding.EncodeToString(b)
	})
}

func length(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	return value.Int(int64(utf8.RuneCountInString(source)))
}

func left(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	length, ok := e.number(args[1])
	if !ok || length < 0 {
		return value.NewText(source)
	}
	return value.NewText(source[:skip(source, length)])
}

// mid counts from 1; Microsoft does not say what a start below 1 means, and we
// take it for 1.
func mid(e *evaluation, args []node) value.Value {
	source, ok := e.text(args[0])
	if !ok {
		return value.Value{}
	}
	start, _ := e.number(args[1])
	length, _ := e.number(args[2])
	rest := source[skip(source, max(start-1, 0)):]
	return value.NewText(rest[:skip(rest, max(length, 0))])
}

// skip is the length in bytes of the first n characters of s.
func skip(s string, n int) int {
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

func word(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	number, _ := e.number(args[1])
	delimiters, _ := e.text(args[2])
	words := strings.FieldsFunc(source, func(c rune) bool { return strings.ContainsRune(delimiters, c) })
	if number < 1 || number > len(words) {
		return value.NewText("")
	}
	return value.NewText(words[number-1])
}

// The words of InStr's last argument.
const (
	textCompare   = "vbTextCompare"
	binaryCompare = "vbBinaryCompare"
)

func inStr(b *binder, c *call) run {
	compareType, given := b.literal(c, 3, "compareType")
	if given && compareType != textCompare && compareType != binaryCompare {
		b.fault(c.args[3], "this is no way to compare", "write "+textCompare+" or "+binaryCompare)
	}
	return func(e *evaluation, args []node) value.Value {
		hay, _ := e.text(args[0])
		needle, _ := e.text(args[1])
		start := 1
		if len(args) > 2 && args[2] != nil {
			start, _ = e.number(args[2])
		}
		if compareType == textCompare {
			hay, needle = strings.ToLower(hay), strings.ToLower(needle)
		}
		return value.Int(int64(position(hay, needle, max(start, 1))))
	}
}

// position is where needle stands in hay from the start-th character on, counted
// from 1; 0 if it does not.
func position(hay, needle string, start int) int {
	from := skip(hay, start-1)
	at := strings.Index(hay[from:], needle)
	if at < 0 {
		return 0
	}
	return utf8.RuneCountInString(hay[:from+at]) + 1
}

// changeCase makes ToLower and ToUpper. A culture is a literal, so that a name
// nobody knows is found when the rules are compiled.
func changeCase(plain func(string) string, cultured func(language.Tag, ...cases.Option) cases.Caser) func(*binder, *call) run {
	return func(b *binder, c *call) run {
		change := plain
		if culture, given := b.literal(c, 1, "the culture"); given {
			tag, err := language.Parse(culture)
			if err != nil {
				b.fault(c.args[1], "this culture is not known", `write a name such as "en-US"`)
			}
			change = func(s string) string { return cultured(tag).String(s) }
		}
		return func(e *evaluation, args []node) value.Value { return ofText(e, args, change) }
	}
}

func properCase(_ *binder, c *call) run {
	if len(c.args) < 2 || c.args[1] == nil {
		return func(e *evaluation, args []node) value.Value {
			return ofText(e, args, func(s string) string { return title(s, separates) })
		}
	}
	return func(e *evaluation, args []node) value.Value {
		separators, _ := e.text(args[1])
		is := func(c rune) bool { return strings.ContainsRune(separators, c) }
		return ofText(e, args, func(s string) string { return title(s, is) })
	}
}

func title(s string, separates func(rune) bool) string {
	var b strings.Builder
	first := true
	for _, c := range s {
		if first {
			b.WriteRune(unicode.ToTitle(c))
		} else {
			b.WriteRune(unicode.ToLower(c))
		}
		first = separates(c)
	}
	return b.String()
}

// separates reports whether .NET's ToTitleCase starts a word behind c. It looks
// over the apostrophe: O'neil is one word.
func separates(c rune) bool {
	return c != '\'' && (unicode.IsSpace(c) || unicode.IsPunct(c) || unicode.IsSymbol(c) || unicode.IsControl(c))
}
