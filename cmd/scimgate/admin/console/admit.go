package console

import (
	"errors"
	"net/http"
	"net/url"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// Role is what a person is here.
type Role = tenant.Role

// The roles.
const (
	Operator      = tenant.Operator
	Administrator = tenant.Administrator
	Support       = tenant.Support
)

// person is who is signed in.
type person struct {
	Role   Role      `json:"role"`
	Tenant tenant.ID `json:"tenant,omitempty"` // "" is every account; an administrator's never is
	Name   string    `json:"name,omitempty"`   // for people, and beside what they publish
	pass   *tenant.Pass
}

// sessionIDLength is how much of a session's id tells it from others.
const sessionIDLength = 12

// principal is who a person is to what is told of changes.
func (p *person) principal() tenant.Principal {
	who := tenant.Principal{Kind: tenant.SessionPrincipal, Name: p.Name, Role: p.Role, Tenant: p.Tenant}
	if p.pass != nil {
		who.ID = p.pass.ID[:sessionIDLength]
	}
	return who
}

// sees reports whether an account is there for a person.
func (p *person) sees(id tenant.ID) bool { return p.principal().Sees(id) }

// may reports whether a person who, where path is of an account, sees it may have
// what is there.
func (p *person) may(who admin.Audience, path string) bool { return who.Admits(p.principal(), path) }

// The audiences.
const (
	everybody = admin.Everybody
	overseers = admin.Overseers
	readers   = admin.Readers
	editors   = admin.Editors
	operators = admin.Operators
)

// errSignIn sends a visitor to the sign-in page.
var errSignIn = errors.New("console: not signed in")

// admit decides who the visitor is and whether the page is for them, before the
// page's handler runs. Whoever may not see an account is told what they would be
// told of one that does not exist.
func (v *visit) admit() error {
	var err error
	if v.person, err = v.personOf(v.r); err != nil {
		return err
	}
	if v.route.who == everybody {
		return nil
	}
	if v.person == nil {
		return errSignIn
	}
	if err := v.findTenant(); err != nil {
		return err
	}
	if !v.person.may(v.route.who, v.route.path) {
		return errForbidden
	}
	return nil
}

// findTenant reads the account that the path names, if it names one.
func (v *visit) findTenant() error {
	text := v.r.PathValue("tenant")
	if text == "" {
		return nil
	}
	id, err := tenant.ParseID(text)
	if err != nil || !v.person.sees(id) {
		return errNotFound
	}
	v.tenant, err = v.Service.Tenants.Tenant(v.r.Context(), id)
	return err
}

// toSignIn sends a visitor to sign in and, from a page, back again.
func (v *visit) toSignIn() {
	to := Prefix + "/sign-in"
	if v.r.Method == http.MethodGet && v.r.URL.Path != Prefix+"/" {
		to += "?next=" + url.QueryEscape(v.r.URL.Path)
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}
