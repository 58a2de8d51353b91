package mapping

import (
	"fmt"

	"scimgate/scim"
	"scimgate/scim/value"
)

// rule is one compiled rule.
type rule struct {
	index    int    // in the document; -1 for one that nobody wrote
	name     string // the target as written
	key      string // the target's canonical path
	kind     string // its "type"
	group    bool   // "resource":"Group"
	text     string // the expression, of a rule that has one
	target   target
	value    node        // nil for a rule of type None
	whole    bool        // the value is copied as it is, with all below it
	clone    bool        // … and another rule changes something in the copy
	many     bool        // the value is a list, and each of its items a value of the target
	onCreate bool        // "apply":"OnCreate"
	fallback value.Value // "default", already of the target's type; null if there is none
	keeps    bool        // "onEmpty":"Keep": without a value the account keeps its own
	clears   bool        // "onEmpty":"Clear"
	required bool
}

// maxRules bounds a set of rules.
const maxRules = 500

// compiler reads the rules document and collects what is wrong with it.
type compiler struct {
	t      *scim.ResourceType
	index  int
	target string // of the rule at index, as written
	faults []Fault

	examples []example
}

func (c *compiler) fault(reason, hint string) {
	c.add(Fault{Reason: reason, Hint: hint})
}

func (c *compiler) add(f Fault) {
	f.Rule, f.Target = c.index, c.target
	c.faults = append(c.faults, f)
}

// document returns the objects in "rules", and notes those in "examples".
func (c *compiler) document(raw []byte) []value.Value {
	c.index = -1
	doc, err := value.Parse(raw, value.DefaultLimits)
	if err != nil {
		c.fault("the rules are not JSON: "+err.Error(), "")
		return nil
	}
	const shape = `write {"rules":[…]}`
	if doc.Object() == nil {
		c.fault("the rules are not a JSON object", shape)
		return nil
	}
	for _, m := range doc.Object().Members {
		if m.Name != "rules" && m.Name != "examples" {
			c.fault(fmt.Sprintf("there is no key %q", shorten(m.Name)), shape)
		}
	}
	c.gather(doc.Object())
	return c.list(doc.Object(), "rules", maxRules)
}

// list returns the items under a key.
func (c *compiler) list(o *value.Object, key string, most int) []value.Value {
	list, _ := o.Get(key)
	if list.Kind() != value.Array && !list.IsNull() {
		c.fault(fmt.Sprintf("%q is not a list", key), "")
	}
	if len(list.Items()) > most {
		c.fault(fmt.Sprintf("there are more than %d %s", most, key), "")
		return nil
	}
	return list.Items()
}

// text reads a key that holds a text; "" if it is absent.
func (c *compiler) text(o *value.Object, key string) string {
	v, ok := o.Get(key)
	if ok && v.Kind() != value.String && !v.IsNull() {
		c.fault(fmt.Sprintf("%q is not a text", key), "")
		return ""
	}
	return v.Text()
}

func (c *compiler) truth(o *value.Object, key string) bool {
	v, _ := o.Get(key)
	if v.Kind() != value.Bool && !v.IsNull() {
		c.fault(fmt.Sprintf("%q is neither true nor false", key), "")
	}
	return v.True()
}

func (c *compiler) apply(o *value.Object) (onCreate bool) {
	switch c.text(o, "apply") {
	case "", "Always":
		return false
	case "OnCreate":
		return true
	default:
		c.fault(`"apply" is neither Always nor OnCreate`, "the words are case-sensitive")
		return false
	}
}
