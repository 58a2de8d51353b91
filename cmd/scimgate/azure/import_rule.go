package azure

import (
	"fmt"
	"slices"
	"strings"

	"scimgate/mapping"
)

// rule is what one mapping of Azure comes to; nil if there is nothing of it here.
func (i *importer) rule(m AttributeMapping) *rule {
	path := spell(m.TargetAttributeName, i.t)
	r := &rule{Target: path}
	if m.MatchingPriority > 0 && !strings.EqualFold(path, "userName") {
		i.unfit(path, "Match objects using this attribute", "Azure goes on matching by it; scimgate finds users by userName in the account")
	}
	i.flow(r, m)
	if m.DefaultValue != nil && *m.DefaultValue != "" {
		r.Default = literal(*m.DefaultValue, path, i.t)
	}
	i.value(r, m.Source)
	return r
}

func (i *importer) flow(r *rule, m AttributeMapping) {
	switch {
	case m.FlowType == "" || strings.EqualFold(m.FlowType, "Always"):
	case strings.EqualFold(m.FlowType, "ObjectAddOnly"):
		r.Apply = "OnCreate"
	default:
		i.unfit(r.Target, m.FlowType, "a rule applies Always or OnCreate; it was taken as Always")
	}
}

// value says what the rule puts at its target.
func (i *importer) value(r *rule, s *Source) {
	switch {
	case s == nil || s.Type == "" && s.Expression == "":
		r.Type = "None"
	case s.Name == "": // what it is follows from the expression
		i.expression(r, s.Expression)
	case strings.EqualFold(s.Type, "Constant"):
		r.Type, r.Value = "Constant", literal(s.Name, r.Target, i.t)
	case strings.EqualFold(s.Type, "Attribute"):
		i.direct(r, s.Name)
	default:
		i.expression(r, s.Expression)
	}
}

// settle finds where the attributes go for which SCIM has no name of its own: the
// first target that is a copy of one is its name from then on.
func (i *importer) settle(mappings []AttributeMapping) {
	i.homes = map[string]string{}
	for _, m := range mappings {
		if m.Source == nil || !strings.EqualFold(m.Source.Type, "Attribute") || pathOf(m.Source.Name) != "" {
			continue
		}
		key, path := strings.ToLower(m.Source.Name), spell(m.TargetAttributeName, i.t)
		if i.homes[key] == "" {
			i.homes[key] = path
			if !strings.HasPrefix(m.Source.Name, placeholder) {
				i.out.Sources[path] = m.Source.Name
			}
		}
	}
}

// home is the SCIM path that carries an attribute of Azure; "" if none does.
func (i *importer) home(attribute string) string {
	if path := pathOf(attribute); path != "" {
		return path
	}
	return i.homes[strings.ToLower(attribute)]
}

// direct is a copy of an attribute of Azure.
func (i *importer) direct(r *rule, attribute string) {
	r.Type, r.Source = "Direct", i.home(attribute)
	if own := entryOf(r.Target); own != nil && strings.EqualFold(own.attribute, attribute) {
		r.Source = r.Target
	}
}

// expression is one in Azure's attributes.
func (i *importer) expression(r *rule, text string) {
	if e := entryOf(r.Target); e != nil && squeeze(e.expression) == squeeze(text) {
		r.Type, r.Source = "Direct", r.Target
		return
	}
	here, homeless := i.inSCIM(text)
	switch {
	case strings.EqualFold(r.Target, "active") && onlyLeavers(homeless):
		r.Type, r.Source = "Direct", r.Target
	case len(homeless) > 0:
		i.stays(r, text, fmt.Sprintf("it reads %s, for which SCIM has no name", strings.Join(homeless, ", ")))
	case refused(text) != "":
		i.stays(r, text, refused(text)+" is Azure's own")
	case firsts(here) != nil:
		r.Type, r.Sources = "Direct", firsts(here)
		if len(r.Sources) == 1 {
			r.Source, r.Sources = r.Sources[0], nil
		}
	default:
		r.Type, r.Expression = "Expression", here
	}
}

