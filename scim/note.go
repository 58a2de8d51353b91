package scim

import (
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// Note is what the Journal tells of a request that changes a resource: who asked
// for what and what came of it, and never a value.
type Note struct {
	Request   string           `json:"-"`               // id of the request, the client's own where it sent one
	Trace     string           `json:"-"`               // what its trace is known by, without a blank; "" if it has none
	Actor     string           `json:"actor,omitempty"` // key id of the credential; "" if it has none
	Method    string           `json:"method" doc:"Of the request, or of the operation of a bulk request"`
	Bulk      bool             `json:"bulk,omitempty" doc:"It was an operation of a bulk request"`
	Steps     []NotedOperation `json:"operations,omitempty" doc:"Those of a PATCH, without their values"`
	More      int              `json:"moreOperations,omitempty" doc:"How many operations are not listed"`
	Tolerated []Leniency       `json:"tolerated,omitempty" doc:"Leniencies that the request needed"`
	NoOp      bool             `json:"noOp,omitempty" doc:"The resource was like that already"`
	Status    int              `json:"status" doc:"What the client was answered"`
	Class     string           `json:"class,omitempty" doc:"Of a refusal: its scimType"`
}

// NotedOperation is one operation of a PATCH, or one attribute of an operation that names
// its attributes in its value.
type NotedOperation struct {
	Op   string `json:"op"`   // "add", "replace", "remove"
	Path string `json:"path"` // as Patch.Steps writes it
}

// maxSteps bounds what a Note lists of one PATCH. Entra sends some dozens.
const maxSteps = 50

// unknownName stands for a name that no schema has: a client may have made it of
// a value.
const unknownName = "?"

// Steps lists the operations of p as a Journal may show them, and how many more
// there are: paths in the schemas' spelling, "?" for every literal in a filter
// and for every name that t does not define.
func (p *Patch) Steps(t *ResourceType) (steps []NotedOperation, more int) {
	n := noter{t: t}
	for _, op := range p.operations {
		if !n.full() {
			n.note(op)
		}
	}
	return n.steps, n.more
}

type noter struct {
	t     *ResourceType
	steps []NotedOperation
	more  int
}

func (n *noter) note(op operation) {
	if op.path != nil {
		n.add(op.verb, n.shape(*op.path))
		return
	}
	n.noteMembers(op.verb, "", op.value)
}

// noteMembers lists the attributes that a value names, as applyMembers finds them.
func (n *noter) noteMembers(v verb, urn string, of value.Value) {
	if of.Object() == nil {
		n.add(v, unknownName)
		return
	}
	for _, m := range of.Object().Members {
		if n.full() {
			continue
		}
		extension := n.t.extension(m.Name)
		switch path, err := filter.ParsePath(m.Name); {
		case urn == "" && value.SameName(m.Name, n.t.Core.ID):
			n.noteMembers(v, "", m.Value)
		case urn == "" && extension != nil && m.Value.Object() != nil:
			n.noteMembers(v, extension.ID, m.Value)
		case err != nil:
			n.add(v, unknownName)
		default:
			if urn != "" {
				path.URN = urn
			}
			n.add(v, n.shape(path))
		}
	}
}

// full reports whether nothing more is listed, and counts what is not.
func (n *noter) full() bool {
	if len(n.steps) < maxSteps {
		return false
	}
	n.more++
	return true
}

func (n *noter) add(v verb, path string) {
	n.steps = append(n.steps, NotedOperation{Op: verbNames[v], Path: path})
}

var verbNames = map[verb]string{add: "add", replace: "replace", remove: "remove"}

// shape is p without anything that may be a value.
func (n *noter) shape(p filter.Path) string {
	inner := p.Filter
	p.Filter = nil
	if n.t.BindPath(nil, &p, filter.Present) != nil {
		return unknownName
	}
	a := n.t.Attribute(p.URN, p.Name)
	switch {
	case p.Name == "": // a whole extension
		return p.URN
	case a == nil:
		return p.URN + ":" + unknownName
	case inner != nil:
		return n.shapeFilter(p, inner)
	}
	return p.String()
}

func (n *noter) shapeFilter(p filter.Path, inner filter.Expr) string {
	bound, err := filter.Bind(inner, innerBinder{binder{n.t, Mode{}}, &p})
	if err != nil {
		return unknownName
	}
	p.Filter = bound
	return p.Shape().String()
}
