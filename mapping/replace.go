package mapping

import (
	"strings"

	"scimgate/scim/value"
)

// The arguments of Replace by position.
const (
	replaceOld = iota + 1
	replacePattern
	replaceGroup
	replaceBy
	replaceAttribute
	replaceTemplate
)

// replace makes one of the five forms of Replace, told apart by which arguments
// are given.
func replace(b *binder, c *call) run {
	given := func(i int) bool { return i < len(c.args) && c.args[i] != nil }
	switch {
	case given(replaceOld) && given(replaceBy):
		return replaceText
	case given(replaceOld) && given(replaceTemplate):
		return fillTemplate
	case !given(replacePattern) || given(replaceGroup) && !given(replaceBy) && !given(replaceAttribute) ||
		!given(replaceGroup) && !given(replaceBy):
		b.fault(c, "these arguments are none of the five forms of Replace",
			"give oldValue and replacementValue, or oldValue and template, or regexPattern and replacementValue")
		return nil
	}
	p := b.pattern(c)
	group := 0
	if name, ok := b.literal(c, replaceGroup, "regexGroupName"); ok && p != nil {
		if group = p.SubexpIndex(name); group < 0 {
			b.fault(c.args[replaceGroup], "the pattern has no group of this name", "a group is named as in (?<name>…)")
		}
	}
	if given(replaceAttribute) && !given(replaceBy) {
		return extractGroup(p, group)
	}
	return replacePatterned(p, group)
}

// replaceText is oldValue by replacementValue in source.
func replaceText(e *evaluation, args []node) value.Value {
	return e.substitute(args[0], args[replaceOld], args[replaceBy])
}

// fillTemplate is oldValue by source in template.
func fillTemplate(e *evaluation, args []node) value.Value {
	if _, ok := e.text(args[0]); !ok {
		return value.Value{}
	}
	return e.substitute(args[replaceTemplate], args[replaceOld], args[0])
}

// substitute replaces every old in source; the length is known before it is made.
func (e *evaluation) substitute(source, old, by node) value.Value {
	text, ok := e.text(source)
	if !ok {
		return value.Value{}
	}
	before, _ := e.text(old)
	after, _ := e.text(by)
	if before == "" {
		return value.NewText(text)
	}
	if len(text)+strings.Count(text, before)*(len(after)-len(before)) > maxText {
		return e.fail("the result of Replace is longer than 64 KiB")
	}
	return value.NewText(strings.ReplaceAll(text, before, after))
}

// extractGroup is source if it has a value, else the group that the pattern
// finds in replacementAttributeName; null if it finds none.
func extractGroup(p *pattern, group int) run {
	return func(e *evaluation, args []node) value.Value {
		if v := e.value(args[0]); !v.Unassigned() {
			return v
		}
		text, _ := e.text(args[replaceAttribute])
		found := p.first(e, text)
		if found == nil || found[2*group] < 0 {
			return value.Value{}
		}
		return value.NewText(text[found[2*group]:found[2*group+1]])
	}
}

// replacePatterned replaces each match, or its group, by replacementValue. A
// match of nothing right behind another match does not count, as in Go.
func replacePatterned(p *pattern, group int) run {
	return func(e *evaluation, args []node) value.Value {
		source, ok := e.text(args[0])
		if !ok {
			return value.Value{}
		}
		by, _ := e.text(args[replaceBy])
		matches := p.matches(e, source)
		x := expansion{p: p, source: source}
		for _, match := range matches {
			if match[2*group] < 0 {
				continue
			}
			x.keep(match[2*group])
			x.expand(by, match)
			if x.kept = match[2*group+1]; len(x.out) > maxText {
				return e.fail("the result of Replace is longer than 64 KiB")
			}
		}
		x.keep(len(source))
		return e.result(string(x.out))
	}
}
