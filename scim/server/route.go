package server

import (
	"net/http"
	"slices"
	"strings"

	"scimgate/scim"
)

// verbs is what a route answers, by method. HEAD and OPTIONS come for free.
type verbs map[string]func(*call) error

// route is one row of the table. {endpoint} stands for that of any resource type.
type route struct {
	pattern string
	verbs   verbs
}

// routes is the whole of the service (RFC 7644 §3.2, table 2). What is not here is
// 404.
var routes = []route{
	{"/", verbs{"GET": (*call).listAll}},
	{"/.search", verbs{"POST": (*call).searchAll}},
	{"/ServiceProviderConfig", verbs{"GET": (*call).providerConfig}},
	{"/ResourceTypes", verbs{"GET": (*call).resourceTypes}},
	{"/ResourceTypes/{id}", verbs{"GET": (*call).resourceType}},
	{"/Schemas", verbs{"GET": (*call).schemas}},
	{"/Schemas/{id}", verbs{"GET": (*call).schema}},
	{bulkRoute, verbs{"POST": (*call).bulk}},
	{"/Me", verbs{
		"GET": (*call).me, "POST": (*call).me, "PUT": (*call).me, "PATCH": (*call).me, "DELETE": (*call).me,
	}},
	{"/{endpoint}", verbs{"GET": (*call).list, "POST": (*call).change}},
	{"/{endpoint}/.search", verbs{"POST": (*call).search}},
	{"/{endpoint}/{id}", verbs{
		"GET": (*call).get, "PUT": (*call).change, "PATCH": (*call).change, "DELETE": (*call).delete,
	}},
}

// dispatch runs the verb that the path and the method name.
func (c *call) dispatch(path string) error {
	found := c.find(path)
	if found == nil {
		return scim.Statusf(http.StatusNotFound, "There is nothing at this path of the SCIM service.")
	}
	c.route = found.pattern
	if verb := found.verbs[readMethod(c.r.Method)]; verb != nil {
		return c.run(verb)
	}
	if err := c.admitted(nil); err != nil {
		return err
	}
	c.w.Header().Set("Allow", found.verbs.allow())
	if c.r.Method == http.MethodOptions {
		c.send(http.StatusNoContent, nil)
		return nil
	}
	return scim.Statusf(http.StatusMethodNotAllowed, "This path does not answer that method; see Allow.")
}

// run runs a verb. Preconditions mean something of one resource alone (RFC 9110
// §13.2.1).
func (c *call) run(verb func(*call) error) (err error) {
	if c.kind != nil && c.key != "" {
		if c.when, err = readPreconditions(c.r.Header); err != nil {
			return err
		}
	}
	return verb(c)
}

// find looks the path up. A slash in disguise (%2F) is part of no path of ours.
func (c *call) find(path string) *route {
	if disguised(c.r.URL.RawPath) {
		return nil
	}
	pattern := c.locate(path)
	i := slices.IndexFunc(routes, func(r route) bool { return r.pattern == pattern })
	if i < 0 {
		return nil
	}
	return &routes[i]
}

// locate returns the pattern of a path below the service's root, and sets the
// call's kind and key; "" if it can be none, for a slash too many or an odd id.
func (c *call) locate(path string) string {
	first, key, two := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if two && (first == "" || !isKey(key)) || strings.Contains(first, "{") { // a pattern is no path
		return ""
	}
	c.kind = servedAt(c.defs, "/"+first)
	switch {
	case c.kind == nil && !two:
		return "/" + first
	case c.kind != nil && !two:
		return "/{endpoint}"
	case c.kind != nil && key == ".search":
		return "/{endpoint}/.search"
	}
	c.key = key
	if c.kind != nil {
		return "/{endpoint}/{id}"
	}
	return "/" + first + "/{id}"
}

// isKey reports whether s can be an id or a URN: visible ASCII without a slash.
// Nothing else is asked of a store.
func isKey(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f || s[i] == '/' {
			return false
		}
	}
	return s != "" && len(s) <= 256
}

// disguised reports whether the path was sent with an escaped slash, backslash
// or NUL. RawPath is empty unless the path was escaped in an unusual way.
func disguised(rawPath string) bool {
	for _, escape := range []string{"%2f", "%2F", "%5c", "%5C", "%00"} {
		if strings.Contains(rawPath, escape) {
			return true
		}
	}
	return false
}

func readMethod(method string) string {
	if method == http.MethodHead {
		return http.MethodGet
	}
	return method
}

func (v verbs) allow() string {
	methods := []string{http.MethodOptions}
	for method := range v {
		methods = append(methods, method)
		if method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	slices.Sort(methods)
	return strings.Join(methods, ", ")
}
