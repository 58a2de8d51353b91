package scim

import (
	"strings"

	"scimgate/scim/value"
)

// bulkIDPrefix begins what stands for the id of a resource that another operation
// of the same bulk request makes (RFC 7644 §3.7.2).
const bulkIDPrefix = "bulkId:"

// CutReference returns the bulkId that text refers to, if it is a reference.
func CutReference(text string) (bulkID string, ok bool) {
	return strings.CutPrefix(text, bulkIDPrefix)
}

// Resolve replaces each reference in the operation's data by the id that id knows
// for it. The RFC does not say where references may stand, so that every text which
// is one counts. id's error ends it.
func (op *BulkOperation) Resolve(id func(bulkID string) (string, error)) error {
	return resolve(&op.Data, id)
}

func resolve(v *value.Value, id func(string) (string, error)) (err error) {
	switch v.Kind() {
	case value.String:
		if bulkID, ok := CutReference(v.Text()); ok {
			var known string
			known, err = id(bulkID)
			*v = value.NewText(known)
		}
	case value.Array:
		for i := 0; i < len(v.Items()) && err == nil; i++ {
			err = resolve(&v.Items()[i], id)
		}
	case value.Obj:
		for i := 0; i < v.Object().Len() && err == nil; i++ {
			err = resolve(&v.Object().Members[i].Value, id)
		}
	default: // no text
	}
	return err
}

// NamedIn returns the form of the name that a whole document of t gives, "" if it
// cannot be told before the document is read: see NameKey.
func (t *ResourceType) NamedIn(doc value.Value) string {
	if doc.Object() == nil {
		return ""
	}
	return NameKey(NewResource(t.Name, "", doc.Object()))
}

// Renames reports whether a PATCH may change the name of a resource of t: whether
// the name's attribute is spoken of anywhere in it.
func (t *ResourceType) Renames(patch value.Value) bool {
	return mentions(patch, strings.ToLower(nameOf[t.Name]))
}

func mentions(v value.Value, name string) bool {
	switch v.Kind() {
	case value.String:
		return strings.Contains(strings.ToLower(v.Text()), name)
	case value.Array:
		for _, item := range v.Items() {
			if mentions(item, name) {
				return true
			}
		}
	case value.Obj:
		for _, member := range v.Object().Members {
			if strings.Contains(strings.ToLower(member.Name), name) || mentions(member.Value, name) {
				return true
			}
		}
	default:
	}
	return false
}
