package directory

import (
	"bytes"
	"slices"
	"sync"

	"scimgate/scim"
	"scimgate/scim/value"
)

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
