package appspace

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"scimgate/connectors"
	"scimgate/scim/filter"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// adopt makes a user that was found ours, if it may be: an earlier attempt of ours
// may have created it, it bears the externalId of ours, as after a move from
// Entra's direct provisioning, or the tenant's rule says so. Adopting by name
// alone, and then writing another e-mail address over the user's, is how accounts
// are taken over.
func (a *account) adopt(ctx context.Context, o connectors.Object, there *found) (connectors.Receipt, error) {
	switch {
	case a.guards(there.attributes):
		return connectors.Receipt{}, errProtected()
	case o.Doubt:
		o.RemoteID = there.id
		return receipt(o, a.update(ctx, o))
	case sameExternalID(o.Attributes, there.attributes), o.Adopt == tenant.AdoptUserName:
		return a.takeIn(ctx, o, there)
	}
	return connectors.Receipt{}, conflict("the account has a user of this name that was not made here")
}

// adoptChosen adopts the user that a person chose.
func (a *account) adoptChosen(ctx context.Context, o connectors.Object) (connectors.Receipt, error) {
	held, err := a.chosen(ctx, o)
	if err != nil {
		return connectors.Receipt{}, err
	}
	if held == nil {
		return connectors.Receipt{}, conflict("the account user that was to be adopted is gone")
	}
	return a.takeIn(ctx, o, &found{id: o.RemoteID, attributes: held})
}

// chosen returns the user that a person chose, if it may be touched; nil if it is
// gone.
func (a *account) chosen(ctx context.Context, o connectors.Object) (*value.Object, error) {
	held, err := a.get(ctx, kindOf(o), o.RemoteID)
	if err != nil {
		return nil, a.settleGone(ctx, err)
	}
	if a.guards(held) {
		return nil, errProtected()
	}
	return held, nil
}

// takeIn is the first push to a user that was not made here. It changes no
// identifier: those that differ are left out, and not noted as sent.
func (a *account) takeIn(ctx context.Context, o connectors.Object, there *found) (connectors.Receipt, error) {
	o.RemoteID, o.Sent = there.id, nil
	o.Attributes = o.Attributes.Clone()
	for _, name := range identifiers {
		have, _ := there.attributes.Get(name)
		if want, ok := o.Attributes.Get(name); ok && !covered(name, want, have) {
			o.Attributes.Delete(name)
		}
	}
	return receipt(o, a.update(ctx, o))
}

// identifiers are what a user signs in and is reached by.
var identifiers = []string{"userName", "emails"}

// expects is the object without the identifiers that were never sent: they are the
// account's own until the client changes the user.
func expects(o connectors.Object) connectors.Object {
	for _, name := range identifiers {
		_, ours := o.Attributes.Get(name)
		if ours && len(o.Sent) > 0 && !slices.ContainsFunc(o.Sent, func(path string) bool { return isAt(name, path) }) {
			o.Attributes = o.Attributes.Clone()
			o.Attributes.Delete(name)
		}
	}
	return o
}

// isAt reports whether a path is of an attribute.
func isAt(name, path string) bool {
	root, _ := split(path)
	return value.SameName(root, name)
}

// guards reports whether a user is an administrator of the account, or named in
// the connection's settings as one who must not be taken over. That a role with
// "admin" in it makes an administrator is assumed: no document says.
func (a *account) guards(held *value.Object) bool {
	return a.named(held) || slices.ContainsFunc(elements(held, "roles"), func(role value.Value) bool {
		texts := []value.Value{role}
		for _, name := range []string{"value", "display", "type"} {
			v, _ := role.Object().Get(name)
			texts = append(texts, v)
		}
		return slices.ContainsFunc(texts, func(v value.Value) bool {
			return v.Kind() == value.String && strings.Contains(value.Fold(v.Text()), "admin")
		})
	})
}

func (a *account) named(held *value.Object) bool {
	name, _ := held.Get("userName")
	names := []string{value.Fold(name.Text())}
	for _, e := range elements(held, "emails") {
		address, _ := e.Object().Get("value")
		names = append(names, value.Fold(address.Text()))
	}
	return slices.ContainsFunc(a.protected, func(p string) bool { return slices.Contains(names, value.Fold(p)) })
}

// elements are the values of an attribute that may have several, or be one.
func elements(o *value.Object, name string) []value.Value {
	v, ok := o.Get(name)
	switch {
	case !ok:
		return nil
	case v.Kind() == value.Array:
		return v.Items()
	default:
		return []value.Value{v}
	}
}

func sameExternalID(a, b *value.Object) bool {
	x, _ := a.Get("externalId")
	y, _ := b.Get("externalId")
	return !x.Unassigned() && value.Equal(x, y)
}

func conflict(reason string) error {
	return &connectors.Error{Fault: connectors.Conflict, Reason: reason}
}

func errProtected() error {
	return conflict("the account has an administrator of this name, who is never taken over")
}

// lookUpExternal returns the user with the object's externalId, where the tenant's
// rule goes by that; nil if there is none.
func (a *account) lookUpExternal(ctx context.Context, o connectors.Object) (*found, error) {
	id, _ := o.Attributes.Get("externalId")
	if o.Adopt != tenant.AdoptExternalID || id.Kind() != value.String || id.Unassigned() {
		return nil, nil //nolint:nilnil // nobody is to be looked for
	}
	same := &filter.Compare{Path: filter.Path{Name: "externalId"}, Op: filter.Equal, Value: id}
	r := request{method: http.MethodGet, path: kindOf(o).endpoint, query: "filter=" + escapeQuery(filter.Print(same))}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	return r.oneWith(got, func(held *value.Object) bool { return sameExternalID(o.Attributes, held) })
}
