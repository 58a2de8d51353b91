package console

import (
	"errors"
	"net/http"
	"net/url"

	"scimgate/tenant"
)

// Role is what a person is here.
type Role string

// The roles.
const (
	Operator      Role = "operator"      // everything, of every account
	Administrator Role = "administrator" // everything of one account but what operators keep
	Support       Role = "support"       // looks, and changes nothing
)

// person is who is signed in.
type person struct {
	Role   Role      `json:"role"`
	Tenant tenant.ID `json:"tenant,omitempty"` // "" is every account; an administrator's never is
	Name   string    `json:"name,omitempty"`   // for people, and beside what they publish
	pass   *tenant.Pass
}

// sees reports whether an account is there for a person.
func (p *person) sees(id tenant.ID) bool {
	switch p.Role {
	case Operator:
		return true
	case Support:
		return p.Tenant == "" || p.Tenant == id
	case Administrator:
		return p.Tenant != "" && p.Tenant == id
	default:
		return false
	}
}

// audience is who may have a page.
type audience int

// The audiences.
const (
	everybody audience = iota // also who is not signed in
	overseers                 // who sees every account
	readers                   // who sees the account
	editors                   // of those, who may change it
	operators
)

// admits reports whether a person who is signed in and, where the page is of an
// account, sees it, may have the page.
func (a audience) admits(p *person) bool {
	switch a {
	case everybody, readers:
		return true
	case overseers:
		return p.Role == Operator || p.Role == Support && p.Tenant == ""
	case editors:
		return p.Role == Operator || p.Role == Administrator
	case operators:
		return p.Role == Operator
	default:
		return false
	}
}

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
	if !v.route.who.admits(v.person) {
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
