package server

import (
	"net/http"
	"slices"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// noted is what a call remembers of itself for the journal.
type noted struct {
	method    string // of the request, or of the operation of a bulk request
	bulk      bool
	selection *scim.Selection
	patch     *scim.Patch
	tolerated []scim.Leniency
}

// tolerates counts a leniency, and notes it once.
func (c *call) tolerates(l scim.Leniency, path string) {
	if c.Tolerated != nil {
		c.Tolerated(c.tenant.ID, l, path)
	}
	if !slices.Contains(c.noted.tolerated, l) {
		c.noted.tolerated = append(c.noted.tolerated, l)
	}
}

// note is what the journal tells of the call, if it is answered with a status.
func (c *call) note(status int) *scim.Note {
	n := &scim.Note{
		Request: c.id, Trace: c.trace, Actor: tenant.Actor(c.r.Header.Get("Authorization")), Method: c.noted.method, Bulk: c.noted.bulk,
		Tolerated: c.noted.tolerated, Status: status,
	}
	if c.noted.patch != nil {
		n.Steps, n.More = c.noted.patch.Steps(c.kind)
	}
	return n
}

// noteChange makes r bear what the journal tells of the change that is made of it.
// What the client is answered is known before: nothing is, if the change fails.
func (c *call) noteChange(r *scim.Resource) {
	r.Note = c.note(c.succeeds(c.noted.method, c.noted.selection))
}

// aside tells the journal, when there is time, of what changed nothing.
func (c *call) aside(version uint64, n *scim.Note) {
	c.Aside(c.tenant.ID, directory.Entry{At: time.Now(), Ref: c.ref(), Version: version, Request: c.id, Change: n})
}

// noteNothing tells the journal of a change that left r as it was.
func (c *call) noteNothing(r *scim.Resource) {
	if c.Aside == nil {
		return
	}
	n := c.note(c.succeeds(c.noted.method, c.noted.selection))
	n.NoOp = true
	c.aside(r.Version, n)
}

// noteRefusal tells the journal of a change that was refused, if it was one of a
// resource: not where there is no such resource, nor where the client was only too
// fast.
func (c *call) noteRefusal(answer *scim.Error) {
	known := c.noted.method != "" && c.noted.method != http.MethodPost && c.kind != nil && c.key != "" && c.tenant != nil
	switch {
	case !known || c.Aside == nil || answer.Status >= http.StatusInternalServerError:
	case answer.Status == http.StatusNotFound, answer.Status == http.StatusTooManyRequests:
	default:
		n := c.note(answer.Status)
		if n.Class = string(answer.Type); n.Class == "" {
			n.Class = http.StatusText(answer.Status)
		}
		c.aside(0, n)
	}
}
