package scim

import (
	"strconv"
	"strings"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// nameOf is the attribute whose value is unique in a tenant, by resource type
// (design 6.7).
var nameOf = map[string]string{"User": "userName", "Group": "displayName"}

// NameKey returns the form of r's name that no other resource of its kind and
// tenant may have: userName or a group's displayName, folded, so that names which
// differ in case, in Unicode composition or by blanks around them are the same: two
// people could not tell them apart. "" is no name.
func NameKey(r *Resource) string {
	return FoldName(r.text(nameOf[r.Kind]))
}

// FoldName is the NameKey of whoever has a name.
func FoldName(name string) string { return value.Fold(strings.TrimSpace(name)) }

// Active reports whether r is in use: it is unless it says "active":false.
func (r *Resource) Active() bool {
	return r.text(active) != "false"
}

// Display returns what people know r by: its displayName, else its userName.
func (r *Resource) Display() string {
	if name := r.text("displayName"); name != "" {
		return name
	}
	return r.text(nameOf[r.Kind])
}

// text returns an attribute's text (see value.Value.Text), "" if it has none.
func (r *Resource) text(name string) string {
	v, _, err := r.attribute(name)
	if err != nil {
		return ""
	}
	return v.Text()
}

// ETag returns the entity tag of r's version, W/"7" (RFC 7644 §3.14).
func (r *Resource) ETag() string {
	return string(r.appendETag(make([]byte, 0, 24)))
}

func (r *Resource) appendETag(dst []byte) []byte {
	dst = append(dst, `W/"`...)
	dst = strconv.AppendUint(dst, r.Version, 10)
	return append(dst, '"')
}

// Match reports whether e, which is bound to r's type, holds for r: its attributes
// with id, schemas and meta, except meta.location, which r does not know, and what
// was computed. An error means that the stored body is damaged.
func (r *Resource) Match(e filter.Expr) (bool, error) {
	if c, ok := e.(*filter.Compare); ok && r.computed == nil && !asksForMeta(e) {
		return r.matchOne(c)
	}
	o, err := r.Attributes()
	if err != nil {
		return false, err
	}
	if r.computed != nil || asksForMeta(e) {
		o = r.withMeta("")
	}
	return filter.Match(e, o), nil
}

// matchOne is Match for a comparison, which asks for one attribute alone.
func (r *Resource) matchOne(c *filter.Compare) (bool, error) {
	name := c.Path.Name
	if c.Path.URN != "" {
		name = c.Path.URN
	}
	v, found, err := r.attribute(name)
	if err != nil {
		return false, err
	}
	only := &value.Object{}
	if found {
		only.Members = []value.Member{{Name: name, Value: v}}
	}
	return filter.Match(c, only), nil
}

// asksForMeta reports whether meta needs to be made to answer e: seldom.
func asksForMeta(e filter.Expr) (asks bool) {
	filter.Walk(e, func(c *filter.Compare) {
		asks = asks || c.Path.URN == "" && c.Path.Name == meta
	})
	return asks
}
