package azure

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// Imported is what an export of Entra comes to here.
type Imported struct {
	Rules      json.RawMessage    `json:"rules" doc:"The rules document; it compiles"`
	Attributes []tenant.Attribute `json:"attributes" doc:"Custom attributes that are to be defined first"`
	Sources    map[string]string  `json:"sources" doc:"By SCIM path, the attribute or expression of Azure that feeds it, where that is not Entra's default"`
	Unfit      []Unfit            `json:"unfit" doc:"What does not fit, or not wholly"`
}

// Unfit is something of an export that does not fit here.
type Unfit struct {
	Target string `json:"target,omitempty" doc:"The target attribute, or the object"`
	What   string `json:"what,omitempty" doc:"What stands in Azure"`
	Reason string `json:"reason"`
}

// Import turns an exported synchronizationSchema into rules for a tenant that has
// these custom attributes already. What does not fit is told and left out; the
// error means that text is no such export at all.
func Import(text []byte, have []tenant.Attribute) (*Imported, error) {
	schema, err := readSchema(text)
	if err != nil {
		return nil, err
	}
	i := &importer{have: have, out: &Imported{Attributes: []tenant.Attribute{}, Sources: map[string]string{}, Unfit: []Unfit{}}}
	users := i.objects(schema)
	if users == nil {
		return nil, errors.New("the schema has no mapping of users to an application (sourceObjectName User)")
	}
	i.define(schema, users)
	i.settle(users.AttributeMappings)
	i.rules(users.AttributeMappings)
	return i.out, nil
}

