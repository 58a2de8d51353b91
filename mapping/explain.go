package mapping

import (
	"encoding/json"
	"slices"

	"scimgate/scim/value"
)

// Explanation says how one attribute of a Projection came about. It holds values
// of the user: it is for the administrator who asks, not for a log.
type Explanation struct {
	Target  string          `json:"target"`            // the path that was asked for, in the schema's spelling
	Rule    int             `json:"rule"`              // index in "rules"; -1 where nobody wrote one
	Type    string          `json:"type,omitempty"`    // of the rule; "" if no rule sets the target
	Outcome Outcome         `json:"outcome"`           // what became of the rule
	Inputs  []Input         `json:"inputs,omitempty"`  // what it read of the user
	Steps   []*Step         `json:"steps,omitempty"`   // how its value was made
	Value   json.RawMessage `json:"value"`             // what the rule made; null for nothing
	Result  json.RawMessage `json:"result"`            // what the account should hold there
	Note    string          `json:"note,omitempty"`    // why Result is not Value
	Failure string          `json:"failure,omitempty"` // why the user cannot be projected
}

// Outcome is what became of a rule.
type Outcome string

// The outcomes.
const (
	Set     Outcome = "set"     // its value, or its default, is there
	Default Outcome = "default" // there was none, and the default stands in
	Empty   Outcome = "empty"   // there was none: what was sent before is cleared
	Kept    Outcome = "kept"    // there was none, or the rule does not apply: the account keeps its own
	Failed  Outcome = "failed"  // the user cannot be projected because of it
	NoRule  Outcome = "noRule"  // no rule sets the target
)

// Explain tells how the attribute at target comes about for a user: which rule
// sets it, what that read, and each step's value. The error is an *Errors, for a
// target that is no path.
func (r *Rules) Explain(attributes *value.Object, target string, creating bool) (*Explanation, error) {
	return r.Explainer(attributes, creating).Explain(target)
}

// Explainer explains attributes of one user. What the rules make of the whole user
// is worked out once: asked for each of a hundred attributes it would be a hundred
// Projections.
type Explainer struct {
	rules      *Rules
	attributes *value.Object
	creating   bool
	projection *value.Object
	failure    error // why there is no projection
}

// Explainer is what explains attributes of a user.
func (r *Rules) Explainer(attributes *value.Object, creating bool) *Explainer {
	projection, err := r.Project(attributes, creating)
	return &Explainer{r, attributes, creating, projection, err}
}

// Explain is as Rules.Explain.
func (e *Explainer) Explain(target string) (*Explanation, error) {
	p, f := find(target, e.rules.t)
	if f != nil {
		f.Rule, f.Target, f.Column = -1, shorten(target), 0
		return nil, &Errors{Faults: []Fault{*f}}
	}
	x := &Explanation{Target: p.path.String(), Rule: -1, Outcome: NoRule, Value: shown(value.Value{}), Result: shown(value.Value{})}
	one := e.rules.ruleFor(&p)
	if one != nil {
		x.explain(one, e.attributes, e.creating)
	}
	x.conclude(e, &p, one)
	if one != nil && one.value != nil && hides(one.value) && x.Outcome == Set {
		x.Result = redaction
	}
	return x, nil
}

// ruleFor is the rule for exactly this place, else the one for all around it,
// else the one for a part of it.
func (r *Rules) ruleFor(p *place) *rule {
	path := p.canonical()
	for _, fits := range []func(string) bool{
		func(target string) bool { return target == path },
		func(target string) bool { return within(path, target) },
		func(target string) bool { return within(target, path) },
	} {
		if i := slices.IndexFunc(r.rules, func(one rule) bool { return fits(one.key) }); i >= 0 {
			return &r.rules[i]
		}
	}
	return nil
}

// explain runs one rule and tells its steps.
func (x *Explanation) explain(r *rule, attributes *value.Object, creating bool) {
	x.Rule, x.Type, x.Outcome = r.index, r.kind, Kept
	if r.onCreate && !creating {
		x.Note = "the rule applies only on creation"
		return
	}
	root := new(Step)
	e := &evaluation{attributes: attributes, trace: &trace{open: root}}
	v := e.value(r.value)
	x.Steps, x.Inputs = columns(root.Steps, r.text), e.trace.inputs
	if x.Value = shown(v); r.value != nil && hides(r.value) {
		x.Value = redaction
	}
	x.Outcome = r.outcome(v, creating)
}

// outcome is what becomes of a rule that yields v.
func (r *rule) outcome(v value.Value, creating bool) Outcome {
	switch {
	case !v.Unassigned():
		return Set
	case creating && !r.fallback.IsNull():
		return Default
	case r.keeps || r.value == nil || !r.clears && !r.fallback.IsNull():
		return Kept
	default:
		return Empty
	}
}

// columns says where in the expression the steps stand; those of a rule without
// an expression stand nowhere.
func columns(steps []*Step, text string) []*Step {
	for _, s := range steps {
		if text != "" {
			s.Column = column(text, s.at)
		}
		columns(s.Steps, text)
	}
	return steps
}

// conclude adds what the whole Projection says of the place that one sets; nil: no
// rule does.
func (x *Explanation) conclude(e *Explainer, p *place, one *rule) {
	if e.failure != nil {
		x.Failure = e.failure.Error()
		if one != nil && one.apply(&evaluation{attributes: e.attributes}, &value.Object{}, e.creating) != nil {
			x.Outcome = Failed
		}
		return
	}
	x.Result = shown(p.read(e.projection))
	if x.Note == "" && p.path.URN == "" && string(x.Result) != string(x.Value) {
		x.Note = settled[p.path.Name]
	}
}

// settled says why an attribute may differ from what its rule made.
var settled = map[string]string{
	"active":   "a user who is disabled in the identity provider is disabled in the account, and every other is enabled unless a rule says otherwise",
	"userName": "the account knows users by e-mail address: userName if it is one, else the primary e-mail",
	"emails":   "the work e-mail of an account user is its userName",
}
