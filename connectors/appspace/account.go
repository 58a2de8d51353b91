package appspace

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// account is an open Appspace account.
type account struct {
	base      string // without a slash at the end
	token     string
	client    *http.Client
	protected []string // userNames and e-mail addresses that are never taken over
}

// Put implements connectors.Connector.
func (a *account) Put(ctx context.Context, o connectors.Object) (connectors.Receipt, error) {
	name, err := nameOf(o)
	if err != nil {
		return connectors.Receipt{}, err
	}
	if o.Adopting {
		return a.adoptChosen(ctx, o)
	}
	if o.RemoteID != "" {
		if err := a.update(ctx, o); !isStatus(err, http.StatusNotFound) {
			return receipt(o, err)
		}
		o.RemoteID, o.Sent = "", nil
	}
	return a.putByName(ctx, o, name)
}

// putByName creates the object, unless there is one under its name.
func (a *account) putByName(ctx context.Context, o connectors.Object, name string) (connectors.Receipt, error) {
	there, err := a.lookUpNamed(ctx, o, append(slices.Clone(o.Earlier), name))
	if err == nil && there == nil {
		there, err = a.lookUpExternal(ctx, o)
	}
	if err != nil {
		return receipt(o, err)
	}
	if there != nil {
		return a.adopt(ctx, o, there)
	}
	o.RemoteID, err = a.create(ctx, o)
	if isStatus(err, http.StatusConflict) {
		// Somebody was faster, or an earlier request of ours landed late.
		if there, _ = a.lookUp(ctx, kindOf(o), name); there != nil {
			return a.adopt(ctx, o, there)
		}
	}
	return receipt(o, err)
}

// Suspend implements connectors.Connector.
func (a *account) Suspend(ctx context.Context, o connectors.Object) error {
	id, err := a.find(ctx, o)
	if err != nil || id == "" {
		return err
	}
	_, err = a.patch(ctx, user, id, suspension, suspended)
	return a.settleGone(ctx, err)
}

// Delete implements connectors.Connector.
func (a *account) Delete(ctx context.Context, o connectors.Object) error {
	id, err := a.find(ctx, o)
	if err != nil || id == "" {
		return err
	}
	_, err = a.do(ctx, request{method: http.MethodDelete, path: kindOf(o).endpoint + "/" + escape(id)})
	return a.settleGone(ctx, err)
}

// settleGone turns "there is no such user" into success, once the account has
// shown that it answers at all: an endpoint that is switched off says 404 too,
// and a user who is to leave would stay.
func (a *account) settleGone(ctx context.Context, err error) error {
	if isStatus(err, http.StatusNotFound) {
		return a.Check(ctx)
	}
	return err
}

// find returns the id of the user that is to leave, "" if there is none.
func (a *account) find(ctx context.Context, o connectors.Object) (string, error) {
	if o.Adopting {
		held, err := a.chosen(ctx, o)
		if held == nil {
			return "", err
		}
	}
	if o.RemoteID != "" || !o.Doubt {
		return o.RemoteID, nil
	}
	there, err := a.lookUpNamed(ctx, o, o.Earlier)
	if err != nil || there == nil {
		return "", err
	}
	if a.guards(there.attributes) {
		return "", errProtected()
	}
	return there.id, nil
}

// lookUpNamed returns the first that is there under one of the names, nil if none
// is.
func (a *account) lookUpNamed(ctx context.Context, o connectors.Object, names []string) (there *found, err error) {
	for _, name := range names {
		if there, err = a.lookUp(ctx, kindOf(o), name); err != nil || there != nil {
			return there, err
		}
	}
	return nil, nil //nolint:nilnil // nobody has any of them
}

// Matches implements connectors.Connector.
func (a *account) Matches(ctx context.Context, o connectors.Object) (bool, error) {
	held, err := a.read(ctx, o)
	if err != nil {
		return false, err
	}
	if o.Attributes == nil {
		return held == nil || o.Kind != "Group" && suspended(held), nil
	}
	return held != nil && covers(expects(o), held), nil
}

// read returns what the account holds of an object, nil if nothing.
func (a *account) read(ctx context.Context, o connectors.Object) (*value.Object, error) {
	if o.RemoteID != "" {
		held, err := a.get(ctx, kindOf(o), o.RemoteID)
		return held, a.settleGone(ctx, err)
	}
	there, err := a.lookUpNamed(ctx, o, namesOf(o))
	if err != nil || there == nil {
		return nil, err
	}
	return there.attributes, nil
}

// Check implements connectors.Connector with the probe of Entra's "Test
// connection": a look-up of a user that does not exist, answered with 200 and an
// empty list.
func (a *account) Check(ctx context.Context) error {
	_, err := a.lookUp(ctx, user, uuid.NewString())
	return err
}

func receipt(o connectors.Object, err error) (connectors.Receipt, error) {
	if err != nil {
		return connectors.Receipt{}, err
	}
	return connectors.Receipt{RemoteID: o.RemoteID, Sent: paths(o.Attributes)}, nil
}
