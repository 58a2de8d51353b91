package admin

import (
	"strings"

	"scimgate/tenant"
)

// Audience is who may have an operation of the API, or a page of the console.
type Audience int

// The audiences.
const (
	Nobody    Audience = iota // what a route has that says nothing
	Everybody                 // also who did not sign in
	Overseers                 // who sees every tenant
	Readers                   // who sees the tenant
	Editors                   // of those, who may change it
	Operators
)

// Admits reports whether a principal who, where path is of a tenant, sees that may
// have what is at path. What is of no tenant, and not for every reader, is for
// whoever is not bound to one.
func (a Audience) Admits(p tenant.Principal, path string) bool {
	if p.Tenant != "" && a != Readers && !strings.Contains(path, "{tenant}") {
		return a == Everybody
	}
	switch a {
	case Everybody, Readers:
		return true
	case Overseers:
		return p.Role == tenant.Operator || p.Role == tenant.Support
	case Editors:
		return p.Role == tenant.Operator || p.Role == tenant.Administrator
	case Operators:
		return p.Role == tenant.Operator
	default:
		return false
	}
}