// stays has Azure go on computing a value; the rule takes what it sends.
func (i *importer) stays(r *rule, text, reason string) {
	r.Type, r.Source = "Direct", r.Target
	i.out.Sources[r.Target] = text
	i.unfit(r.Target, text, reason+"; it stays in Azure, and the rule takes what Azure sends")
}

// onlyLeavers reports whether an expression of active reads who has left, and
// nothing else: Azure has computed it before it sends the user.
func onlyLeavers(homeless []string) bool {
	own := []string{"issoftdeleted", "accountenabled"}
	return len(homeless) > 0 && !slices.ContainsFunc(homeless, func(name string) bool {
		return !slices.Contains(own, strings.ToLower(name))
	})
}

// inSCIM is an expression in SCIM paths, and which of its attributes have none.
// What an entry makes of those is what stands at the entry's path.
func (i *importer) inSCIM(text string) (here string, homeless []string) {
	for _, e := range entries {
		if e.homeless() {
			text = strings.ReplaceAll(text, e.expression, "["+e.path+"]")
		}
	}
	here, err := mapping.Rewrite(text, func(attribute string) string {
		if home := i.home(attribute); home != "" {
			return "[" + home + "]"
		}
		if entryOf(attribute) == nil && !slices.Contains(homeless, attribute) {
			homeless = append(homeless, attribute)
		}
		return "[" + attribute + "]"
	})
	if err != nil {
		return text, nil // the compiler says what is wrong
	}
	return here, homeless
}

// homeless reports whether the entry's expression reads what has no SCIM path.
func (e entry) homeless() (found bool) {
	if e.expression == "" {
		return false
	}
	_, _ = mapping.Rewrite(e.expression, func(attribute string) string {
		found = found || pathOf(attribute) == ""
		return ""
	})
	return found
}

// refused is a function in an expression that scimgate leaves to Azure; "" if there
// is none.
func refused(text string) string {
	for _, d := range mapping.Differences() {
		if d.Refused && calls(text, d.Name) {
			return d.Name
		}
	}
	return ""
}

// calls reports whether an expression calls a function, outside of texts.
func calls(expression, function string) bool {
	text := bare(expression)
	for at := 0; ; at++ {
		next := strings.Index(text[at:], function+"(")
		if next < 0 {
			return false
		}
		if at += next; at == 0 || !isWordByte(text[at-1]) {
			return true
		}
	}
}

func isWordByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_'
}

// firsts are the paths of Coalesce([a], [b]), or of [a] alone; nil of anything else.
func firsts(expression string) (paths []string) {
	inner, isCoalesce := strings.CutPrefix(expression, "Coalesce(")
	if isCoalesce {
		inner = strings.TrimSuffix(inner, ")")
	}
	rest, err := mapping.Rewrite(expression, func(attribute string) string {
		paths = append(paths, attribute)
		return ""
	})
	want := ""
	if isCoalesce {
		want = "Coalesce(" + strings.Repeat(",", max(0, len(paths)-1)) + ")"
	}
	if err != nil || inner == "" || squeeze(rest) != want {
		return nil
	}
	return paths
}

// squeeze leaves out blanks outside of texts, so that expressions which differ in
// nothing else are equal.
func squeeze(expression string) string {
	return filtered(expression, func(c byte, quoted bool) bool { return quoted || c != ' ' })
}

// bare leaves out the texts, and the blanks between the other parts.
func bare(expression string) string {
	return filtered(expression, func(c byte, quoted bool) bool { return !quoted && c != ' ' })
}

func filtered(expression string, keep func(c byte, quoted bool) bool) string {
	var b strings.Builder
	quoted, escaped := false, false
	for _, c := range []byte(expression) {
		if c == '"' && !escaped {
			quoted = !quoted
		}
		escaped = quoted && c == '\\' && !escaped
		if keep(c, quoted) {
			b.WriteByte(c)
		}
	}
	return b.String()
}
