package value

import (
	"bytes"
	"slices"
	"strings"
)

// AppendSorted is Append with the members of objects in the order of their names
// and the items of arrays in that of their bytes: what differs in order alone gives
// equal bytes. (The values of a SCIM attribute have no order, RFC 7643 §2.4.)
func AppendSorted(dst []byte, v Value) []byte {
	switch v.kind {
	case Array:
		return appendSortedArray(dst, v.Items())
	case Obj:
		return appendSortedObject(dst, v.object)
	default:
		return Append(dst, v)
	}
}

func appendSortedArray(dst []byte, items []Value) []byte {
	if len(items) < 2 {
		return appendParts(dst, items)
	}
	texts := make([][]byte, len(items))
	for i := range items {
		texts[i] = AppendSorted(nil, items[i])
	}
	slices.SortFunc(texts, bytes.Compare)
	dst = append(append(dst, '['), bytes.Join(texts, []byte{','})...)
	return append(dst, ']')
}

// appendParts appends an array of at most one item.
func appendParts(dst []byte, items []Value) []byte {
	dst = append(dst, '[')
	for i := range items {
		dst = AppendSorted(dst, items[i])
	}
	return append(dst, ']')
}

func appendSortedObject(dst []byte, o *Object) []byte {
	members := o.Members
	byName := func(a, b Member) int { return strings.Compare(a.Name, b.Name) }
	if !slices.IsSortedFunc(members, byName) {
		members = slices.SortedFunc(slices.Values(members), byName)
	}
	dst = append(dst, '{')
	for i := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, members[i].Name), ':')
		dst = AppendSorted(dst, members[i].Value)
	}
	return append(dst, '}')
}
