package mapping

import (
	"regexp"
	"regexp/syntax"
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

// pattern compiles the regular expression of a Replace; nil after a fault.
func (b *binder) pattern(c *call) *pattern {
	text, ok := b.literal(c, replacePattern, "regexPattern")
	if !ok {
		return nil
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		b.fault(c.args[replacePattern], "the regular expression cannot be read",
			"look-around and back-references are not supported; a group is named as in (?<name>…)")
		return nil
	}
	p := &pattern{Regexp: compiled, size: instructions(text)}
	if p.size > maxInstructions {
		b.fault(c.args[replacePattern], "the regular expression is too large", "count less, or ask for less")
		return nil
	}
	return p
}

// The bounds of one Replace with a pattern. Time goes with the pattern's size,
// the length of the text and the number of matches, so the steps are their product.
const (
	maxInstructions = 1_000
	maxSteps        = 200_000_000
)

// pattern is a regular expression with the number of its instructions.
type pattern struct {
	*regexp.Regexp
	size int
}

func instructions(text string) int {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// matches finds all matches in text; ok is false if that takes too long.
func (p *pattern) matches(text string) (found [][]int, ok bool) {
	most := max(1, maxSteps/(p.size*(len(text)+1)))
	found = p.FindAllStringSubmatchIndex(text, most+1)
	return found, len(found) <= most
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
		found := p.FindStringSubmatchIndex(text)
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
		var out []byte
		kept := 0
		matches, ok := p.matches(source)
		if !ok {
			return e.fail("the pattern of Replace takes too many steps over this value")
		}
		for _, match := range matches {
			if match[2*group] < 0 {
				continue
			}
			out = append(out, source[kept:match[2*group]]...)
			out = expand(out, by, p.Regexp, source, match)
			if kept = match[2*group+1]; len(out) > maxText {
				return e.fail("the result of Replace is longer than 64 KiB")
			}
		}
		return e.result(string(out) + source[kept:])
	}
}

// expand appends a replacement in which ${name} and ${1} stand for groups of the
// match and $$ for a dollar sign. It stops soon after maxText.
func expand(out []byte, by string, pattern *regexp.Regexp, source string, match []int) []byte {
	for len(out) <= maxText {
		before, after, found := strings.Cut(by, "$")
		out = append(out, before...)
		if !found {
			break
		}
		name, rest, closed := strings.Cut(strings.TrimPrefix(after, "{"), "}")
		switch {
		case strings.HasPrefix(after, "$"):
			out, by = append(out, '$'), after[1:]
		case strings.HasPrefix(after, "{") && closed:
			out, by = pattern.ExpandString(out, "${"+name+"}", source, match), rest
		default:
			out, by = append(out, '$'), after
		}
	}
	return out
}
