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
}

func (f Fault) String() string {
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

func (e *Errors) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
