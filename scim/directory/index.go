package directory

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"sync"
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
//	urn#89abcdef:manager\x0026118915        see appendURN, valueName
//	urn#01234567:floor\x01…                what reads as a number, also in order of number
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

// mostValues bounds the simple values of one resource. An ordinary user has 30.
const mostValues = 5000

// unindexed attributes are the same in every resource of a kind, or are answered
// by the key.
func unindexed(name string) bool {
	return value.SameName(name, "schemas") || value.SameName(name, "id") || value.SameName(name, "meta")
}

// entries returns the index entries of r, sorted, each once.
func entries(r *scim.Resource) ([]string, error) {
	o, err := attributesOf(r)
	if err != nil {
		return nil, err
	}
	x := borrowIndexer()
	defer x.giveBack()
	for i := range o.Len() {
		x.attribute(o.Members[i])
	}
	x.times(r)
	return x.list(), nil
}

// entryChanges returns the entries that after has and before has not, and the
// reverse. Attributes that are equal in both are not even looked into: no two
// attributes share a path.
func entryChanges(before, after *scim.Resource) (add, drop []string, err error) {
	was, err := attributesOf(before)
	if err != nil {
		return nil, nil, err
	}
	is, err := attributesOf(after)
	if err != nil {
		return nil, nil, err
	}
	old, fresh := entriesOnlyIn(before, was, is), entriesOnlyIn(after, is, was)
	return without(fresh, old), without(old, fresh), nil
}

// entriesOnlyIn returns the entries of those of r's attributes that are not the
// same in p, and of its times.
func entriesOnlyIn(r *scim.Resource, o, p *value.Object) []string {
	x := borrowIndexer()
	defer x.giveBack()
	x.difference(o, p)
	x.times(r)
	return x.list()
}

// attributesOf returns r's attributes, if there are not too many to index.
func attributesOf(r *scim.Resource) (*value.Object, error) {
	o, err := r.Attributes()
	short := len(r.Body()) <= 2*mostValues // where each value has a comma or a bracket behind it
	if err == nil && !short && count(value.Of(o)) > mostValues {
		err = scim.Statusf(413, "The resource has more than %d values.", mostValues)
	}
	return o, err
}

// count returns the number of simple values in v.
func count(v value.Value) (n int) {
	o := v.Object()
	if o == nil && v.Kind() != value.Array {
		return 1
	}
	for i := range o.Len() {
		n += count(o.Members[i].Value)
	}
	for _, item := range v.Items() {
		n += count(item)
	}
	return n
}

func isURN(name string) bool { return len(name) > 4 && value.SameName(name[:4], "urn:") }

// indexer writes entries one behind the other into one text.
type indexer struct {
	path []byte // of the value at hand
	text []byte
	ends []int // of each entry in text
}

// indexers are used again; what list returns shares nothing with one.
var indexers = sync.Pool{New: func() any { return new(indexer) }}

func borrowIndexer() *indexer { return indexers.Get().(*indexer) }

// indexerKept is the largest indexer, in bytes of entries, that is used again.
const indexerKept = 64 << 10

func (x *indexer) giveBack() {
	if cap(x.text) <= indexerKept {
		x.path, x.text, x.ends = x.path[:0], x.text[:0], x.ends[:0]
		indexers.Put(x)
	}
}

// difference indexes the attributes of o that are not the same in p.
func (x *indexer) difference(o, p *value.Object) {
	for i := range o.Len() {
		m := o.Members[i]
		if w, ok := p.Near(i, m.Name); !ok || !value.Equal(m.Value, w) {
			x.attribute(m)
		}
	}
}

// attribute indexes an attribute, or a whole extension.
func (x *indexer) attribute(m value.Member) {
	switch {
	case unindexed(m.Name):
	case m.Value.Kind() == value.Obj && isURN(m.Name):
		x.path = append(appendURN(x.path, m.Name), ':')
		x.members(m.Value.Object())
		x.path = x.path[:0]
	default:
		x.member(m)
	}
}

// times indexes what meta says of time.
func (x *indexer) times(r *scim.Resource) {
	x.path = append(x.path[:0], "meta.created"...)
	x.add(asTime, sortableTime(r.Created))
	x.path = append(x.path[:0], "meta.lastmodified"...)
	x.add(asTime, sortableTime(r.LastModified))
	x.path = x.path[:0]
}

func (x *indexer) members(o *value.Object) {
	for i := range o.Len() {
		x.member(o.Members[i])
	}
}

func (x *indexer) member(m value.Member) {
	here := len(x.path)
	x.path = appendLower(x.path, m.Name)
	x.value(m.Value)
	x.path = x.path[:here]
}

func (x *indexer) value(v value.Value) {
	switch v.Kind() {
	case value.Obj:
		x.path = append(x.path, '.')
		x.members(v.Object())
		x.path = x.path[:len(x.path)-1]
	case value.Array:
		for _, item := range v.Items() {
			x.value(item)
		}
	case value.Null:
	default:
		x.scalar(v.Text())
	}
}

func (x *indexer) scalar(text string) {
	x.add(asText, cut(value.Fold(text), longestEntry))
	if n, ok := sortableNumber(text); ok {
		x.add(asNumber, n)
	}
	if t, ok := readTime(text); ok {
		x.add(asTime, sortableTime(t))
	}
}

func (x *indexer) add(form, sortable string) {
	path := bytes.TrimSuffix(x.path, []byte(valueName))
	x.text = append(append(append(x.text, path...), form...), sortable...)
	x.ends = append(x.ends, len(x.text))
}

// list returns the entries as parts of one string.
func (x *indexer) list() []string {
	text, from := string(x.text), 0
	list := make([]string, len(x.ends))
	for i, end := range x.ends {
		list[i], from = text[from:end], end
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// appendURN appends a short form of a schema's URN, since it stands in so many
// entries. Were two ever to have the same, the evaluator would tell them apart.
func appendURN(path []byte, urn string) []byte {
	hash := fnv.New32a()
	_, _ = hash.Write(appendLower(nil, urn)) // never fails
	return fmt.Appendf(path, "urn#%08x", hash.Sum32())
}

// appendLower appends a name as pathOf spells it.
func appendLower(path []byte, name string) []byte {
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		path = append(path, c)
	}
	return path
}

// pathOf is the path of a bound filter path, as entries spell it.
func pathOf(p *filter.Path) string {
	path := make([]byte, 0, len(p.URN)+len(p.Name)+len(p.Sub)+2)
	if p.URN != "" {
		path = append(appendURN(path, p.URN), ':')
	}
	path = appendLower(path, p.Name)
	if p.Sub != "" {
		path = appendLower(append(path, '.'), p.Sub)
	}
	return string(path)
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
	key := make([]byte, 0, 21)
	key = appendDigits(key, uint64(max(0, t.Unix()-yearZero)), 12)
	return string(appendDigits(key, uint64(t.Nanosecond()), 9))
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
