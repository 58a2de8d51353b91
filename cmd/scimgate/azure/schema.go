package azure

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Schema is what Microsoft Graph takes as the synchronizationSchema of the job,
// once the script has put it into the job's own.
func (s *Setup) Schema() *Schema {
	mappings := make([]AttributeMapping, len(s.Mappings))
	for i, m := range s.Mappings {
		mappings[i] = m.graph()
	}
	return &Schema{
		Directories: []Directory{{Name: targetDirectory, Objects: []Object{{Name: userObject, Attributes: s.targets()}}}},
		SynchronizationRules: []SynchronizationRule{{
			Name: ruleName, Editable: true, SourceDirectoryName: sourceDirectory, TargetDirectoryName: targetDirectory,
			ObjectMappings: []ObjectMapping{
				objectMapping("Users", "User", userObject, true, mappings),
				objectMapping("Groups", "Group", groupObject, s.Groups, groupMappings()),
			},
		}},
	}
}

func objectMapping(what, source, target string, enabled bool, mappings []AttributeMapping) ObjectMapping {
	return ObjectMapping{
		Enabled: enabled, FlowTypes: "Add,Update,Delete", Name: "Provision Azure Active Directory " + what,
		SourceObjectName: source, TargetObjectName: target, AttributeMappings: mappings,
	}
}

// groupMappings are Entra's own; scimgate has no rules for groups.
func groupMappings() []AttributeMapping {
	return []AttributeMapping{
		Mapping{Target: "displayName", Type: "Direct", Source: "displayName", Matching: 1}.graph(),
		Mapping{Target: "externalId", Type: "Direct", Source: "objectId"}.graph(),
		Mapping{Target: "members", Type: "Direct", Source: "members"}.graph(),
	}
}

// targets are the attributes that the attribute list of customappsso must have:
// the custom ones, and whatever else a mapping sets.
func (s *Setup) targets() []Attribute {
	list := []Attribute{}
	for _, a := range s.Attributes {
		list = append(list, Attribute{
			Name: customPrefix + a.Property, Type: a.Type, Required: a.Required, Mutability: "ReadWrite",
			ReferencedObjects: []ReferencedObject{},
		})
	}
	for _, m := range s.Mappings {
		if !isCustom(m.Target) {
			list = append(list, m.target())
		}
	}
	return list
}

func (m Mapping) target() Attribute {
	a := Attribute{Name: m.Target, Type: "String", Mutability: "ReadWrite", ReferencedObjects: []ReferencedObject{}}
	switch m.Target {
	case "active":
		a.Type = "Boolean"
	case "userName":
		a.Required = true
	case "roles":
		a.Multivalued = true
	case managerPath:
		a.Type, a.ReferencedObjects = "Reference", []ReferencedObject{{ReferencedObjectName: userObject}}
	}
	return a
}

func (m Mapping) graph() AttributeMapping {
	flow := "Always"
	if m.OnCreate {
		flow = "ObjectAddOnly"
	}
	return AttributeMapping{
		DefaultValue: m.Default, FlowBehavior: "FlowWhenChanged", FlowType: flow,
		MatchingPriority: m.Matching, TargetAttributeName: m.Target, Source: m.source(),
	}
}

func (m Mapping) source() *Source {
	switch m.Type {
	case "Direct":
		return &Source{Type: "Attribute", Name: m.Source, Expression: "[" + m.Source + "]", Parameters: []Parameter{}}
	case "Constant":
		return &Source{Type: "Constant", Name: m.Constant, Expression: quoted(m.Constant), Parameters: []Parameter{}}
	case "Expression":
		return &Source{Type: "Function", Name: function(m.Expression), Expression: m.Expression, Parameters: []Parameter{}}
	default:
		return nil
	}
}

// function is the name of the outermost one of an expression.
func function(expression string) string {
	name, _, _ := strings.Cut(expression, "(")
	return strings.TrimSpace(name)
}

// quoted is a text as expressions write it.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// JSON is the schema as text.
func (s *Schema) JSON() string { return string(indent(s)) }

func indent(v any) []byte {
	var out bytes.Buffer
	_ = json.Indent(&out, marshal(v), "", "  ") // what marshal made can be read
	out.WriteByte('\n')
	return out.Bytes()
}

// marshal leaves <, > and & as they are: expressions are read by people.
func marshal(v any) json.RawMessage {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // structs of texts, numbers and truths: it cannot fail
	return bytes.TrimSpace(out.Bytes())
}
