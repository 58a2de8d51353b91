package server

import (
	"net/http"

	"github.com/google/uuid"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// change is one of the verbs that change a resource, the same for every resource
// type (RFC 7644 §3.3 to §3.6). It acts on what the call names (kind, key, when)
// with a document, and returns the resource as it is then, nil if it is gone. How
// the document came and who is answered how is not its business: a request of its
// own and an operation of a bulk request run the same changes.
type change func(c *call, doc value.Value) (*scim.Resource, error)

// changes are the verbs by method. DELETE takes no document.
var changes = map[string]change{
	http.MethodPost:   (*call).create,
	http.MethodPut:    (*call).replace,
	http.MethodPatch:  (*call).patch,
	http.MethodDelete: (*call).remove,
}

// change answers a request that changes a resource by the document in its body.
func (c *call) change() error {
	c.noted.method = c.r.Method
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	c.noted.selection = selection
	doc, err := c.document()
	if err != nil {
		return err
	}
	r, err := changes[c.r.Method](c, doc)
	if err != nil {
		return err
	}
	switch c.succeeds(c.r.Method, selection) {
	case http.StatusCreated:
		return c.sendResource(http.StatusCreated, r, selection)
	case http.StatusNoContent:
		return c.sendChanged(r)
	default:
		return c.sendWhole(r, selection)
	}
}

// succeeds is the status of a change that went well. A PATCH of a group answers
// with the group only where attributes are selected: it may have a million members
// (design 6.2). Of a user, Entra's validator wants the whole.
func (c *call) succeeds(method string, s *scim.Selection) int {
	switch {
	case method == http.MethodPost:
		return http.StatusCreated
	case method == http.MethodDelete, method == http.MethodPatch && c.kind.Name == groupKind && s.Empty():
		return http.StatusNoContent
	default:
		return http.StatusOK
	}
}

// newID makes an id, in the order of creation, which is the order of lists; one that
// tells, where the request only tries the service.
func (c *call) newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", fault("make an id", err)
	}
	if c.drills() {
		return scim.DrillPrefix + id.String(), nil
	}
	return id.String(), nil
}

// drills reports whether the request only tries the service.
func (c *call) drills() bool { return c.r.Header.Get(scim.DrillHeader) != "" }

// create stores a new resource, under the call's key if it has one. A name that is
// taken is 409 by the store's own index, so that of two at once exactly one wins.
func (c *call) create(doc value.Value) (*scim.Resource, error) {
	id, err := c.key, error(nil)
	if id == "" {
		if id, err = c.newID(); err != nil {
			return nil, err
		}
	}
	r, err := c.kind.ReadNew(doc, id, c.mode())
	if err != nil {
		return nil, err
	}
	if err := c.check(r); err != nil {
		return nil, err
	}
	ctx, cancel := c.writing()
	defer cancel()
	members := r.Members
	c.noteChange(r)
	if err := c.Store.Create(ctx, c.tenant.ID, r, c.owed(id)); err != nil {
		return nil, err
	}
	c.wake(id)
	c.noteUnresolved(members)
	return r, nil
}

// get answers with one resource.
func (c *call) get() error {
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	r, err := c.Store.Get(c.ctx, c.tenant.ID, c.ref())
	if err = c.admitted(err); err != nil {
		return err
	}
	if err := c.when.matches(r); err != nil {
		return err
	}
	if c.when.seen(r) {
		return c.sendNotModified(r)
	}
	return c.sendWhole(r, selection)
}

// replace is PUT.
func (c *call) replace(doc value.Value) (*scim.Resource, error) {
	return c.update(func(r *scim.Resource) (bool, error) {
		return c.kind.Replace(r, doc, c.mode())
	})
}

// patch changes a resource as a whole or not at all (RFC 7644 §3.5.2).
func (c *call) patch(doc value.Value) (*scim.Resource, error) {
	p, err := scim.ParsePatch(doc, c.mode())
	if err != nil {
		return nil, err
	}
	c.noted.patch = p
	return c.update(func(r *scim.Resource) (bool, error) {
		return p.Apply(r, c.kind, c.mode())
	})
}

// update runs an edit in the store, which may call it again after a lost race: the
// preconditions are judged within, of the very version that is then replaced.
func (c *call) update(edit directory.Edit) (*scim.Resource, error) {
	var members *scim.MemberChange
	changed, was := false, uint64(0)
	checked := func(r *scim.Resource) (bool, error) {
		err := c.when.check(r)
		if err != nil {
			return false, err
		}
		if changed, err = edit(r); err != nil || !changed {
			return false, err
		}
		members, was = r.Members, r.Version
		c.noteChange(r)
		return true, c.check(r)
	}
	ctx, cancel := c.writing()
	defer cancel()
	r, err := c.Store.Update(ctx, c.tenant.ID, c.ref(), c.owed(c.key), checked)
	if err == nil && changed {
		c.wake(c.key)
		c.noteUnresolved(members)
	}
	if err == nil && (!changed || r.Version == was) {
		c.noteNothing(r)
	}
	return r, err
}

// delete answers DELETE, whose body means nothing (RFC 9110 §9.3.5).
func (c *call) delete() error {
	c.noted.method = c.r.Method
	if _, err := c.remove(value.Value{}); err != nil {
		return err
	}
	c.send(http.StatusNoContent, nil)
	return nil
}

// remove deletes for good: the id is 404 from now on and the name is free.
func (c *call) remove(value.Value) (*scim.Resource, error) {
	ctx, cancel := c.writing()
	defer cancel()
	check := func(r *scim.Resource) error {
		c.noteChange(r)
		return c.when.check(r)
	}
	if err := c.Store.Delete(ctx, c.tenant.ID, c.ref(), c.owed(c.key), check); err != nil {
		return nil, err
	}
	c.wake(c.key)
	return nil, nil
}

func (c *call) ref() directory.Ref { return directory.Ref{Kind: c.kind.Name, ID: c.key} }

// check looks at what is about to be stored.
func (c *call) check(r *scim.Resource) error {
	if err := c.checkMembers(r.Members); err != nil || c.Check == nil {
		return err
	}
	return c.Check(r)
}

// wake tells of a change that is owed to somebody.
func (c *call) wake(id string) {
	if c.Wake != nil && len(c.owed(id)) > 0 {
		c.Wake(c.tenant.ID)
	}
}
