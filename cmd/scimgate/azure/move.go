package azure

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
)

// moved makes the rules Azure's own mappings.
func (b *builder) moved(rules []rule) {
	for _, path := range base[:2] { // there is no application without them
		if !slices.ContainsFunc(rules, func(r rule) bool { return value.Fold(spell(r.Target, b.t)) == value.Fold(path) }) {
			b.add(b.feeding(path))
		}
	}
	for _, r := range rules {
		b.add(b.move(r))
	}
	if b.inForce {
		b.note("These mappings are the rules that are in force in scimgate. Once Azure has them, publish rules without them there, or they are applied twice.")
	}
}

// move makes a mapping of one rule.
func (b *builder) move(r rule) Mapping {
	path := spell(r.Target, b.t)
	m := Mapping{Target: path, Type: r.Type}
	switch r.Type {
	case "Direct":
		b.moveDirect(&m, r)
	case "Constant":
		m.Constant = b.text(r.Value, path)
	case "Expression":
		m.Expression = b.inAzure(r.Expression)
		b.otherwise(path, r.Expression)
	}
	m.OnCreate = r.Apply == "OnCreate"
	if r.Default != nil && string(r.Default) != "null" {
		text := b.text(r.Default, path)
		m.Default = &text
	}
	b.lost(r, path)
	return m
}

// lost notes what Azure has no word for.
func (b *builder) lost(r rule, path string) {
	if r.Required {
		b.note("%s is required in scimgate; Azure sends a user without it, too.", path)
	}
	if r.OnEmpty != "" {
		b.note("%s says what becomes of it where it has no value (%s); Azure sends nothing then, and the account keeps what it has.", path, r.OnEmpty)
	}
}

// otherwise notes which functions of an expression Azure does not have, or has with
// other results.
func (b *builder) otherwise(path, expression string) {
	for _, d := range mapping.Differences() {
		if calls(expression, d.Name) {
			b.note("%s calls %s, which is not the same in Azure: %s", path, d.Name, d.Entra)
		}
	}
}

func (b *builder) moveDirect(m *Mapping, r rule) {
	paths := r.read()
	if len(paths) == 1 {
		from := b.feeding(spell(paths[0], b.t))
		m.Type, m.Source, m.Expression = from.Type, from.Source, from.Expression
		return
	}
	m.Type = "Expression"
	firsts := make([]string, len(paths))
	for i, path := range paths {
		firsts[i] = b.reference(path)
	}
	m.Expression = "Coalesce(" + strings.Join(firsts, ", ") + ")"
}

// inAzure is an expression in Azure's attributes.
func (b *builder) inAzure(expression string) string {
	text, err := mapping.Rewrite(expression, b.reference)
	if err != nil { // it compiled
		return expression
	}
	return text
}

// reference is what makes in Azure what stands at a path here.
func (b *builder) reference(path string) string {
	if _, bound := bind(path, b.t); !bound && pathOf(path) != "" {
		return "[" + path + "]" // Azure's own name already
	}
	from := b.feeding(spell(path, b.t))
	if from.Type == "Expression" {
		return from.Expression
	}
	return "[" + from.Source + "]"
}

// text is a literal as Azure writes it: all of them are texts there.
func (b *builder) text(literal json.RawMessage, path string) string {
	var s string
	if json.Unmarshal(literal, &s) != nil {
		s = string(literal)
	}
	if typeOf(path, b.t) == scim.Boolean {
		switch strings.ToLower(s) {
		case "true":
			return "True"
		case "false":
			return "False"
		}
	}
	return s
}

// literal is the inverse of text.
func literal(text, path string, t *scim.ResourceType) json.RawMessage {
	switch typeOf(path, t) {
	case scim.Boolean:
		if truth, err := strconv.ParseBool(strings.ToLower(text)); err == nil {
			return marshal(truth)
		}
	case scim.Integer:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return marshal(n)
		}
	default:
	}
	return marshal(text)
}
