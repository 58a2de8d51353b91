package value

import "sync"

// A document has many small objects. While it is read, what is still open is collected in scratch
// space that parsers share; what is finished moves to a few chunks of its own
// size, so that a user costs a handful of allocations instead of thirty.

// scratch holds the members and items of the objects and arrays still open.
type scratch struct {
	members []Member
	items   []Value
}

// scratchKept is the largest scratch, in members or items, that is used again.
const scratchKept = 1024

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func borrow() *scratch { return scratches.Get().(*scratch) }

// giveBack returns s, cleared of what an error left open (the parser clears what
// it closes), so that no document stays alive because of it.
func (s *scratch) giveBack() {
	if cap(s.members) > scratchKept || cap(s.items) > scratchKept {
		return
	}
	clear(s.members)
	clear(s.items)
	s.members, s.items = s.members[:0], s.items[:0]
	scratches.Put(s)
}

// arena is where the parts of one document live. No part can grow into another:
// each is cut off with its own capacity.
type arena struct {
	members []Member
	items   []Value
	lists   [][]Value
	objects []Object
}

// carve copies from into the chunk and returns the copy. left, the bytes still
// to be read, tells how much a new chunk should hold beyond it.
func carve[T any](chunk *[]T, from []T, left int) []T {
	if len(from) == 0 {
		return nil
	}
	if len(from) > cap(*chunk)-len(*chunk) {
		*chunk = make([]T, 0, len(from)+spare(left))
	}
	start := len(*chunk)
	*chunk = append(*chunk, from...)
	return (*chunk)[start:len(*chunk):len(*chunk)]
}

func (a *arena) list(items []Value, left int) Value {
	if len(items) == 0 {
		return List()
	}
	if len(a.lists) == cap(a.lists) {
		a.lists = make([][]Value, 0, 1+spare(left)/4)
	}
	a.lists = append(a.lists, items)
	return Value{kind: Array, items: &a.lists[len(a.lists)-1]}
}

func (a *arena) object(members []Member, left int) *Object {
	if len(a.objects) == cap(a.objects) {
		a.objects = make([]Object, 0, 1+spare(left)/4)
	}
	a.objects = append(a.objects, Object{Members: members})
	return &a.objects[len(a.objects)-1]
}

// count counts the parts of v.
func (n *parts) count(v Value) {
	switch v.kind {
	case Array:
		n.lists++
		n.items += len(v.Items())
		for _, item := range v.Items() {
			n.count(item)
		}
	case Obj:
		n.objects++
		n.members += v.object.Len()
		for i := range v.object.Members {
			n.count(v.object.Members[i].Value)
		}
	default: // the others have no parts
	}
}

type parts struct{ members, items, lists, objects int }

// arena returns one that has room for n parts.
func (n *parts) arena() arena {
	return arena{
		members: make([]Member, 0, n.members),
		items:   make([]Value, 0, n.items),
		lists:   make([][]Value, 0, n.lists),
		objects: make([]Object, 0, n.objects),
	}
}

// clone returns a deep copy of v.
func (a *arena) clone(v Value) Value {
	switch v.kind {
	case Array:
		items := carve(&a.items, v.Items(), 0)
		for i := range items {
			items[i] = a.clone(items[i])
		}
		return a.list(items, 0)
	case Obj:
		members := carve(&a.members, v.object.Members, 0)
		for i := range members {
			members[i].Value = a.clone(members[i].Value)
		}
		return Of(a.object(members, 0))
	default: // the others hold nothing that is shared
		return v
	}
}

// spare guesses how many members the rest of a document has.
func spare(left int) int { return min(left/32, 32) }