// readSchema reads an export, by itself or within a template.
func readSchema(text []byte) (*Schema, error) {
	var doc struct {
		Schema
		Inner *Schema `json:"schema"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("this is not the JSON of a synchronization schema: %w", clean(err))
	}
	if doc.Inner != nil {
		return doc.Inner, nil
	}
	if doc.SynchronizationRules == nil {
		return nil, errors.New(`this is not a synchronization schema: it has no "synchronizationRules"`)
	}
	return &doc.Schema, nil
}

// clean is a reader's complaint without what it read.
func clean(err error) error {
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return fmt.Errorf("%s is a %s", wrong.Field, wrong.Value)
	}
	return err
}

// importer collects an Imported.
type importer struct {
	have  []tenant.Attribute
	t     *scim.ResourceType // with the attributes to be defined
	homes map[string]string  // attributes of Azure that Entra's default mapping does not send, in lower case, and where this one does
	out   *Imported
}

func (i *importer) unfit(target, what, reason string) {
	i.out.Unfit = append(i.out.Unfit, Unfit{Target: target, What: what, Reason: reason})
}

// objects finds the mapping of users, and tells of what else is mapped.
func (i *importer) objects(s *Schema) (users *ObjectMapping) {
	for _, r := range s.SynchronizationRules {
		for n := range r.ObjectMappings {
			o := &r.ObjectMappings[n]
			switch {
			case !o.Enabled || isEntra(r.TargetDirectoryName):
			case strings.EqualFold(o.SourceObjectName, "Group"):
				i.groups(o)
			case !strings.EqualFold(o.SourceObjectName, "User"):
				i.unfit(o.Name, o.SourceObjectName, "only users and groups are provisioned")
			case users != nil:
				i.unfit(o.Name, o.SourceObjectName, "users are mapped once already; the first mapping was taken")
			default:
				users = o
			}
		}
	}
	return users
}

func isEntra(directory string) bool {
	return strings.EqualFold(directory, sourceDirectory) || strings.EqualFold(directory, "Microsoft Entra ID")
}

// groups tells what is not Entra's own mapping of groups, which needs no rules.
func (i *importer) groups(o *ObjectMapping) {
	for _, m := range o.AttributeMappings {
		own := slices.ContainsFunc(groupMappings(), func(g AttributeMapping) bool {
			return strings.EqualFold(g.TargetAttributeName, m.TargetAttributeName) && m.Source != nil && g.Source.Name == m.Source.Name
		})
		if !own {
			i.unfit("group "+m.TargetAttributeName, m.Source.text(), "there are no rules for groups; Azure goes on mapping this")
		}
	}
}

// text is what stands in Azure.
func (s *Source) text() string {
	if s == nil {
		return ""
	}
	return s.Expression
}

// define finds the custom attributes of the target's attribute list and of the
// mappings.
func (i *importer) define(s *Schema, users *ObjectMapping) {
	for _, d := range s.Directories {
		for _, o := range d.Objects {
			if isEntra(d.Name) || o.Name != users.TargetObjectName {
				continue
			}
			for _, a := range o.Attributes {
				i.defineOne(a)
			}
		}
	}
	for _, m := range users.AttributeMappings {
		i.defineOne(Attribute{Name: m.TargetAttributeName, Type: "String"})
	}
	custom := make([]scim.CustomAttribute, 0, len(i.have)+len(i.out.Attributes))
	for _, a := range slices.Concat(i.have, i.out.Attributes) {
		custom = append(custom, scim.CustomAttribute{Property: a.Property, Type: a.Type, Required: a.Required})
	}
	i.t = scim.Define(custom).Type("User")
}

func (i *importer) defineOne(a Attribute) {
	if !isCustom(a.Name) {
		return
	}
	property := a.Name[len(customPrefix):]
	same := func(known tenant.Attribute) bool { return value.SameName(known.Property, property) }
	if slices.ContainsFunc(i.out.Attributes, same) {
		return
	}
	if at := slices.IndexFunc(i.have, same); at >= 0 {
		if a.Type == "Integer" && i.have[at].Type != a.Type {
			i.unfit(a.Name, a.Type, "it is defined as "+i.have[at].Type+" here, which cannot change")
		}
		return
	}
	if !isProperty(property) {
		return // the rule that names it is told
	}
	own := tenant.Attribute{Property: property, Type: "String", Required: a.Required, Visibility: tenant.Visible}
	if a.Type == "Integer" {
		own.Type = a.Type
	} else if a.Type != "String" {
		i.unfit(a.Name, a.Type, "Appspace knows String and Integer only; it becomes a String")
	}
	if a.Multivalued {
		i.unfit(a.Name, "Multi-value", "a custom attribute has one value")
	}
	i.out.Attributes = append(i.out.Attributes, own)
}

// isProperty reports whether a name can be that of a custom attribute, as the
// operator's API takes them.
func isProperty(name string) bool {
	for at, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (at == 0 || (c < '0' || '9' < c) && c != '-' && c != '_') {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// rules makes rules of mappings, and leaves out those that do not compile.
func (i *importer) rules(mappings []AttributeMapping) {
	var rules []rule
	for _, m := range mappings {
		if r := i.rule(m); r != nil {
			rules = append(rules, *r)
		}
	}
	for {
		raw := indent(document{Rules: append([]rule{}, rules...)})
		_, err := mapping.Compile(raw, i.t)
		var faults *mapping.Errors
		if !errors.As(err, &faults) {
			i.out.Rules = raw
			return
		}
		rules = i.drop(rules, faults.Faults)
	}
}

// drop takes out the rules with faults; all of them, if the document itself has one.
func (i *importer) drop(rules []rule, faults []mapping.Fault) []rule {
	bad := map[int]bool{}
	for _, f := range faults {
		if f.Rule < 0 || f.Rule >= len(rules) {
			i.unfit("", "", f.String())
			return nil
		}
		if r := rules[f.Rule]; !bad[f.Rule] {
			reason := f.Reason
			if f.Hint != "" {
				reason += "; " + f.Hint
			}
			i.unfit(r.Target, r.Expression, reason)
		}
		bad[f.Rule] = true
	}
	var kept []rule
	for n, r := range rules {
		if !bad[n] {
			kept = append(kept, r)
		}
	}
	return kept
}
