package mapping

import (
	"fmt"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// keysOf says which keys belong to a rule of a type, beside those of every rule;
// one of them must be there.
var keysOf = map[string][]string{
	"Direct":     {"source", "sources"},
	"Constant":   {"value"},
	"Expression": {"expression"},
	"None":       nil,
}

// commonKeys belong to every rule; foreignKeys only to rules of some types.
var (
	commonKeys  = []string{"target", "type", "resource", "apply", "default", "onEmpty", "required", "examples"}
	foreignKeys = []string{"source", "sources", "value", "expression"}
)

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
	r := &rule{index: index, name: name, kind: kind, required: c.truth(o, "required"), onCreate: c.apply(o)}
	c.onEmpty(r, o)
	c.resource(r, o)
	switch _, known := keysOf[kind]; {
	case !known || name == "":
	case r.group:
		c.fillGroup(r, o)
	default:
		c.fill(r, o)
	}
	c.checkGroup(r)
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
	c.checkOwn(o, kind, own)
	for _, m := range o.Members {
		switch {
		case slices.Contains(commonKeys, m.Name) || slices.Contains(own, m.Name):
		case !slices.Contains(foreignKeys, m.Name):
			c.fault(fmt.Sprintf("a rule has no key %q", shorten(m.Name)),
				"its keys are target, type, resource, source, sources, value, expression, apply, default, onEmpty, required and examples")
		case known && !m.Value.Unassigned():
			c.fault(fmt.Sprintf("a rule of type %s takes no %q", kind, m.Name), "")
		}
	}
}

// checkOwn reports that none of the keys that a rule's type asks for is there, or
// more than one.
func (c *compiler) checkOwn(o *value.Object, kind string, own []string) {
	given := 0
	for _, key := range own {
		if v, _ := o.Get(key); !v.IsNull() && (key == own[0] || !v.Unassigned()) {
			given++
		}
	}
	switch {
	case len(own) > 0 && given == 0:
		c.fault(fmt.Sprintf("a rule of type %s needs %q", kind, own[0]), "")
	case given > 1 && !c.empty(o, own[0]):
		c.fault(fmt.Sprintf("%q and %q exclude each other", own[0], own[1]), `put all of them in "sources", the first choice first`)
	}
}

// empty reports whether a form left the key empty.
func (c *compiler) empty(o *value.Object, key string) bool {
	v, _ := o.Get(key)
	return v.Unassigned()
}

// fill resolves the target and what is put there.
func (c *compiler) fill(r *rule, o *value.Object) {
	switch r.kind {
	case "Direct":
		c.fillDirect(r, o)
	case "Constant":
		c.aim(r, true)
		if v, _ := o.Get("value"); !v.IsNull() {
			r.value = &literal{v: c.constant(r, "value", v)}
		}
	case "Expression":
		if v, _ := o.Get("expression"); !v.IsNull() {
			c.expression(r, c.text(o, "expression"))
		} else {
			c.aim(r, true)
		}
	default: // None
		c.aim(r, true)
	}
	c.fallback(r, o)
}

// expression compiles the expression; one that gives several values goes to an
// attribute that holds several.
func (c *compiler) expression(r *rule, text string) {
	target, f := find(r.name, c.t)
	list := f == nil && target.takesList()
	compiled, faults := compileExpression(text, c.t, list)
	r.many = list && (compiled.many || len(faults) > 0)
	c.aim(r, !r.many)
	for _, f := range faults {
		c.add(f)
	}
	r.value, r.text, r.keeps = compiled.node, text, r.keeps || compiled.keeps
	if compiled.keeps && r.clears {
		c.fault(`"onEmpty" is Clear and the expression says `+ignoreFlow, "say only one of the two")
	}
}

// takesList reports whether several simple values can be put at p.
func (p *place) takesList() bool {
	return p.attr.MultiValued && p.path.Filter == nil && p.sub == nil && (p.attr.Type != "complex" || p.attr.Sub(valueSub) != nil)
}

// aim resolves the target.
func (c *compiler) aim(r *rule, simple bool) {
	var f *Fault
	if r.target, f = findTarget(r.name, c.t, simple); f != nil {
		c.add(*f)
		r.target = target{}
	}
	r.key = r.target.canonical()
}

// onEmpty reads what becomes of the account's value where the rule has none.
func (c *compiler) onEmpty(r *rule, o *value.Object) {
	switch c.text(o, "onEmpty") {
	case "":
	case "Keep":
		r.keeps = true
	case "Clear":
		if r.clears = true; r.onCreate || r.kind == "None" {
			c.fault(`"onEmpty" is Clear, and the rule changes nothing later on`, `leave out "onEmpty", or let the rule apply Always`)
		}
	default:
		c.fault(`"onEmpty" is neither Clear nor Keep`, "the words are case-sensitive")
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
