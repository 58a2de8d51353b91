package server

import (
	"net/http"

	"scimgate/scim"
)

// plan makes tasks of operations. What a POST will make is given its id now, so
// that all references are resolved before anything is done: backwards, forwards
// and in circles (RFC 7644 §3.7.1). The work is then put in an order in which
// whoever refers to somebody comes after them, where that is possible.
func (j *job) plan(operations []scim.BulkOperation) {
	makers := map[string]*task{}
	for i := range operations {
		t := &task{BulkOperation: &operations[i]}
		t.call = j.about(t)
		j.tasks = append(j.tasks, t)
		if t.Method == http.MethodPost && t.BulkID != "" {
			name(makers, t)
		}
	}
	for _, t := range j.tasks {
		t.resolve(makers)
	}
	for _, t := range j.tasks {
		j.visit(t)
	}
}

// about is the call of an operation, as if its path were that of a request. What
// is wrong with the path or the method becomes the operation's fault.
func (j *job) about(t *task) *call {
	c := *j.call
	c.noted = noted{method: knownMethod(t.Method), bulk: true}
	pattern := c.locate(t.Path)
	if c.kind != nil {
		c.route = pattern // in the log of a fault of ours
	}
	if t.Fault == nil {
		t.Fault = t.chooseChange(&c, pattern)
	}
	if t.Fault == nil && t.Method == http.MethodPost {
		c.key, t.Fault = c.newID()
	}
	if t.Fault == nil && t.Method != http.MethodPost && t.Version != "" {
		c.when.match, t.Fault = readTags("version", []string{t.Version})
	}
	return &c
}

// chooseChange finds what method and path ask for.
func (t *task) chooseChange(c *call, pattern string) error {
	do, known := changes[t.Method]
	switch {
	case !known:
		return scim.Errorf(scim.InvalidValue, "The method of an operation must be POST, PUT, PATCH or DELETE.")
	case c.kind == nil:
		return scim.Statusf(http.StatusNotFound, "There is nothing at this path that could be changed.")
	case (t.Method == http.MethodPost) != (pattern == "/{endpoint}"), t.Method != http.MethodPost && c.key == "":
		return scim.Statusf(http.StatusMethodNotAllowed, "This path does not answer that method.")
	case t.Method == http.MethodPost && t.BulkID == "":
		return scim.Errorf(scim.InvalidValue, "A POST must have a bulkId.") // RFC 7644 §3.7
	}
	t.do = do
	return nil
}

// name notes what makes the resource that a bulkId stands for. Where two use the
// same, nobody can tell which is meant, and neither is tried.
func name(makers map[string]*task, t *task) {
	first, taken := makers[t.BulkID]
	if !taken {
		makers[t.BulkID] = t
		return
	}
	t.Fault = scim.Errorf(scim.InvalidValue, "Another operation has the same bulkId.")
	first.Fault = t.Fault
}

// resolve puts ids in the place of references, in path and data.
func (t *task) resolve(makers map[string]*task) {
	if t.Fault != nil {
		return
	}
	id := func(bulkID string) (string, error) {
		maker := makers[bulkID]
		if maker == nil {
			return "", scim.Errorf(scim.InvalidValue, "No POST of this request has the bulkId that the operation refers to.")
		}
		t.refs = append(t.refs, maker)
		return maker.call.key, nil
	}
	if bulkID, ok := scim.CutReference(t.call.key); ok {
		if t.call.key, t.Fault = id(bulkID); t.Fault != nil {
			return
		}
		t.on = makers[bulkID]
	}
	t.Fault = t.Resolve(id)
}

// visit puts t to work behind those that it refers to, unless one of them refers
// back to it: of a circle, the first to be reached is made with the ids of others
// that are yet to come.
func (j *job) visit(t *task) {
	if t.seen {
		return
	}
	t.seen = true
	for _, ref := range t.refs {
		j.visit(ref)
	}
	j.enqueue(t)
}
