package mapping

import (
	"fmt"
	"strings"
)

// Error says why one resource has no Projection. It parks the document: only a
// change of the resource or of the rules can help. It names attributes, never
// values.
type Error struct {
	Rule   int    // index in "rules", from 0; -1 where no single rule is at fault
	Target string // what could not be set
	Reason string
}

func (e *Error) Error() string {
	if e.Rule < 0 {
		return e.Reason
	}
	return fmt.Sprintf("rules[%d] (%s): %s", e.Rule, e.Target, e.Reason)
}

// Fault is one thing that is wrong with a set of rules.
type Fault struct {
	Rule   int    `json:"rule"`             // index in "rules", from 0; -1 for the document itself
	Target string `json:"target,omitempty"` // the rule's target as written
	Column int    `json:"column,omitempty"` // in the expression, in characters from 1; 0 elsewhere
	Reason string `json:"reason"`
	Hint   string `json:"hint,omitempty"` // what to do about it

	// Of an example that fails: which one, at which attribute, and its values as JSON.
	Example   string `json:"example,omitempty"`
	Attribute string `json:"attribute,omitempty"`
	Wanted    string `json:"wanted,omitempty"`
	Got       string `json:"got,omitempty"`
}

// String tells everything, for the administrator who wrote the rules.
func (f Fault) String() string {
	if f.Wanted == "" {
		return f.discreet()
	}
	return f.discreet() + ": wanted " + f.Wanted + ", got " + f.Got
}

// discreet is String without the values of an example, which may be those of a
// person.
func (f Fault) discreet() string {
	var b strings.Builder
	if f.Rule >= 0 {
		fmt.Fprintf(&b, "rules[%d]", f.Rule)
		if f.Target != "" {
			fmt.Fprintf(&b, " (%s)", f.Target)
		}
		if f.Column > 0 {
			fmt.Fprintf(&b, ", column %d", f.Column)
		}
		b.WriteString(": ")
	}
	if f.Example != "" {
		b.WriteString(f.Example + ": ")
	}
	if f.Attribute != "" {
		b.WriteString(f.Attribute + ": ")
	}
	b.WriteString(f.Reason)
	if f.Hint != "" {
		b.WriteString("; " + f.Hint)
	}
	return b.String()
}

// Errors is everything that is wrong with a set of rules, in the order of the
// rules, so that an administrator corrects it in one go.
type Errors struct { //nolint:errname // the errors of a whole document
	Faults []Fault
}

// Error names every fault. It holds no value of an example, so that it may be logged.
func (e *Errors) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.discreet()
	}
	return strings.Join(lines, "\n")
}
