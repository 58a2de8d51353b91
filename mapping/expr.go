package mapping

import "scimgate/scim/value"

// node is a part of an expression. Once bound it can be evaluated by many
// goroutines at a time.
type node interface {
	// eval returns the node's value over the attributes of e: null, a text, a
	// number, a boolean or, of a reference that stands for all values of an
	// attribute, a list.
	eval(e *evaluation) value.Value
	// offset is where the node starts in the expression, in bytes.
	offset() int
}

// literal is a text or a number that stands in the expression.
type literal struct {
	v  value.Value
	at int
}

// reference is an [attribute].
type reference struct {
	text   string // the path as written
	at     int
	source place // set by bind
}

// call is Function(arguments). An argument left empty is nil and evaluates as null.
type call struct {
	name string
	at   int
	args []node
	f    *Function // set by bind, as run is
	run  run
}

// comparison is a condition: that of an IIF, of CBool and of Not.
type comparison struct {
	operator    string
	left, right node
	at          int
}

func (n *literal) offset() int    { return n.at }
func (n *reference) offset() int  { return n.at }
func (n *call) offset() int       { return n.at }
func (n *comparison) offset() int { return n.left.offset() }

func (n *literal) eval(*evaluation) value.Value { return n.v }
func (n *call) eval(e *evaluation) value.Value  { return n.run(e, n.args) }

// eval counts the values of a list, which is made anew each time.
func (n *reference) eval(e *evaluation) value.Value {
	if n.source.many() && !e.spend(itemCost*n.source.count(e.attributes)) {
		return value.Value{}
	}
	return n.source.read(e.attributes)
}

func (n *comparison) eval(e *evaluation) value.Value {
	return value.Truth(n.holds(e))
}
