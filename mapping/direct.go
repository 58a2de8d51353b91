package mapping

import (
	"fmt"
	"strings"

	"scimgate/scim/value"
)

// maxSources bounds how many sources one rule tries.
const maxSources = 20

// firstOf is several sources in precedence: the first that has a value counts.
type firstOf struct{ sources []*reference }

func (n *firstOf) offset() int { return 0 }

func (n *firstOf) eval(e *evaluation) value.Value {
	for _, source := range n.sources {
		if v := e.value(source); !v.Unassigned() {
			return v
		}
	}
	return value.Value{}
}

// fillDirect resolves source, or sources, and target.
func (c *compiler) fillDirect(r *rule, o *value.Object) {
	texts, labels := c.sources(o)
	if texts == nil {
		c.aim(r, true)
		return
	}
	sources := make([]*reference, len(texts))
	r.whole = true
	for i, text := range texts {
		sources[i] = c.source(r, text, labels[i])
	}
	c.aim(r, !r.whole)
	for i, source := range sources {
		if source != nil && !r.whole {
			c.narrowed(source, labels[i])
		}
	}
	if len(sources) == 1 {
		r.value = sources[0]
		return
	}
	r.value = &firstOf{sources: sources}
}

// sources returns the paths of a rule, and what a fault calls each; none after a
// fault.
func (c *compiler) sources(o *value.Object) (texts, labels []string) {
	if v, _ := o.Get("source"); !v.IsNull() && (c.empty(o, "sources") || !v.Unassigned()) {
		return []string{c.text(o, "source")}, []string{"source"}
	}
	v, _ := o.Get("sources")
	if v.Unassigned() {
		return nil, nil
	}
	if v.Kind() != value.Array || len(v.Items()) > maxSources {
		c.fault(`"sources" is not a list of 1 to 20 paths`, `write "sources":["nickName","displayName"]`)
		return nil, nil
	}
	for i, item := range v.Items() {
		if item.Kind() != value.String {
			c.fault(fmt.Sprintf("sources[%d] is not a text", i), "")
			return nil, nil
		}
		texts, labels = append(texts, item.Text()), append(labels, fmt.Sprintf("sources[%d]", i))
	}
	return texts, labels
}

// source resolves one path. An attribute with all below it may be copied to one
// of the same shape; anything else is one simple value, and then all sources are.
func (c *compiler) source(r *rule, text, label string) *reference {
	source, f := find(text, c.t)
	if f != nil {
		c.add(Fault{Reason: label + ": " + f.Reason, Hint: f.Hint})
		r.whole = false
		return nil
	}
	target, tf := find(r.name, c.t)
	r.whole = r.whole && tf == nil && !target.plain() && sameShape(source.last(), target.last())
	return &reference{text: text, source: source}
}

// narrowed makes a source one simple value.
func (c *compiler) narrowed(n *reference, label string) {
	if !n.source.narrow() || n.source.many() {
		c.fault("the "+label+" is not one simple value", `choose one, as in name.givenName or emails[type eq "work"].value`)
	}
}

// plain reports whether p holds one simple value.
func (p *place) plain() bool { return p.last().Type != "complex" && !p.many() }

func (c *compiler) fallback(r *rule, o *value.Object) {
	v, _ := o.Get("default")
	switch {
	case v.IsNull() || v.Kind() == value.String && v.Text() == "":
	case r.whole || r.many:
		c.fault("a default stands only for a simple value", "")
	case c.refers(v.Text()):
		c.fault(`a default is a literal, and `+shorten(v.Text())+` names an attribute`,
			"defaults do not follow each other; write an Expression with Coalesce, which reads the user")
	default:
		r.fallback = c.constant(r, "default", v)
	}
}

// refers reports whether a literal looks like the [attribute] of an expression.
func (c *compiler) refers(text string) bool {
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return false
	}
	_, f := find(inner, c.t)
	return f == nil || entraPath(inner) != ""
}

// constant reads a literal as a value of the target; null after a fault.
func (c *compiler) constant(r *rule, key string, v value.Value) value.Value {
	if v.Kind() != value.String && v.Kind() != value.Number && v.Kind() != value.Bool {
		c.fault(fmt.Sprintf("%q is not a text, a number, true or false", key), "")
		return value.Value{}
	}
	if r.target.attr == nil {
		return value.Value{} // told already
	}
	converted, ok := convert(v, r.target.last())
	if !ok {
		c.fault(fmt.Sprintf("%q does not fit: the target takes %s", key, wanted(r.target.last())), "")
		return value.Value{}
	}
	return converted
}
