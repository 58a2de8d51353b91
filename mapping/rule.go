package mapping

import (
	"fmt"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// rule is one compiled rule.
type rule struct {
	index    int    // in the document; -1 for one that nobody wrote
	name     string // the target as written
	target   target
	value    node        // nil for a rule of type None
	whole    bool        // the value is copied as it is, with all below it
	clone    bool        // … and another rule changes something in the copy
	onCreate bool        // "apply":"OnCreate"
	fallback value.Value // "default", already of the target's type; null if there is none
	required bool
}

// maxRules bounds a set of rules.
const maxRules = 500

// compiler reads the rules document and collects what is wrong with it.
type compiler struct {
	t      *scim.ResourceType
	index  int
	target string // of the rule at index, as written
	faults []Fault
}

func (c *compiler) fault(reason, hint string) {
	c.add(Fault{Reason: reason, Hint: hint})
}

func (c *compiler) add(f Fault) {
	f.Rule, f.Target = c.index, c.target
	c.faults = append(c.faults, f)
}

// document returns the objects in "rules".
func (c *compiler) document(raw []byte) []value.Value {
	c.index = -1
	doc, err := value.Parse(raw, value.DefaultLimits)
	if err != nil {
		c.fault("the rules are not JSON: "+err.Error(), "")
		return nil
	}
	const shape = `write {"rules":[…]}`
	if doc.Object() == nil {
		c.fault("the rules are not a JSON object", shape)
		return nil
	}
	for _, m := range doc.Object().Members {
		if m.Name != "rules" {
			c.fault(fmt.Sprintf("there is no key %q", shorten(m.Name)), shape)
		}
	}
	list, _ := doc.Object().Get("rules")
	if list.Kind() != value.Array && !list.IsNull() {
		c.fault(`"rules" is not a list`, shape)
	}
	if len(list.Items()) > maxRules {
		c.fault("there are more than 500 rules", "")
		return nil
	}
	return list.Items()
}

// keysOf says which keys belong to a rule of a type, beside those of every rule.
var keysOf = map[string]string{"Direct": "source", "Constant": "value", "Expression": "expression", "None": ""}

// rule compiles one element of "rules"; nil after a fault.
func (c *compiler) rule(index int, v value.Value) *rule {
	c.index, c.target = index, ""
	before := len(c.faults)
	o := v.Object()
	if o == nil {
		c.fault("a rule is a JSON object", `write {"target":…,"type":…,…}`)
		return nil
	}
	name := c.text(o, "target")
	c.target = shorten(name)
	kind := c.text(o, "type")
	c.checkKeys(o, kind)
	r := &rule{index: index, name: name, required: c.truth(o, "required"), onCreate: c.apply(o)}
	if _, known := keysOf[kind]; known && name != "" {
		c.fill(r, kind, o)
	}
	if len(c.faults) > before {
		return nil
	}
	return r
}

func (c *compiler) checkKeys(o *value.Object, kind string) {
	own, known := keysOf[kind]
	if !known {
		c.fault(`"type" is none of Direct, Constant, Expression and None`, "the words are case-sensitive")
	}
	if c.target == "" {
		c.fault("the rule has no target", `write "target":"displayName", for example`)
	}
	if v, _ := o.Get(own); known && own != "" && v.IsNull() {
		c.fault(fmt.Sprintf("a rule of type %s needs %q", kind, own), "")
	}
	for _, m := range o.Members {
		switch m.Name {
		case "target", "type", "apply", "default", "required", own:
		case "source", "value", "expression":
			if known && !m.Value.Unassigned() {
				c.fault(fmt.Sprintf("a rule of type %s takes no %q", kind, m.Name), "")
			}
		default:
			c.fault(fmt.Sprintf("a rule has no key %q", shorten(m.Name)),
				"its keys are target, type, source, value, expression, apply, default and required")
		}
	}
}

// fill resolves the target and what is put there.
func (c *compiler) fill(r *rule, kind string, o *value.Object) {
	own := keysOf[kind]
	v, _ := o.Get(own)
	given := !v.IsNull() // else told already
	switch kind {
	case "Direct":
		if given {
			c.direct(r, c.text(o, own))
		} else {
			c.aim(r, true)
		}
	case "Constant":
		c.aim(r, true)
		if given {
			r.value = &literal{v: c.constant(r, own, v)}
		}
	case "Expression":
		c.aim(r, true)
		if given {
			r.value = c.expression(c.text(o, own))
		}
	default: // None
		c.aim(r, true)
	}
	c.fallback(r, o)
}

func (c *compiler) expression(text string) node {
	n, faults := compileExpression(text, c.t)
	for _, f := range faults {
		c.add(f)
	}
	return n
}

// direct resolves source and target together: an attribute with all below it may
// be copied to one of the same shape; anything else is one simple value.
func (c *compiler) direct(r *rule, text string) {
	source, f := find(text, c.t)
	if f != nil {
		c.add(Fault{Reason: "source: " + f.Reason, Hint: f.Hint})
	}
	target, tf := find(r.name, c.t)
	r.whole = f == nil && tf == nil && !target.plain() && sameShape(source.last(), target.last())
	c.aim(r, !r.whole)
	if f != nil {
		return
	}
	if !r.whole && (!source.narrow() || source.many()) {
		c.fault("the source is not one simple value", `choose one, as in name.givenName or emails[type eq "work"].value`)
	}
	r.value = &reference{text: text, source: source}
}

// aim resolves the target.
func (c *compiler) aim(r *rule, simple bool) {
	var f *Fault
	if r.target, f = findTarget(r.name, c.t, simple); f != nil {
		c.add(*f)
		r.target = target{}
	}
}

// plain reports whether p holds one simple value.
func (p *place) plain() bool { return p.last().Type != scim.Complex && !p.many() }

func (c *compiler) fallback(r *rule, o *value.Object) {
	v, _ := o.Get("default")
	switch {
	case v.IsNull() || v.Kind() == value.String && v.Text() == "":
	case r.whole:
		c.fault("a default stands only for a simple value", "")
	default:
		r.fallback = c.constant(r, "default", v)
	}
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

// text reads a key that holds a text; "" if it is absent.
func (c *compiler) text(o *value.Object, key string) string {
	v, ok := o.Get(key)
	if ok && v.Kind() != value.String && !v.IsNull() {
		c.fault(fmt.Sprintf("%q is not a text", key), "")
		return ""
	}
	return v.Text()
}

func (c *compiler) truth(o *value.Object, key string) bool {
	v, _ := o.Get(key)
	if v.Kind() != value.Bool && !v.IsNull() {
		c.fault(fmt.Sprintf("%q is neither true nor false", key), "")
	}
	return v.True()
}

func (c *compiler) apply(o *value.Object) (onCreate bool) {
	switch c.text(o, "apply") {
	case "", "Always":
		return false
	case "OnCreate":
		return true
	default:
		c.fault(`"apply" is neither Always nor OnCreate`, "the words are case-sensitive")
		return false
	}
}

// shorten bounds a text of the administrator's that a fault repeats.
func shorten(text string) string {
	const most = 120
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
