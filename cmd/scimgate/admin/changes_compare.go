package admin

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"

	"scimgate/tenant"
)

// Bounds of what is kept of one change.
const (
	mostDifferences = 100
	longestValue    = 1 << 10 // bytes of JSON
)

// hidden is a secret: compared by what it is, told by a word.
type hidden string

// MarshalJSON tells nothing.
func (hidden) MarshalJSON() ([]byte, error) { return []byte(`"(secret)"`), nil }

// compare returns what differs between two trees of JSON, by path, and how many
// differences more there are than are kept.
func compare(before, after any) (kept []tenant.Difference, more int) {
	all := differences(nil, "", before, after)
	if len(all) > mostDifferences {
		all, more = all[:mostDifferences], len(all)-mostDifferences
	}
	return all, more
}

// differences adds what differs below a path. What is only on one side is told
// whole.
func differences(all []tenant.Difference, path string, before, after any) []tenant.Difference {
	b, both := before.(map[string]any)
	a, ok := after.(map[string]any)
	if both = both && ok; both || path == "" { // at the top, what is made is told by its parts
		keys := slices.AppendSeq(slices.Collect(maps.Keys(b)), maps.Keys(a))
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			all = differences(all, under(path, key), b[key], a[key])
		}
		return all
	}
	if reflect.DeepEqual(before, after) || empty(before) && empty(after) {
		return all
	}
	return append(all, tenant.Difference{Path: path, Before: shown(before), After: shown(after)})
}

func under(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// empty reports whether there is nothing to tell of a value.
func empty(v any) bool {
	m, ok := v.(map[string]any)
	return v == nil || ok && len(m) == 0
}

// shown is a value as it is kept: nil for what is not there.
func shown(v any) json.RawMessage {
	if empty(v) {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`"(not shown)"`)
	}
	if len(text) <= longestValue {
		return text
	}
	cut := text[:longestValue]
	for !utf8.Valid(cut) {
		cut = cut[:len(cut)-1]
	}
	text, _ = json.Marshal(string(cut) + "…") // a text always can
	return text
}

// treeOf is a value as a tree of JSON.
func treeOf(v any) any {
	var tree any
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &tree)
	}
	if err != nil {
		return nil
	}
	return tree
}

// branch is treeOf of an object, without some of its members.
func branch(v any, without ...string) map[string]any {
	tree, _ := treeOf(v).(map[string]any)
	for _, name := range without {
		delete(tree, name)
	}
	return tree
}
