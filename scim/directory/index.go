package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// An index entry is one string, the path of a value and the value in a form that
// sorts. Entries are made of every value there is, whatever any schema says, so
// that an attribute which is defined later is indexed already.
//
//	username\x00ana@example.com            text, folded
//	emails.type\x00work
//	active\x00true
//	urn:…:enterprise:2.0:user:manager.value\x0026118915
//	urn:…:appspace:2.0:user:floor\x01…     what reads as a number, also in order of number
//	meta.created\x02…                      what reads as a dateTime, also in order of time
//
// An entry leads to candidates, and the evaluator has the last word on each of
// them. So entries may say too much (long values are cut) but never too little.
const (
	asText   = "\x00"
	asNumber = "\x01"
	asTime   = "\x02"
	afterAll = "\x03" // sorts after all forms of one path
)

// longestEntry bounds the value in an entry, in bytes.
const longestEntry = 120

// mostEntries bounds the entries of one resource. An ordinary user has 30.
const mostEntries = 5000

// unindexed attributes are the same in every resource of a kind, or are answered
// by the key.
func unindexed(name string) bool { return name == "schemas" || name == "id" || name == "meta" }

// entries returns the index entries of r, sorted, each once.
func entries(r *scim.Resource) ([]string, error) {
	o, err := r.Attributes()
	if err != nil {
		return nil, err
	}
	x := indexer{list: make([]string, 0, 48)}
	for i := range o.Len() {
		m := o.Members[i]
		name := strings.ToLower(m.Name)
		switch {
		case unindexed(name):
		case m.Value.Kind() == value.Obj && strings.HasPrefix(name, "urn:"):
			x.members(name+":", m.Value.Object())
		default:
			x.value(name, m.Value)
		}
	}
	x.add("meta.created", asTime, sortableTime(r.Created))
	x.add("meta.lastmodified", asTime, sortableTime(r.LastModified))
	slices.Sort(x.list)
	x.list = slices.Compact(x.list)
	if len(x.list) > mostEntries {
		return nil, scim.Statusf(413, "The resource has more than %d distinct values.", mostEntries)
	}
	return x.list, nil
}

type indexer struct{ list []string }

func (x *indexer) members(prefix string, o *value.Object) {
	for i := range o.Len() {
		m := o.Members[i]
		x.value(prefix+strings.ToLower(m.Name), m.Value)
	}
}

func (x *indexer) value(path string, v value.Value) {
	switch v.Kind() {
	case value.Obj:
		x.members(path+".", v.Object())
	case value.Array:
		for _, item := range v.Items() {
			x.value(path, item)
		}
	case value.Null:
	default:
		x.scalar(path, v.Text())
	}
}

func (x *indexer) scalar(path, text string) {
	x.add(path, asText, cut(value.Fold(text), longestEntry))
	if n, ok := sortableNumber(text); ok {
		x.add(path, asNumber, n)
	}
	if t, ok := readTime(text); ok {
		x.add(path, asTime, sortableTime(t))
	}
}

func (x *indexer) add(path, form, sortable string) {
	path = strings.TrimSuffix(path, valueName)
	x.list = append(x.list, path+form+sortable)
}

// pathOf is the path of a bound filter path, as entries spell it.
func pathOf(p *filter.Path) string {
	name := strings.ToLower(p.Name)
	if p.URN != "" {
		name = strings.ToLower(p.URN) + ":" + name
	}
	if p.Sub != "" {
		name += "." + strings.ToLower(p.Sub)
	}
	return name
}

// valueName is left out of paths: a simple value and the "value" of a complex
// one are the same to a filter.
const valueName = ".value"

// cut returns at most n bytes of s, and no half of a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// after is the least string, of whole characters, that sorts after everything
// that begins with s.
func after(s string) string {
	for len(s) > 0 {
		r, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
		switch {
		case r == utf8.RuneError && size == 1, r == utf8.MaxRune:
			continue
		case r == 0xD7FF: // surrogates are no characters
			return s + "\uE000"
		default:
			return s + string(r+1)
		}
	}
	return string(utf8.MaxRune)
}

// readTime reads a dateTime (RFC 7643 §2.3.5); one without a zone is in UTC.
func readTime(text string) (time.Time, bool) {
	if len(text) < len("2006-01-02T15:04:05") || text[4] != '-' {
		return time.Time{}, false
	}
	text = strings.ToUpper(text)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// sortableTime orders instants from the year 0 to 9999, whatever their zone.
func sortableTime(t time.Time) string {
	const yearZero = -62167305600 // a day before 0000-01-01, in Unix seconds
	s := strconv.FormatInt(max(0, t.Unix()-yearZero), 10)
	n := strconv.FormatInt(int64(t.Nanosecond()), 10)
	return "000000000000"[len(s):] + s + "000000000"[len(n):] + n
}

// sortableNumber orders JSON numbers by value, without losing a digit of the
// first 40. It is: sign, exponent of the decimal 0.ddd, digits; all of it
// complemented for negative numbers.
func sortableNumber(text string) (string, bool) {
	negative, digits, exponent, ok := decimal(text)
	switch {
	case !ok:
		return "", false
	case digits == "":
		return "1", true
	}
	const bias, most = 1_000_000_000, 999_999_999
	if exponent < -most || exponent > most {
		exponent, digits = min(max(exponent, -most), most), ""
	}
	key := strconv.Itoa(exponent + bias)
	key = "0000000000"[len(key):] + key + cut(digits, 40)
	if !negative {
		return "2" + key, true
	}
	flipped := []byte("0" + key + "~")
	for i := 1; i < len(flipped)-1; i++ {
		flipped[i] = '0' + '9' - flipped[i]
	}
	return string(flipped), true
}

// decimal splits a number into sign, significant digits and the exponent of
// 0.digits; zero has no digits.
func decimal(text string) (negative bool, digits string, exponent int, ok bool) {
	rest, negative := strings.CutPrefix(text, "-")
	mantissa, power, scaled := strings.Cut(strings.ToLower(rest), "e")
	if scaled {
		if exponent, ok = readExponent(power); !ok {
			return false, "", 0, false
		}
	}
	whole, fraction, pointed := strings.Cut(mantissa, ".")
	if whole == "" || pointed && fraction == "" || !onlyDigits(whole) || !onlyDigits(fraction) {
		return false, "", 0, false
	}
	digits = strings.TrimLeft(whole+fraction, "0")
	exponent += len(whole) - (len(whole) + len(fraction) - len(digits))
	return negative, strings.TrimRight(digits, "0"), exponent, true
}

func readExponent(power string) (int, bool) {
	n := strings.TrimLeft(power, "+-")
	if n == "" || len(power)-len(n) > 1 || !onlyDigits(n) {
		return 0, false
	}
	if n = strings.TrimLeft(n, "0"); len(n) > 9 {
		n = "999999999"
	}
	e, _ := strconv.Atoi("0" + n)
	if power[0] == '-' {
		e = -e
	}
	return e, true
}

func onlyDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
