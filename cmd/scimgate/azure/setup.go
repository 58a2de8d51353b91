package azure

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// Side says where a mapping is done.
type Side string

// The two sides.
const (
	Gateway Side = "gateway" // Azure sends what the rules read
	Azure   Side = "azure"   // the rules become Azure's mappings
)

// Input is what a Setup is made of.
type Input struct {
	Tenant     tenant.ID
	Name       string // of the application in Azure
	TenantURL  string
	Type       *scim.ResourceType // the tenant's User
	Attributes []tenant.Attribute // its custom attributes
	Rules      json.RawMessage    // in force, so known to compile; nil: none
	MapIn      Side
	Groups     bool              // send groups, too
	Sources    map[string]string // by SCIM path: the attribute of Azure that feeds it, or an expression in such
}

// Setup is what stands in Azure.
type Setup struct {
	Tenant     tenant.ID
	Name       string
	TenantURL  string
	Attributes []tenant.Attribute
	Mappings   []Mapping
	Groups     bool
	Choose     []Choice // attributes of Azure that somebody must name
	Notes      []string // what else to know, one sentence each
}

// Choice is an attribute of Azure that nobody named yet.
type Choice struct {
	Path string `json:"path" doc:"The SCIM path that it feeds"`
	Name string `json:"name" doc:"What stands for it"`
}

// Mapping is one attribute mapping in the portal's words.
type Mapping struct {
	Target     string // SCIM path
	Type       string // Direct, Constant, Expression, None
	Source     string // Direct: the attribute of Azure
	Constant   string
	Expression string
	OnCreate   bool    // Apply this mapping: Only during object creation
	Default    *string // Default value if null
	Matching   int     // Matching precedence; 0: not to match by
}

// placeholder stands for an attribute of Azure that nobody named.
const placeholder = "CHOOSE_"

// New makes the Setup of a tenant. Its error means that the rules are not in order,
// or that a source is named for no attribute.
func New(in Input) (*Setup, error) {
	b := &builder{
		t: in.Type, sources: map[string]string{},
		setup: &Setup{Tenant: in.Tenant, Name: in.Name, TenantURL: in.TenantURL, Attributes: in.Attributes, Groups: in.Groups},
	}
	for path, source := range in.Sources {
		if err := b.name(path, source); err != nil {
			return nil, err
		}
	}
	rules, err := readRules(in.Rules, in.Type)
	if err != nil {
		return nil, err
	}
	if b.inForce = len(rules) > 0; !b.inForce { // everything goes to its own name
		if rules, err = readRules(mapping.Starter(in.Type), in.Type); err != nil {
			return nil, err
		}
	}
	if !strings.HasPrefix(in.TenantURL, "https://") {
		b.note("Entra calls public https addresses only; %s is none.", in.TenantURL)
	}
	if in.MapIn == Azure {
		b.moved(rules)
	} else {
		b.feed(rules)
	}
	return b.setup, nil
}

// name has a source of the caller's feed a path.
func (b *builder) name(path, source string) error {
	if _, bound := bind(path, b.t); !bound {
		return fmt.Errorf("a source is named for %q, which is no attribute of a user", path)
	}
	if source == "" || strings.ContainsAny(source, "[]\"") && !isExpression(source) {
		return fmt.Errorf("the source of %q is neither an attribute of Azure nor an expression", path)
	}
	if isExpression(source) {
		if _, err := mapping.Rewrite(source, func(string) string { return "" }); err != nil {
			return fmt.Errorf("the source of %q cannot be read: %w", path, err)
		}
	}
	b.sources[value.Fold(spell(path, b.t))] = source
	return nil
}

func isExpression(source string) bool { return strings.Contains(source, "(") }

func readRules(raw json.RawMessage, t *scim.ResourceType) ([]rule, error) {
	if raw == nil {
		return nil, nil
	}
	if _, err := mapping.Compile(raw, t); err != nil {
		return nil, err
	}
	var doc document
	err := json.Unmarshal(raw, &doc)
	// What is told of a group is decided here: in Azure its mapping stays Entra's own.
	return slices.DeleteFunc(doc.Rules, func(r rule) bool { return r.Resource == "Group" }), err
}

// document and rule are rules as JSON has them: see mapping.JSONSchema.
type document struct {
	Rules []rule `json:"rules"`
}

type rule struct {
	Target     string          `json:"target"`
	Type       string          `json:"type"`
	Resource   string          `json:"resource,omitempty"`
	Source     string          `json:"source,omitempty"`
	Sources    []string        `json:"sources,omitempty"`
	Value      json.RawMessage `json:"value,omitempty"`
	Expression string          `json:"expression,omitempty"`
	Apply      string          `json:"apply,omitempty"`
	Default    json.RawMessage `json:"default,omitempty"`
	OnEmpty    string          `json:"onEmpty,omitempty"`
	Required   bool            `json:"required,omitempty"`
}

// read are the paths that a rule of type Direct copies, the first choice first.
func (r rule) read() []string {
	if r.Source != "" {
		return []string{r.Source}
	}
	return r.Sources
}

// builder makes a Setup.
type builder struct {
	t       *scim.ResourceType
	sources map[string]string // by folded path
	inForce bool              // the rules are the tenant's own
	setup   *Setup
}

func (b *builder) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(b.setup.Notes, n) {
		b.setup.Notes = append(b.setup.Notes, n)
	}
}

func (b *builder) add(m Mapping) {
	if strings.EqualFold(m.Target, "userName") {
		m.Matching = 1
	}
	b.setup.Mappings = append(b.setup.Mappings, m)
}

// feeding is the mapping by which Azure sends what stands at a SCIM path.
func (b *builder) feeding(path string) Mapping {
	named, known := b.sources[value.Fold(path)]
	e := entryOf(path)
	switch {
	case known && isExpression(named):
		return Mapping{Target: path, Type: "Expression", Expression: named}
	case known:
		return Mapping{Target: path, Type: "Direct", Source: named}
	case e != nil && e.expression != "":
		return Mapping{Target: path, Type: "Expression", Expression: e.expression}
	case e != nil:
		return Mapping{Target: path, Type: "Direct", Source: e.attribute}
	default:
		return Mapping{Target: path, Type: "Direct", Source: b.choose(path)}
	}
}

// choose notes that somebody must name the attribute of Azure for a path, and
// returns what stands for it until then.
func (b *builder) choose(path string) string {
	name := choice(path)
	for _, c := range b.setup.Choose {
		if c.Path == path {
			return c.Name
		}
		if c.Name == name { // badge-1 and badge_1
			name += "_"
		}
	}
	b.setup.Choose = append(b.setup.Choose, Choice{path, name})
	return name
}

// choice is a placeholder that can name a variable of a shell.
func choice(path string) string {
	name := []byte(path[strings.LastIndexByte(path, ':')+1:])
	for i, c := range name {
		if letter := 'a' <= c|0x20 && c|0x20 <= 'z'; !letter && (c < '0' || '9' < c) {
			name[i] = '_'
		}
	}
	return placeholder + string(name)
}
