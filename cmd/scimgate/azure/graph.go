package azure

// The types below are Microsoft Graph's, as far as they say what is mapped. An
// export has more (ids, metadata, versions), which is ignored here and which the
// script leaves as it finds it.

// Schema is a synchronizationSchema.
type Schema struct {
	Directories          []Directory           `json:"directories"`
	SynchronizationRules []SynchronizationRule `json:"synchronizationRules"`
}

// Directory is a directoryDefinition.
type Directory struct {
	Name    string   `json:"name"`
	Objects []Object `json:"objects"`
}

// Object is an objectDefinition.
type Object struct {
	Name       string      `json:"name"`
	Attributes []Attribute `json:"attributes"`
}

// Attribute is an attributeDefinition.
type Attribute struct {
	Anchor            bool               `json:"anchor"`
	CaseExact         bool               `json:"caseExact"`
	Multivalued       bool               `json:"multivalued"`
	Mutability        string             `json:"mutability"`
	Name              string             `json:"name"`
	Required          bool               `json:"required"`
	Type              string             `json:"type"` // String, Integer, Reference, Binary, Boolean, DateTime
	ReferencedObjects []ReferencedObject `json:"referencedObjects"`
}

// ReferencedObject is what an Attribute of type Reference leads to.
type ReferencedObject struct {
	ReferencedObjectName string `json:"referencedObjectName"`
	ReferencedProperty   string `json:"referencedProperty,omitempty"`
}

// SynchronizationRule is a synchronizationRule.
type SynchronizationRule struct {
	Name                string          `json:"name"`
	Editable            bool            `json:"editable"`
	SourceDirectoryName string          `json:"sourceDirectoryName"`
	TargetDirectoryName string          `json:"targetDirectoryName"`
	ObjectMappings      []ObjectMapping `json:"objectMappings"`
}

// ObjectMapping is an objectMapping.
type ObjectMapping struct {
	Enabled           bool               `json:"enabled"`
	FlowTypes         string             `json:"flowTypes"` // "Add,Update,Delete": the Target Object Actions
	Name              string             `json:"name"`
	SourceObjectName  string             `json:"sourceObjectName"`
	TargetObjectName  string             `json:"targetObjectName"`
	AttributeMappings []AttributeMapping `json:"attributeMappings"`
}

// AttributeMapping is an attributeMapping.
type AttributeMapping struct {
	DefaultValue            *string `json:"defaultValue"`
	ExportMissingReferences bool    `json:"exportMissingReferences"`
	FlowBehavior            string  `json:"flowBehavior"` // "FlowWhenChanged"
	FlowType                string  `json:"flowType"`     // "Always" or "ObjectAddOnly"
	MatchingPriority        int     `json:"matchingPriority"`
	TargetAttributeName     string  `json:"targetAttributeName"`
	Source                  *Source `json:"source"` // null: mapping type None
}

// Source is an attributeMappingSource. The parameters of a Function are not
// written here: Graph's parseExpression knows their keys, and the script asks it.
type Source struct {
	Expression string      `json:"expression"`
	Name       string      `json:"name"`
	Type       string      `json:"type"` // Attribute, Constant, Function
	Parameters []Parameter `json:"parameters"`
}

// Parameter is an argument of a Function.
type Parameter struct {
	Key   string  `json:"key"`
	Value *Source `json:"value"`
}

// Names in a schema of the provisioning template "scim", which is that of an
// application that is in no gallery.
const (
	sourceDirectory = "Azure Active Directory"
	targetDirectory = "customappsso"
	ruleName        = "USERGROUP_OUTBOUND_USERGROUP"
	userObject      = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	groupObject     = "urn:ietf:params:scim:schemas:core:2.0:Group"
)
