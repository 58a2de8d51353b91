package mapping

import (
	"fmt"
	"slices"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// Rules is a compiled set of rules. It does not change and may be used by many
// goroutines at a time.
type Rules struct {
	t       *scim.ResourceType
	rules   []rule
	created []string // canonical targets that an update does not clear: see Leaves
	groups  []rule   // of groups
}

// Compile compiles the rules document of a tenant for its User type, custom
// attributes included. Nothing at all, as well as an empty list, is Identity. The
// error is an *Errors with every fault; an example that fails is one.
//
//	{"rules":[{"target":PATH, "type":"Direct|Constant|Expression|None", "resource":"User|Group",
//	           "source":PATH, "sources":[PATH…], "value":LITERAL, "expression":TEXT,
//	           "apply":"Always|OnCreate", "default":LITERAL, "required":false,
//	           "onEmpty":"Clear|Keep", "examples":[EXAMPLE…]}],
//	 "examples":[{"name":TEXT, "input":RESOURCE, "creating":true, "output":PART OF THE PROJECTION}]}
//
// JSONSchema describes it in full.
func Compile(raw []byte, t *scim.ResourceType) (*Rules, error) {
	c := &compiler{t: t}
	compiled, err := c.compile(raw)
	if err != nil {
		return nil, err
	}
	if c.try(compiled); len(c.faults) > 0 {
		return nil, &Errors{Faults: c.faults}
	}
	return compiled, nil
}

// compile compiles the rules, and gathers the examples without running them.
func (c *compiler) compile(raw []byte) (*Rules, error) {
	if len(raw) == 0 {
		return Identity(c.t), nil
	}
	items := c.document(raw)
	var rules []rule
	for i, item := range items {
		if r := c.rule(i, item); r != nil && !c.clash(r, rules) {
			rules = append(rules, *r)
		}
	}
	if len(c.faults) > 0 {
		return nil, &Errors{Faults: c.faults}
	}
	users := slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return r.group })
	compiled := newRules(users, c.t)
	if len(users) == 0 {
		compiled = Identity(c.t)
	}
	compiled.groups = slices.DeleteFunc(rules, func(r rule) bool { return !r.group })
	return compiled, nil
}

// clash reports, as a fault, what makes r impossible beside the rules before it.
func (c *compiler) clash(r *rule, before []rule) bool {
	path := r.key
	for i := range before {
		switch earlier := before[i].key; {
		case r.group != before[i].group:
		case earlier == path:
			c.fault(fmt.Sprintf("rules[%d] has the same target", before[i].index), `keep one of the two; "sources" takes the first that has a value`)
			return true
		case within(earlier, path):
			c.fault(fmt.Sprintf("rules[%d] sets a part of this target, and this rule would set all of it anew", before[i].index), "put this rule before the other")
			return true
		}
	}
	if path == "active" && !r.group && (r.onCreate || r.value == nil) {
		c.fault("active is kept up to date always", "a user who is disabled in Entra must be disabled in the account")
		return true
	}
	return false
}

// canonical is one spelling for all paths that mean the same.
func (p *place) canonical() string { return value.Fold(p.path.String()) }

// Identity returns the rules of a tenant that has none: every attribute that its
// User type defines goes to its own name. Keys under the Appspace URN that are
// not defined yet are therefore left out (design 6.6).
func Identity(t *scim.ResourceType) *Rules {
	rules := []rule{own("", t.Attribute("", "externalId"))}
	for _, a := range t.Core.Attributes {
		rules = append(rules, own("", a))
	}
	for _, s := range t.Extensions {
		for _, a := range s.Attributes {
			rules = append(rules, own(s.ID, a))
		}
	}
	return newRules(slices.DeleteFunc(rules, func(r rule) bool { return r.target.readOnly() }), t)
}

// own is the rule that maps an attribute to its own name.
func own(urn string, a *scim.Attribute) rule {
	p := place{path: filter.Path{URN: urn, Name: a.Name}, attr: a}
	return rule{index: -1, name: p.path.String(), key: p.canonical(), kind: "Direct", target: target{place: p}, value: &reference{text: p.path.String(), source: p}, whole: !p.plain()}
}

func newRules(rules []rule, t *scim.ResourceType) *Rules {
	r := &Rules{t: t, rules: rules}
	for i := range rules {
		a := &rules[i]
		if !a.clears && (a.onCreate || a.value == nil || a.keeps || !a.fallback.IsNull()) {
			r.created = append(r.created, a.key)
		}
		a.clone = a.whole && slices.ContainsFunc(rules, func(b rule) bool {
			return b.index != a.index && b.target.attr == a.target.attr
		})
	}
	return r
}
