package value

import "sync"

// A document has many small objects. What is still open is collected in scratch
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

// spare guesses how many members the rest of a document has.
func spare(left int) int { return min(left/32, 32) }

// nameSet tells whether a name is new in an object. Up to walkNames members are
// compared one by one; beyond it a set keeps 250,000 members from costing
// 31 billion comparisons.
type nameSet map[string]struct{}

const walkNames = 32

// add reports whether name is none of the earlier members', case apart.
func (s *nameSet) add(earlier []Member, name string) bool {
	if len(earlier) < walkNames {
		for i := range earlier {
			if SameName(earlier[i].Name, name) {
				return false
			}
		}
		return true
	}
	if *s == nil {
		*s = make(nameSet, 2*walkNames)
		for i := range earlier {
			(*s)[foldASCII(earlier[i].Name)] = struct{}{}
		}
	}
	before := len(*s)
	(*s)[foldASCII(name)] = struct{}{}
	return len(*s) > before
}
