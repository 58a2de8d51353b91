package directory

import (
	"slices"
	"strings"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// maxExamined bounds how many resources a store reads and evaluates to answer
// one Query; beyond it, the answer is 400 tooMany.
const maxExamined = 20_000

// most is how many may be examined for q.
func (q *Query) most() int {
	if q.Examine > 0 {
		return min(q.Examine, maxExamined)
	}
	return maxExamined
}

func errTooMany() error {
	return scim.Errorf(scim.TooMany, "The filter has too many candidates in this directory; "+
		"filter by eq on userName, externalId or another selective attribute.")
}

// lookup tells a store where all resources that a filter can match are to be
// found (and others too: every candidate is evaluated). One of its parts is set.
type lookup struct {
	id        string   // the resource with this id
	name      string   // the one with this name, see scim.NameKey
	end       string   // those with an Edge whose other end is this id
	keys      []string // those, where a store has looked end up beforehand
	low, high string   // those with an entry from low up to high; exactly low if high is ""
	any       []*lookup
	all       []*lookup // each by itself holds them all; the most promising first
}

// plan returns the look-up for a bound filter on resources of a kind, or nil if
// no index helps.
func plan(kind string, e filter.Expr) *lookup { return planner{kind: kind}.plan(e) }

// planOf returns the look-up for a Query; nil without a filter.
func planOf(q Query) *lookup {
	if q.Filter == nil {
		return nil
	}
	return plan(q.Kind, q.Filter)
}

// planner plans what stands in the brackets of the attribute whose path is
// prefix, or a whole filter.
type planner struct {
	kind   string
	prefix string // "emails.", or ""
}

func (p planner) plan(e filter.Expr) *lookup {
	switch e := e.(type) {
	case *filter.And:
		return both(p.plan(e.Left), p.plan(e.Right))
	case *filter.Or:
		return either(p.plan(e.Left), p.plan(e.Right))
	case *filter.Compare:
		return p.compare(e)
	default: // Not: what an index does not hold
		return nil
	}
}

func both(a, b *lookup) *lookup {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	case b.promise() > a.promise():
		a, b = b, a
	}
	return &lookup{all: []*lookup{a, b}}
}

func either(a, b *lookup) *lookup {
	if a == nil || b == nil {
		return nil
	}
	return &lookup{any: []*lookup{a, b}}
}

// promise is a guess at how few a look-up finds: more is fewer.
func (l *lookup) promise() int {
	switch {
	case l.id != "" || l.name != "":
		return 4
	case l.end != "":
		return 3
	case len(l.all) > 0:
		return l.all[0].promise()
	case len(l.any) > 0:
		return min(l.any[0].promise(), l.any[1].promise())
	case l.high != "":
		return 1
	case dull(l.low):
		return 2
	default:
		return 3
	}
}

// dull entries are shared by a large part of all users.
func dull(entry string) bool {
	path, text, _ := strings.Cut(entry, asText)
	return text == "true" || text == "false" || strings.HasSuffix(path, ".type")
}

func (p planner) compare(c *filter.Compare) *lookup {
	if c.Op == filter.NotEqual { // holds of what is absent, too
		return nil
	}
	if p.prefix == "" && c.Path.URN == "" {
		if unindexed(c.Path.Name) {
			return planMeta(c)
		}
		if name := p.nameIn(c); name != "" {
			return &lookup{name: name}
		}
		if c.Path.Name == edgeAttribute[p.kind] {
			return planEnds(c)
		}
	}
	here := planOp(strings.TrimSuffix(p.prefix+pathOf(&c.Path), valueName), c)
	if c.Path.Filter == nil {
		return here
	}
	outer := c.Path
	outer.Sub = ""
	p.prefix += pathOf(&outer) + "."
	return both(p.plan(c.Path.Filter), here)
}

// planEnds plans a comparison on Edges. There are entries of none of them.
func planEnds(c *filter.Compare) *lookup {
	ids, ok := endsNamed(c)
	if !ok || len(ids) == 0 || slices.Contains(ids, "") {
		return nil
	}
	look := &lookup{end: ids[0]}
	for _, id := range ids[1:] {
		look = either(look, &lookup{end: id})
	}
	return look
}

