package mapping

import (
	"strings"

	"scimgate/scim/value"
)

// list evaluates n to its values: those of a list, or the only one; none for null.
func (e *evaluation) list(n node) []value.Value {
	switch v := e.value(n); v.Kind() {
	case value.Array:
		return v.Items()
	case value.Null:
		return nil
	default:
		return []value.Value{v}
	}
}

func count(e *evaluation, args []node) value.Value { return value.Int(int64(len(e.list(args[0])))) }

func item(e *evaluation, args []node) value.Value {
	list := e.list(args[0])
	index, ok := e.number(args[1])
	if !ok || index < 1 || index > len(list) {
		return value.Value{}
	}
	return list[index-1]
}

// split trims each part: Microsoft's own example has none of the spaces that
// stand behind its commas.
func split(e *evaluation, args []node) value.Value {
	source, _ := e.text(args[0])
	delimiter, _ := e.text(args[1])
	if source == "" || !e.spend(itemCost*(strings.Count(source, delimiter)+1)) {
		return value.Value{}
	}
	parts := []string{source}
	if delimiter != "" {
		parts = strings.Split(source, delimiter)
	}
	list := make([]value.Value, len(parts))
	for i, part := range parts {
		list[i] = value.NewText(strings.TrimSpace(part))
	}
	return value.List(list...)
}

func removeDuplicates(e *evaluation, args []node) value.Value {
	list := e.list(args[0])
	if !e.spend(itemCost * len(list)) {
		return value.Value{}
	}
	seen := make(map[string]bool, len(list))
	var kept []value.Value
	for _, v := range list {
		if text, ok := textOf(v); ok && !seen[text] {
			seen[text] = true
			kept = append(kept, v)
		}
	}
	if kept == nil {
		return value.Value{}
	}
	return value.List(kept...)
}

// join skips what is empty or absent, as in Microsoft's example with "".
func join(e *evaluation, args []node) value.Value {
	separator, _ := e.text(args[0])
	j := joining{separator: separator}
	for _, arg := range args[1:] {
		v := e.value(arg)
		j.add(v)
		for _, item := range v.Items() {
			j.add(item)
		}
		if j.tooLong {
			return e.fail("the result of Join is longer than 64 KiB")
		}
	}
	return e.result(j.text.String())
}

// joining is the text that a Join has put together so far.
type joining struct {
	separator string
	text      strings.Builder
	tooLong   bool
}

func (j *joining) add(v value.Value) {
	text, _ := textOf(v)
	if text == "" || j.tooLong {
		return
	}
	if j.tooLong = j.text.Len()+len(j.separator)+len(text) > maxText; j.tooLong {
		return
	}
	if j.text.Len() > 0 {
		j.text.WriteString(j.separator)
	}
	j.text.WriteString(text)
}
