package directory

import (
	"fmt"
	"hash/fnv"

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
