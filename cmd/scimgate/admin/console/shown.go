package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
)

// pretty is JSON as people read it; what is no JSON stays as it is.
func pretty(raw []byte) string {
	var out bytes.Buffer
	if len(raw) == 0 || json.Indent(&out, raw, "", "  ") != nil {
		return string(raw)
	}
	return out.String()
}

// plainLength bounds, in characters, what is shown of one value in a table.
const plainLength = 300

// plain is a value of JSON as people read it; "" for null.
func plain(raw json.RawMessage) string {
	if string(raw) == "null" {
		return ""
	}
	text := string(raw)
	if len(raw) > 0 && raw[0] == '"' {
		_ = json.Unmarshal(raw, &text)
	}
	return cut(text, plainLength)
}

// cut shortens what is longer than so many characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// number is a count for people: 9,800.
func number(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

// compared is one attribute as the client sent it and as the account should hold
// it; "" where it is not there.
type compared struct {
	Path, Sent, Projected string
	Made                  *mapping.Explanation // how the account's value came about; nil: nobody asked

	target string // Path as SCIM has it
}

// Same reports whether the account gets what was sent.
func (c compared) Same() bool { return c.Sent == c.Projected }

// unshown are attributes of ours or of the protocol, which no account gets.
var unshown = map[string]bool{"schemas": true, "meta": true, "id": true, "groups": true}

// compare puts a resource and its projection side by side, in the order of the
// resource.
func compare(resource, projection []byte) []compared {
	sent, projected := leaves(resource), leaves(projection)
	at := map[string]int{}
	rows := make([]compared, 0, len(sent))
	for _, l := range sent {
		at[l.path] = len(rows)
		rows = append(rows, compared{Path: l.path, target: l.target, Sent: cut(l.text, plainLength)})
	}
	for _, l := range projected {
		if i, ok := at[l.path]; ok {
			rows[i].Projected = cut(l.text, plainLength)
		} else {
			rows = append(rows, compared{Path: l.path, target: l.target, Projected: cut(l.text, plainLength)})
		}
	}
	return rows
}

// leaf is a single value: its path for people, as SCIM has it, and what it is.
type leaf struct{ path, target, text string }

// leaves are the single values in a resource, by path.
func leaves(raw []byte) []leaf {
	if len(raw) == 0 {
		return nil
	}
	v, err := value.Parse(raw, value.Limits{Depth: 64, Values: 1 << 20, Text: 1 << 24})
	if err != nil || v.Object() == nil {
		return nil
	}
	var all []leaf
	for _, m := range v.Object().Members {
		if !unshown[m.Name] {
			all = appendLeaves(all, leaf{path: short(m.Name), target: m.Name}, m.Value)
		}
	}
	return all
}

// short spares people the URNs, which are long and always the same.
func short(name string) string {
	for urn, word := range map[string]string{scim.EnterpriseUserURN: "enterprise", scim.AppspaceUserURN: "appspace"} {
		if value.SameName(name, urn) {
			return word
		}
	}
	return name
}

func appendLeaves(all []leaf, at leaf, v value.Value) []leaf {
	switch {
	case v.Object() != nil:
		for _, m := range v.Object().Members {
			all = appendLeaves(all, at.below(m.Name), m.Value)
		}
	case v.Kind() == value.Array:
		for i, item := range v.Items() {
			all = appendLeaves(all, at.element(i, item), item)
		}
	case v.Kind() == value.String:
		all = append(all, leaf{at.path, at.target, v.Text()})
	default:
		all = append(all, leaf{at.path, at.target, string(value.Append(nil, v))})
	}
	return all
}

// below is where a part of l stands.
func (l leaf) below(name string) leaf {
	separator := "."
	if short(l.target) != l.target { // RFC 7644, section 3.10
		separator = ":"
	}
	return leaf{path: l.path + "." + name, target: l.target + separator + name}
}

// element is where an element of l stands: by its type, as PATCH says it, where it
// has one.
func (l leaf) element(i int, v value.Value) leaf {
	name := elementName(i, v)
	e := leaf{path: l.path + "[" + name + "]", target: l.target}
	if kind := typeOf(v); kind != "" {
		e.target += "[type eq " + string(value.Append(nil, value.NewText(kind))) + "]"
	}
	return e
}

// elementName tells the values of a list apart by their type, as people and PATCH do.
func elementName(i int, v value.Value) string {
	if kind := typeOf(v); kind != "" {
		return strings.ToLower(kind)
	}
	return fmt.Sprint(i + 1)
}

// typeOf is the type of an element; "" where it has none.
func typeOf(v value.Value) string {
	if o := v.Object(); o != nil {
		kind, _ := o.Get("type")
		return kind.Text()
	}
	return ""
}

// tellMakers says of each row which rule made it.
func tellMakers(rows []compared, rules *mapping.Rules, attributes *value.Object) {
	explainer := rules.Explainer(attributes, false)
	for i := range rows {
		// A path that the rules do not know is of something that no account gets.
		rows[i].Made, _ = explainer.Explain(rows[i].target)
	}
}
