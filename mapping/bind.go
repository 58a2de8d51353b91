package mapping

import (
	"fmt"

	"scimgate/scim"
)

// binder resolves the names in one expression and collects what is wrong.
type binder struct {
	t      *scim.ResourceType
	text   string // the expression, for columns
	faults []Fault
	keeps  bool // an IgnoreFlowIfNullOrEmpty stands in it
}

// maxFaults is how many faults of one expression are told.
const maxFaults = 20

// compiled is an expression that is ready to run.
type compiled struct {
	node
	many  bool // its value is a list
	keeps bool // without a value it leaves the target as it is
}

// compileExpression parses and binds; without faults the result is ready to run.
// several says that the result may be a list.
func compileExpression(text string, t *scim.ResourceType, several bool) (compiled, []Fault) {
	n, err := parseExpression(text)
	if err != nil {
		return compiled{}, []Fault{{Column: column(text, err.at), Reason: err.reason, Hint: err.hint}}
	}
	b := &binder{t: t, text: text}
	b.bind(n, several)
	return compiled{node: n, many: isMany(n), keeps: b.keeps}, b.faults
}

func (b *binder) fault(n node, reason, hint string) {
	if len(b.faults) < maxFaults {
		b.faults = append(b.faults, Fault{Column: column(b.text, n.offset()), Reason: reason, Hint: hint})
	}
}

// bind resolves n; many says that several values may stand there.
func (b *binder) bind(n node, many bool) {
	switch n := n.(type) {
	case *reference:
		b.bindReference(n, many)
	case *call:
		b.bindCall(n, many)
	case *comparison:
		b.fault(n, "a comparison stands only as the first argument of IIF, or in CBool and Not",
			"write IIF(condition, valueIfTrue, valueIfFalse)")
	}
}

func (b *binder) bindReference(n *reference, many bool) {
	source, f := b.find(n.text)
	switch {
	case f != nil:
		if len(b.faults) < maxFaults {
			f.Column += column(b.text, n.at) // the bracket is one character
			b.faults = append(b.faults, *f)
		}
		return
	case !source.narrow():
		b.fault(n, "["+shorten(n.text)+"] has sub-attributes", "name one of them, as in [name.givenName]")
	case source.many() && !many:
		b.fault(n, "["+shorten(n.text)+"] has several values, and one is wanted here",
			`choose one, as in [emails[type eq "work"].value], or put them together with Join`)
	}
	n.source = source
}

// find resolves the path of a reference. An expression that works in Entra uses
// Entra's names: those that stand for one SCIM path are taken for it.
func (b *binder) find(text string) (place, *Fault) {
	source, f := find(text, b.t)
	if f == nil {
		return source, nil
	}
	if path := entraPath(text); path != "" {
		return find(path, b.t)
	}
	return source, f
}

func (b *binder) bindCall(c *call, many bool) {
	f := functionNamed(c.name)
	if f == nil {
		reason, hint := missing(c.name)
		b.fault(c, reason, hint)
		b.bindArguments(c, &anyFunction, true) // so that faults in them are found too
		return
	}
	c.f = f
	b.keeps = b.keeps || f.Name == ignoreFlow
	if f.result == several && !many {
		b.fault(c, f.Name+" gives several values, and one is wanted here", "choose one with Item, or put them together with Join")
	}
	b.bindArguments(c, f, many)
	if !f.takes(len(c.args)) {
		b.fault(c, fmt.Sprintf("%s is given %d arguments and takes %s", f.Name, len(c.args), f.arity()),
			fmt.Sprintf("write %s(%s)", f.Name, f.Usage()))
		return
	}
	if c.run = f.run; f.prepare != nil {
		c.run = f.prepare(b, c)
	}
}

// anyFunction stands for one that does not exist.
var anyFunction = Function{params: []param{{"", several, repeated}}}

// bindArguments binds the arguments of c; many says that several values may stand
// where c does, and so in the arguments that its value is one of.
func (b *binder) bindArguments(c *call, f *Function, many bool) {
	for i, arg := range c.args {
		p := f.param(i)
		if arg == nil || len(b.faults) >= maxFaults {
			continue
		}
		if p == nil { // one too many
			p = &anyFunction.params[0]
		}
		if condition, ok := arg.(*comparison); ok && p.kind == conditional {
			b.bind(condition.left, false)
			b.bind(condition.right, false)
			continue
		}
		b.bind(arg, p.kind == several || p.kind == anything && many)
		b.checkArgument(f, p, arg)
	}
}

// literal returns the text of an argument that must be written out, and whether
// it is given. Anything but a text or a number is a fault.
func (b *binder) literal(c *call, i int, what string) (string, bool) {
	if i >= len(c.args) || c.args[i] == nil {
		return "", false
	}
	n, ok := c.args[i].(*literal)
	if !ok {
		b.fault(c.args[i], what+" must be written out", `write it as a "text"`)
		return "", false
	}
	return n.v.Text(), true
}
