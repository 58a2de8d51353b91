package mapping

import (
	"errors"
	"strings"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// valueSub is the sub-attribute that holds the value proper (RFC 7643 §2.4).
const valueSub = "value"

// place is one attribute, sub-attribute or chosen element of a resource: what
// a path names, resolved against the tenant's schemas.
type place struct {
	path filter.Path     // bound; Sub is filled in where there is only one to mean
	attr *scim.Attribute // at URN and Name
	sub  *scim.Attribute // at Sub, or nil
	only term            // what the filter asks for, where it is one usual term
}

// term is the filter of almost every path: one sub-attribute equals a text, in
// any case. It is looked at many times for each user.
type term struct{ sub, text string }

func termOf(f filter.Expr) term {
	c, ok := f.(*filter.Compare)
	if !ok || c.Op != filter.Equal || c.Value.Kind() != value.String || c.Path.Type != filter.FoldedText || c.Path.Filter != nil || c.Path.Sub != "" {
		return term{}
	}
	return term{sub: c.Path.Name, text: c.Value.Text()}
}

// matches reports whether the filter of p holds for an element.
func (p *place) matches(element value.Value) bool {
	if o := element.Object(); o != nil && p.only.text != "" {
		if v, _ := o.Get(p.only.sub); v.Kind() == value.String {
			return value.SameText(v.Text(), p.only.text)
		}
	}
	return filter.MatchElement(p.path.Filter, element)
}

// find resolves the text of a path. A fault has no rule yet; its column counts
// within text.
func find(text string, t *scim.ResourceType) (place, *Fault) {
	path, err := filter.ParsePath(text)
	if err != nil {
		f := &Fault{
			Column: 1, Reason: "this is not the path of an attribute",
			Hint: `write it as in userName, name.givenName or emails[type eq "work"].value`,
		}
		var syntax *filter.Error
		if errors.As(err, &syntax) {
			f.Column, f.Reason = column(text, syntax.Offset), f.Reason+": "+syntax.Reason
		}
		return place{}, f
	}
	if path, err = filter.BindPath(path, t, filter.Present); err != nil {
		return place{}, &Fault{Column: 1, Reason: clause(err.Error()), Hint: unknownHint(text, t)}
	}
	return resolve(path, t)
}

// clause makes a sentence of scim's, written for a client, a part of one of ours.
func clause(sentence string) string {
	sentence = strings.TrimSuffix(sentence, ".")
	return strings.ToLower(sentence[:min(1, len(sentence))]) + sentence[min(1, len(sentence)):]
}

func resolve(path filter.Path, t *scim.ResourceType) (place, *Fault) {
	p := place{path: path, attr: t.Attribute(path.URN, path.Name)}
	switch {
	case path.Name == "":
		return p, &Fault{Column: 1, Reason: "this names a whole schema", Hint: "name one attribute of it, as in " + path.URN + ":attribute"}
	case p.attr == nil:
		return p, &Fault{
			Column: 1, Reason: path.String() + " is not a defined attribute",
			Hint: "define the custom attribute first",
		}
	case path.Filter != nil && path.Sub == "" && p.attr.Sub(valueSub) != nil:
		p.path.Sub = valueSub
	}
	p.sub, p.only = p.attr.Sub(p.path.Sub), termOf(path.Filter)
	return p, nil
}

// last is the attribute whose values stand at p.
func (p *place) last() *scim.Attribute {
	if p.sub != nil {
		return p.sub
	}
	return p.attr
}

// many reports whether p stands for several values.
func (p *place) many() bool {
	return p.attr.MultiValued && p.path.Filter == nil || p.sub != nil && p.sub.MultiValued
}

// narrow makes a complex p, of which a simple value is wanted, its sub-attribute
// "value": [urn:…:User:manager] is the manager's id. It reports whether p is
// simple now.
func (p *place) narrow() bool {
	if p.last().Type != scim.Complex {
		return true
	}
	if p.sub = p.attr.Sub(valueSub); p.sub == nil {
		return false
	}
	p.path.Sub = valueSub
	return true
}

// read returns what stands at p, null if nothing does. Where p stands for several
// values it is a list; of several elements that fit a filter it is the primary
// one, else the first (design 6.9). The result is shared with attributes.
func (p *place) read(attributes *value.Object) value.Value {
	v := p.whole(attributes)
	switch {
	case p.path.Filter != nil:
		v = value.Of(p.chosen(v.Items()))
	case p.attr.MultiValued && p.sub != nil:
		return each(v.Items(), p.path.Sub)
	}
	if p.sub != nil {
		v, _ = v.Object().Get(p.path.Sub)
	}
	if v.Unassigned() {
		return value.Value{}
	}
	return v
}

// whole is the attribute at p, with all its values.
func (p *place) whole(attributes *value.Object) value.Value {
	if p.path.URN != "" {
		extension, _ := attributes.Get(p.path.URN)
		attributes = extension.Object()
	}
	v, _ := attributes.Get(p.path.Name)
	return v
}

// count is how many values a read may return.
func (p *place) count(attributes *value.Object) int { return len(p.whole(attributes).Items()) }

// chosen is the element that the filter of p means, or nil.
func (p *place) chosen(items []value.Value) *value.Object {
	var first *value.Object
	for _, item := range items {
		o := item.Object()
		if o == nil || !p.matches(item) {
			continue
		}
		if primary, _ := o.Get("primary"); primary.True() {
			return o
		}
		if first == nil {
			first = o
		}
	}
	return first
}

// each lists one sub-attribute of all elements.
func each(items []value.Value, sub string) value.Value {
	var list []value.Value
	for _, item := range items {
		if v, _ := item.Object().Get(sub); !v.Unassigned() {
			list = append(list, v)
		}
	}
	if list == nil {
		return value.Value{}
	}
	return value.List(list...)
}
