package mapping

import (
	"encoding/json"

	"scimgate/scim/value"
)

// Step is one part of an expression and the value it had: a call, an [attribute]
// or a comparison, with the steps that led to it. What was not evaluated, as the
// other branch of an IIF, is not there.
type Step struct {
	Text   string          `json:"text"`             // "Join", "[name.givenName]", ">"
	Column int             `json:"column,omitempty"` // in the expression, in characters from 1
	Value  json.RawMessage `json:"value"`
	Steps  []*Step         `json:"steps,omitempty"`

	at int // byte offset of Column
}

// Input is an attribute of the resource that a rule read.
type Input struct {
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// redaction stands for a value that Redact hides.
var redaction = json.RawMessage(`"[Redact]"`)

// maxTrace bounds how many steps, and of each value how many bytes, are told.
const (
	maxTrace      = 1_000
	maxTraceValue = 4 << 10
)

// trace gathers the steps of one run.
type trace struct {
	open   *Step // what the next step belongs to
	hidden bool  // a call of Redact is open
	count  int
	inputs []Input
}

// value evaluates n and tells it.
func (t *trace) value(e *evaluation, n node) value.Value {
	text := stepText(n)
	if t.count++; text == "" || t.count > maxTrace {
		return n.eval(e)
	}
	step, parent := &Step{Text: text, at: n.offset()}, t.open
	parent.Steps = append(parent.Steps, step)
	before := t.hidden
	t.open, t.hidden = step, before || text == redacted
	v := n.eval(e)
	step.Value = t.show(n, v)
	t.open, t.hidden = parent, before
	if r, ok := n.(*reference); ok {
		t.input(r, step.Value)
	}
	return v
}

// show is what of a value is told. All that a hidden one went into is hidden too.
func (t *trace) show(n node, v value.Value) json.RawMessage {
	if t.hidden || hides(n) {
		return redaction
	}
	return shown(v)
}

func shown(v value.Value) json.RawMessage {
	if text := v.Text(); len(text) > maxTraceValue {
		v = value.NewText(text[:skip(text[:maxTraceValue], maxTraceValue)] + "…")
	}
	return value.Append(nil, v)
}

// hides reports whether Redact stands in n.
func hides(n node) bool {
	switch n := n.(type) {
	case *call:
		if n.name == redacted {
			return true
		}
		for _, arg := range n.args {
			if hides(arg) {
				return true
			}
		}
	case *comparison:
		return hides(n.left) || hides(n.right)
	}
	return false
}

func (t *trace) input(n *reference, v json.RawMessage) {
	for _, known := range t.inputs {
		if known.Path == n.path() {
			return
		}
	}
	t.inputs = append(t.inputs, Input{Path: n.path(), Value: v})
}

// path is the SCIM path that a reference reads, in the schema's spelling.
func (n *reference) path() string { return n.source.path.String() }

// stepText is what a step is called; "" for what is no step.
func stepText(n node) string {
	switch n := n.(type) {
	case *call:
		return n.name
	case *reference:
		return "[" + n.text + "]"
	case *comparison:
		return n.operator
	default:
		return ""
	}
}
