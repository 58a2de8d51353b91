package mapping

import (
	"encoding/json"
	"fmt"
	"slices"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// RuleDiff is one target whose rule differs between two documents of rules.
type RuleDiff struct {
	Target string          `json:"target"` // "" for the examples beside the rules
	Change string          `json:"change" enum:"added,removed,changed"`
	Before json.RawMessage `json:"before,omitempty"` // the rule
	After  json.RawMessage `json:"after,omitempty"`
	Keys   []KeyDiff       `json:"keys,omitempty"` // of a changed rule, what differs
}

// KeyDiff is one key of a rule that differs; null stands for one that is absent.
type KeyDiff struct {
	Key    string          `json:"key"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// Diff compares two documents of rules target by target: first what after has, in
// its order, then what was removed. Nothing at all is a document without rules.
// Neither needs to compile: an attribute that they name may be gone by now.
func Diff(before, after []byte) ([]RuleDiff, error) {
	was, err := rulesByTarget(before)
	if err != nil {
		return nil, err
	}
	is, err := rulesByTarget(after)
	if err != nil {
		return nil, err
	}
	list := []RuleDiff{}
	for _, key := range names(is, was) {
		x, _ := was.Get(key)
		y, _ := is.Get(key)
		if d := diffRule(x, y); d.Change != "" {
			list = append(list, d)
		}
	}
	return list, nil
}

// rulesByTarget returns the rules under their targets, and the examples beside
// them as a rule without one.
func rulesByTarget(raw []byte) (*value.Object, error) {
	byTarget := &value.Object{}
	if len(raw) == 0 {
		return byTarget, nil
	}
	doc, err := value.Parse(raw, value.DefaultLimits)
	if err != nil {
		return nil, fmt.Errorf("the rules are not JSON: %w", err)
	}
	list, _ := doc.Object().Get("rules")
	for _, item := range list.Items() {
		if item.Object() != nil {
			byTarget.Set(resourceKey(item)+targetKey(targetIn(item)), item)
		}
	}
	if examples, _ := doc.Object().Get("examples"); !examples.Unassigned() {
		byTarget.Set("", value.Of(value.NewObject(value.Member{Name: "examples", Value: examples})))
	}
	return byTarget, nil
}

// resourceKey sets the rules of groups apart.
func resourceKey(item value.Value) string {
	if of, _ := item.Object().Get("resource"); of.Text() == "Group" {
		return "Group "
	}
	return ""
}

// targetKey is one spelling for what is surely the same target.
func targetKey(text string) string {
	if p, err := filter.ParsePath(text); err == nil {
		text = p.String()
	}
	return value.Fold(text)
}

func diffRule(before, after value.Value) RuleDiff {
	d := RuleDiff{Target: targetIn(after, before)}
	switch {
	case before.IsNull():
		d.Change, d.After = "added", value.Append(nil, after)
	case after.IsNull():
		d.Change, d.Before = "removed", value.Append(nil, before)
	default:
		if d.Keys = diffKeys(before.Object(), after.Object()); len(d.Keys) > 0 {
			d.Change, d.Before, d.After = "changed", value.Append(nil, before), value.Append(nil, after)
		}
	}
	return d
}

func targetIn(rules ...value.Value) string {
	i := slices.IndexFunc(rules, func(v value.Value) bool { return !v.IsNull() })
	target, _ := rules[i].Object().Get("target")
	return target.Text()
}

// diffKeys compares two rules; the order of a list counts. A key that says nothing
// is as good as absent.
func diffKeys(before, after *value.Object) []KeyDiff {
	var list []KeyDiff
	for _, key := range names(after, before) {
		x, _ := before.Get(key)
		y, _ := after.Get(key)
		if key != "target" && !value.Equal(x, y) && (!x.Unassigned() || !y.Unassigned()) {
			list = append(list, KeyDiff{Key: key, Before: value.Append(nil, x), After: value.Append(nil, y)})
		}
	}
	return list
}
