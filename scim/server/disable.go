package server

import (
	"net/http"
	"strings"

	"scimgate/scim/value"
)

// disables reports whether the request, which would have to wait or is refused,
// takes a user's access away. For that its body is read, which is read only once: a
// tenant below its limit pays nothing for it. What is no such body is found out
// later, by whoever it is for.
func (c *call) disables(path string) bool {
	method := c.r.Method
	if method != http.MethodPatch && method != http.MethodPut || !strings.HasPrefix(path, "/Users/") {
		return false
	}
	doc, err := c.document()
	if err != nil {
		return false
	}
	if method == http.MethodPut {
		return inactive(doc)
	}
	operations, _ := member(doc, "Operations")
	for _, op := range operations.Items() {
		to, _ := member(op, "value")
		path, _ := member(op, "path")
		if path.Text() == "" && inactive(to) || value.SameName(path.Text(), "active") && no(to) {
			return true
		}
	}
	return false
}

// inactive reports whether a user is one who is not active.
func inactive(user value.Value) bool {
	active, ok := member(user, "active")
	return ok && no(active)
}

// no is false as Entra and Okta spell it.
func no(v value.Value) bool {
	return (v.Kind() == value.Bool || v.Kind() == value.String) && strings.EqualFold(v.Text(), "false")
}

func member(v value.Value, name string) (value.Value, bool) {
	if v.Object() == nil {
		return value.Value{}, false
	}
	return v.Object().Get(name)
}