// nameIn returns the name that c asks for, if it asks for the one attribute by
// which names are unique. What scim.NameKey makes of that attribute alone tells.
func (p planner) nameIn(c *filter.Compare) string {
	if c.Op != filter.Equal || c.Path.Sub != "" || c.Path.Filter != nil {
		return ""
	}
	only := value.Member{Name: c.Path.Name, Value: value.NewText(c.Value.Text())}
	return scim.NameKey(scim.NewResource(p.kind, "", value.NewObject(only)))
}

// planMeta plans what is answered by the key, or made of the resource's own times.
func planMeta(c *filter.Compare) *lookup {
	switch name := c.Path.Name; {
	case value.SameName(name, "id") && c.Op == filter.Equal && !c.Value.Unassigned():
		return &lookup{id: c.Value.Text()}
	case value.SameName(name, "meta") && c.Path.Type == filter.Time && !onText(c.Op):
		if t, ok := readTime(c.Value.Text()); ok {
			return ordered(pathOf(&c.Path)+asTime, sortableTime(t), c.Op)
		}
	}
	return nil
}

// onText reports whether op looks at a value as text, whatever its type.
func onText(op filter.Op) bool {
	return op == filter.Contains || op == filter.StartsWith || op == filter.EndsWith
}

// planOp plans one comparison of the values at path.
func planOp(path string, c *filter.Compare) *lookup {
	switch {
	case c.Op == filter.Present:
		return present(path)
	case c.Value.Unassigned(): // says something of what is absent, or nothing
		return nil
	case c.Op == filter.Contains, c.Op == filter.EndsWith:
		return present(path)
	case c.Path.Type == filter.ExactText:
		return orderedExact(path, c.Value.Text(), c.Op)
	case c.Op == filter.StartsWith:
		return ordered(path+asText, value.Fold(c.Value.Text()), c.Op)
	default:
		return planOrder(path, c)
	}
}

// present finds all that have any value at path or below it.
func present(path string) *lookup {
	if strings.HasSuffix(path, ":") { // a whole extension
		return &lookup{low: path, high: after(path)}
	}
	return &lookup{low: path + asText, high: path + "/"} // "/" follows "."
}

func planOrder(path string, c *filter.Compare) *lookup {
	text := c.Value.Text()
	switch c.Path.Type {
	case filter.Numeric:
		if n, ok := sortableNumber(text); ok {
			return ordered(path+asNumber, n, c.Op)
		}
	case filter.Time:
		if t, ok := readTime(text); ok {
			return ordered(path+asTime, sortableTime(t), c.Op)
		}
	default:
		return ordered(path+asText, value.Fold(text), c.Op)
	}
	if c.Op == filter.Equal { // what has no order compares as text
		return ordered(path+asText, value.Fold(text), c.Op)
	}
	return present(path)
}

// ordered finds what stands in relation op to v in one sortable form. Bounds are
// taken wide: of a long value, only what entries keep of every value.
func ordered(form, v string, op filter.Op) *lookup {
	bound := form + cut(v, longestEntry-utf8Max)
	switch op {
	case filter.Equal:
		return &lookup{low: form + cut(v, longestEntry)}
	case filter.StartsWith:
		return &lookup{low: bound, high: after(bound)}
	case filter.Greater, filter.GreaterOrEqual:
		return &lookup{low: bound, high: after(form)}
	default:
		return &lookup{low: form, high: after(bound)}
	}
}

const utf8Max = 4

// orderedExact finds what stands in relation op to text, where case counts. The
// entries are folded, which keeps equal what is equal, but neither the order nor
// the beginning of a value (a letter may take up the accent that follows it).
func orderedExact(path, text string, op filter.Op) *lookup {
	switch op {
	case filter.Equal:
		return ordered(path+asText, value.Fold(text), op)
	case filter.StartsWith:
		n := 0
		for n < len(text) && text[n] < 0x80 {
			n++
		}
		return ordered(path+asText, value.Fold(text[:max(0, n-1)]), op)
	default:
		return present(path)
	}
}
