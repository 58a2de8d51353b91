package server

import (
	"context"
	"errors"
	"net/http"
	"time"

	"scimgate/scim"
)

// bulkRoute is where bulk requests go.
const bulkRoute = "/Bulk"

// bulkTime is how long the operations of a bulk request may be begun, from when it
// came: Entra gives up on an answer after a minute, and so does our listener. Each
// has storeTime for itself.
const bulkTime = 45 * time.Second

// bulk runs many changes for one request (RFC 7644 §3.7). They are the very changes
// of single requests, each charged as one, and the answer is 200 whatever became
// of them.
func (c *call) bulk() error {
	doc, err := c.document()
	if err != nil {
		return err
	}
	request, err := scim.ReadBulk(doc, c.mode())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithDeadline(c.r.Context(), c.began.Add(bulkTime))
	defer cancel()
	j := &job{call: c, ctx: ctx, accepted: request.FailOnErrors}
	j.plan(request.Operations)
	j.run()
	return c.sendBody(http.StatusOK, func(dst []byte) []byte { return scim.AppendBulk(dst, j.results()) })
}

// job is a bulk request under way.
type job struct {
	*call
	ctx      context.Context // ends with the client, or after bulkTime
	accepted int             // failures until nothing more is begun; 0: no end
	failed   int
	tasks    []*task   // in the order of the request
	batches  [][]*task // in the order of work
	last     batch     // what is in the last of them
}

// task is one operation of a job.
type task struct {
	*scim.BulkOperation
	call *call   // what it is about: kind, key, when
	do   change  // nil if it cannot be tried
	refs []*task // those that make what it refers to
	on   *task   // the one that makes what it is about, if its path is a reference

	seen   bool // while the order is made
	ended  bool
	err    error
	result scim.BulkResult
}

// perform does one operation.
func (j *job) perform(t *task) error {
	if t.Fault != nil {
		return t.Fault
	}
	for _, ref := range t.refs {
		if ref.Fault != nil || ref.ended && ref.err != nil { // else it is there, or in a circle with t and yet to come
			return scim.Statusf(http.StatusConflict, "An operation that this one refers to by its bulkId has failed.")
		}
	}
	if err := j.charge(t); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(j.ctx, storeTime)
	defer cancel()
	t.call.ctx = ctx
	r, err := t.do(t.call, t.Data)
	if err == nil && r != nil {
		t.result.Version = r.ETag()
	}
	return err
}

// charge takes the operation from the tenant's allowance, which is what a request
// of its own would cost; the first is paid by the bulk request itself. The others
// wait for their turn rather than be refused, as long as there is time: a client
// cannot know how fast it may be within one request.
func (j *job) charge(t *task) error {
	if j.ctx.Err() != nil {
		return errNotBegun
	}
	if t == j.tasks[0] {
		return nil
	}
	t.call.ctx = j.ctx
	for {
		err := t.call.admit()
		var soon *laterError
		if !errors.As(err, &soon) || hold(j.ctx, soon.after) != nil {
			return err
		}
	}
}

var errNotBegun = &laterError{
	answer: scim.Statusf(http.StatusServiceUnavailable, "There was no time left to begin this operation. Try it again."),
	after:  retryFault,
}

// results tells what became of each operation that was tried.
func (j *job) results() []scim.BulkResult {
	results := make([]scim.BulkResult, 0, len(j.tasks))
	for _, t := range j.tasks {
		if t.ended {
			results = append(results, t.answer())
		}
	}
	return results
}

// answer completes the result.
func (t *task) answer() scim.BulkResult {
	c, r := t.call, t.result
	r.Method, r.BulkID = t.Method, t.BulkID
	if t.located() {
		r.Location = c.at(c.kind.Endpoint + "/" + c.key)
	}
	if t.err != nil {
		r.Error, _ = c.told(t.err)
		c.noteRefusal(r.Error)
		r.Status = r.Error.Status
		return r
	}
	r.Status = c.succeeds(t.Method, nil)
	return r
}

// located reports whether there is, or was, something that t is about: not where a
// POST failed to make it, of this operation or of the one that its path refers to.
func (t *task) located() bool {
	_, unresolved := scim.CutReference(t.call.key)
	made := t.on == nil || t.on.err == nil
	return t.call.kind != nil && t.call.key != "" && !unresolved && made && (t.err == nil || t.Method != http.MethodPost)
}
