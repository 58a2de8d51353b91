package server

import (
	"net/http"

	"scimgate/scim/directory"
)

// batch is what may be done at once because its order does not matter: no two
// touch the same resource, none needs what another makes, and no two could want the
// same name.
type batch struct {
	touched map[directory.Ref]bool
	names   map[string]bool // that are taken
	free    bool            // some name becomes free
	alone   bool            // nobody can tell what it does to names
}

// effect is what an operation does to names.
type effect struct {
	name  string // it takes this one, which it did not have before
	frees bool   // it may free one
	takes bool   // it may take one that is not known
}

// effect tells it before the operation is done, and rather too much than too little.
func (t *task) effect() effect {
	kind := t.call.kind
	switch t.Method {
	case http.MethodPost:
		name := kind.NamedIn(t.Data)
		return effect{name: kind.Name + "/" + name, takes: name == ""}
	case http.MethodDelete:
		return effect{frees: true}
	case http.MethodPatch:
		renames := kind.Renames(t.Data)
		return effect{frees: renames, takes: renames}
	default: // PUT, and nobody knows what the name was
		return effect{frees: true, takes: true}
	}
}

// enqueue puts t into the last batch if it can be done with all that is there, and
// else into one behind it.
func (j *job) enqueue(t *task) {
	if n := len(j.batches); n > 0 && (t.Fault != nil || j.last.admits(t)) {
		j.batches[n-1] = append(j.batches[n-1], t)
		return
	}
	j.last = batch{touched: map[directory.Ref]bool{}, names: map[string]bool{}}
	if t.Fault == nil {
		j.last.admits(t)
	}
	j.batches = append(j.batches, []*task{t})
}

// admits adds t to b, or reports that it must come behind.
func (b *batch) admits(t *task) bool {
	e := t.effect()
	conflict := b.alone || b.touched[t.call.ref()] || b.free && e.name != "" || b.names[e.name] ||
		(e.takes || e.frees && len(b.names) > 0) && len(b.touched) > 0
	for _, ref := range t.refs {
		conflict = conflict || ref.Fault == nil && b.touched[ref.call.ref()]
	}
	if conflict {
		return false
	}
	b.touched[t.call.ref()] = true
	b.free, b.alone = b.free || e.frees, e.takes
	if e.name != "" {
		b.names[e.name] = true
	}
	return true
}
