package mapping

import (
	"encoding/json"
	"errors"
	"slices"

	"scimgate/scim/value"
)

// Trial tells what becomes of users when the rules Before are replaced by After.
// It may be used by many goroutines at a time.
type Trial struct {
	Before, After *Rules
	// Creating tries what the account is given when it gets the user, instead of
	// what becomes of one that it has.
	Creating bool
}

// Change is what a Trial says of one path of the account's user.
type Change struct {
	Path   string          `json:"path"`
	Before json.RawMessage `json:"before"` // null: no value
	After  json.RawMessage `json:"after"`
	Same   bool            `json:"same,omitempty"` // Before and After are equal
	Kept   bool            `json:"kept,omitempty"` // the account keeps Before, though there is no value any more
}

// Verdict is what a Trial says of one user. It holds values of the user: it is
// for the administrator who asks, not for a log.
type Verdict struct {
	trial         *Trial
	before, after *value.Object // nil after a failure
	FailedBefore  *Error        // why the user cannot be projected now
	Failed        *Error        // … and why not then
	// Changed says that the account is sent something: the projections differ, or
	// there was none before.
	Changed bool
}

// Of tries one user. attributes may not be changed in place afterwards.
func (t *Trial) Of(attributes *value.Object) Verdict {
	v := Verdict{trial: t}
	v.before, v.FailedBefore = t.Before.attempt(attributes, t.Creating)
	v.after, v.Failed = t.After.attempt(attributes, t.Creating)
	v.Changed = v.after != nil && (v.before == nil || !alike(value.Of(v.before), value.Of(v.after)))
	return v
}

func (r *Rules) attempt(attributes *value.Object, creating bool) (*value.Object, *Error) {
	p, err := r.Project(attributes, creating)
	var failed *Error
	if err != nil && !errors.As(err, &failed) {
		failed = &Error{Rule: -1, Reason: err.Error()}
	}
	return p, failed
}

// Changes lists the paths that differ; with all, the others too. What Redact
// hides is not told.
func (v Verdict) Changes(all bool) []Change {
	list := changesBetween(v.before, v.after, all)
	for i := range list {
		c := &list[i]
		if v.trial.Before.hidesAt(c.Path) || v.trial.After.hidesAt(c.Path) {
			c.Before, c.After = redact(c.Before), redact(c.After)
		}
		c.Kept = !v.trial.Creating && v.after != nil && string(c.After) == "null" && v.trial.After.Leaves(c.Path)
	}
	return list
}

// redact hides a value; that there is none may be known.
func redact(v json.RawMessage) json.RawMessage {
	if string(v) == "null" {
		return v
	}
	return redaction
}

// hidesAt reports whether a rule that sets the path, or a part of it, has Redact.
func (r *Rules) hidesAt(path string) bool {
	path = value.Fold(path)
	return slices.ContainsFunc(r.rules, func(one rule) bool {
		return one.value != nil && (within(path, one.key) || within(one.key, path)) && hides(one.value)
	})
}

// Targets returns the targets of the rules as they are written, in their order.
func (r *Rules) Targets() []string {
	targets := make([]string, len(r.rules))
	for i := range r.rules {
		targets[i] = r.rules[i].name
	}
	return targets
}
