package server

import (
	"net/http"

	"github.com/google/uuid"

	"scimgate/scim"
	"scimgate/scim/directory"
)

// The verbs are the same for every resource type (RFC 7644 §3.3 to §3.6).

// create stores a new resource. A name that is taken is 409 by the store's own
// index, so that of two at once exactly one wins.
func (c *call) create() error {
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	doc, err := c.document()
	if err != nil {
		return err
	}
	id, err := uuid.NewV7() // in the order of creation, which is the order of lists
	if err != nil {
		return fault("make an id", err)
	}
	r, err := c.kind.ReadNew(doc, id.String(), c.mode())
	if err != nil {
		return err
	}
	if err := c.check(r); err != nil {
		return err
	}
	ctx, cancel := c.writing()
	defer cancel()
	members := r.Members
	if err := c.Store.Create(ctx, c.tenant.ID, r, c.owed()); err != nil {
		return err
	}
	c.wake()
	c.noteUnresolved(members)
	return c.sendResource(http.StatusCreated, r, selection)
}

// get answers with one resource.
func (c *call) get() error {
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	r, err := c.Store.Get(c.ctx, c.tenant.ID, c.ref())
	if err != nil {
		return err
	}
	return c.sendWhole(r, selection)
}

// replace is PUT.
func (c *call) replace() error {
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	doc, err := c.document()
	if err != nil {
		return err
	}
	return c.update(selection, func(r *scim.Resource) (bool, error) {
		return c.kind.Replace(r, doc, c.mode())
	})
}

// patch changes a resource as a whole or not at all (RFC 7644 §3.5.2). The
// answer is the whole resource, which Entra's validator wants of a user.
func (c *call) patch() error {
	_, selection, err := c.asked()
	if err != nil {
		return err
	}
	doc, err := c.document()
	if err != nil {
		return err
	}
	p, err := scim.ParsePatch(doc, c.mode())
	if err != nil {
		return err
	}
	return c.update(selection, func(r *scim.Resource) (bool, error) {
		return p.Apply(r, c.kind, c.mode())
	})
}

// update runs an edit in the store, which may call it again after a lost race.
func (c *call) update(selection *scim.Selection, edit directory.Edit) error {
	var members *scim.MemberChange
	changed := false
	checked := func(r *scim.Resource) (bool, error) {
		var err error
		if changed, err = edit(r); err != nil || !changed {
			return false, err
		}
		members = r.Members
		return true, c.check(r)
	}
	ctx, cancel := c.writing()
	defer cancel()
	r, err := c.Store.Update(ctx, c.tenant.ID, c.ref(), c.owed(), checked)
	if err != nil {
		return err
	}
	if changed {
		c.wake()
		c.noteUnresolved(members)
	}
	if c.r.Method == http.MethodPatch && c.kind.Name == groupKind && selection.Empty() {
		return c.sendChanged(r)
	}
	return c.sendWhole(r, selection)
}

// remove deletes for good: the id is 404 from now on and the name is free.
func (c *call) remove() error {
	ctx, cancel := c.writing()
	defer cancel()
	if err := c.Store.Delete(ctx, c.tenant.ID, c.ref(), c.owed(), nil); err != nil {
		return err
	}
	c.wake()
	c.send(http.StatusNoContent, nil)
	return nil
}

func (c *call) ref() directory.Ref { return directory.Ref{Kind: c.kind.Name, ID: c.key} }

func (c *call) check(r *scim.Resource) error {
	if c.Check == nil {
		return nil
	}
	return c.Check(r)
}

// wake tells of a change that is owed to somebody.
func (c *call) wake() {
	if c.Wake != nil && len(c.owed()) > 0 {
		c.Wake(c.tenant.ID)
	}
}
