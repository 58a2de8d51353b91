package mapping

import (
	"fmt"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// maxExamples bounds the examples of one rule, and those of the document.
const maxExamples = 50

// example is a test that stands beside the rules: what the account should hold of
// a resource, or a part of it.
type example struct {
	rule     int    // that it stands beside, or -1
	target   string // of that rule
	name     string // for faults
	input    *value.Object
	output   *value.Object
	creating bool
}

// gather reads the "examples" of a rule, or of the document.
func (c *compiler) gather(o *value.Object) {
	for i, item := range c.list(o, "examples", maxExamples) {
		c.example(i, item.Object())
	}
}

func (c *compiler) example(i int, o *value.Object) {
	x := example{rule: c.index, target: c.target, name: fmt.Sprintf("examples[%d]", i), creating: true}
	const shape = `write {"input":{"userName":…},"output":{"displayName":…}}`
	if o == nil {
		c.fault(x.name+" is not a JSON object", shape)
		return
	}
	for _, m := range o.Members {
		switch m.Name {
		case "name":
			if name := c.text(o, "name"); name != "" {
				x.name += " (" + shorten(name) + ")"
			}
		case "input":
			x.input = m.Value.Object()
		case "output":
			x.output = m.Value.Object()
		case "creating":
			x.creating = c.truth(o, "creating")
		default:
			c.fault(fmt.Sprintf("%s has no key %q", x.name, shorten(m.Name)), shape)
		}
	}
	if x.input == nil || x.output == nil {
		c.fault(x.name+` needs "input" and "output", both JSON objects`, shape)
		return
	}
	c.examples = append(c.examples, x)
}

// try runs the examples.
func (c *compiler) try(r *Rules) {
	for i := range c.examples {
		c.index, c.target = c.examples[i].rule, c.examples[i].target
		c.check(r, &c.examples[i])
	}
}

func (c *compiler) check(r *Rules, x *example) {
	before := x.input.Clone() // nobody else's, but Project shares values
	got, err := r.Project(before, x.creating)
	if err != nil {
		c.add(Fault{Example: x.name, Reason: "its input cannot be projected: " + err.Error()})
		return
	}
	c.compare(x.name, "", x.output, got)
}

// compare reports each attribute of want that got has not, or otherwise. null
// stands for no value.
func (c *compiler) compare(name, path string, want, got *value.Object) {
	for _, m := range want.Members {
		v, _ := got.Get(m.Name)
		at := path + m.Name
		switch {
		case m.Value.Unassigned() && v.Unassigned() || value.Equal(m.Value, v):
		case m.Value.Object() != nil && v.Object() != nil:
			c.compare(name, at+behind(m.Name), m.Value.Object(), v.Object())
		default:
			c.add(Fault{
				Example: name, Attribute: at, Reason: "the example's output is another",
				Wanted: jsonOf(m.Value), Got: jsonOf(v),
			})
		}
	}
}

// behind is what parts an attribute's name from those below it: only a URN holds
// a colon itself.
func behind(name string) string {
	if strings.Contains(name, ":") {
		return ":"
	}
	return "."
}

// ExampleResult is what came of one example.
type ExampleResult struct {
	Rule   int     `json:"rule"` // index of the rule that it stands beside; -1 for one of the document
	Target string  `json:"target,omitempty"`
	Name   string  `json:"name"`
	Holds  bool    `json:"holds"`
	Faults []Fault `json:"faults,omitempty"`
}

// Examples runs the examples of a document of rules one by one, in its order. The
// error is an *Errors with what else is wrong with the rules. The results hold the
// examples' values.
func Examples(raw []byte, t *scim.ResourceType) ([]ExampleResult, error) {
	c := &compiler{t: t}
	compiled, err := c.compile(raw)
	if err != nil {
		return nil, err
	}
	results := make([]ExampleResult, len(c.examples))
	for i, x := range c.examples {
		c.faults, c.index, c.target = nil, x.rule, x.target
		c.check(compiled, &c.examples[i])
		results[i] = ExampleResult{Rule: x.rule, Target: x.target, Name: x.name, Holds: len(c.faults) == 0, Faults: c.faults}
	}
	return results, nil
}

func jsonOf(v value.Value) string { return string(value.Append(nil, v)) }
