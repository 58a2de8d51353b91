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
}

// compileExpression parses and binds; without faults the node is ready to run.
func compileExpression(text string, t *scim.ResourceType) (node, []Fault) {
	n, err := parseExpression(text)
	if err != nil {
		return nil, []Fault{{Column: column(text, err.at), Reason: err.reason, Hint: err.hint}}
	}
	b := &binder{t: t, text: text}
	b.bind(n, false)
	return n, b.faults
}

func (b *binder) fault(n node, reason, hint string) {
	b.faults = append(b.faults, Fault{Column: column(b.text, n.offset()), Reason: reason, Hint: hint})
}

// bind resolves n; many says that several values may stand there.
func (b *binder) bind(n node, many bool) {
	switch n := n.(type) {
	case *reference:
		b.bindReference(n, many)
	case *call:
		b.bindCall(n)
	case *comparison:
		b.fault(n, "a comparison stands only as the first argument of IIF", "write IIF(condition, valueIfTrue, valueIfFalse)")
	}
}

func (b *binder) bindReference(n *reference, many bool) {
	source, f := find(n.text, b.t)
	switch {
	case f != nil:
		f.Column += column(b.text, n.at) // the bracket is one character
		b.faults = append(b.faults, *f)
		return
	case !source.narrow():
		b.fault(n, "["+n.text+"] has sub-attributes", "name one of them, as in [name.givenName]")
	case source.many() && !many:
		b.fault(n, "["+n.text+"] has several values, and one is wanted here",
			`choose one, as in [emails[type eq "work"].value], or put them together with Join`)
	}
	n.source = source
}

func (b *binder) bindCall(c *call) {
	f := functionNamed(c.name)
	if f == nil {
		b.fault(c, fmt.Sprintf("there is no function %s", c.name), functionHint(c.name))
		f = &Function{many: true, max: -1} // so that faults in the arguments are found too
	}
	for i, arg := range c.args {
		condition, ok := arg.(*comparison)
		switch {
		case arg == nil:
		case ok && f.Name == "IIF" && i == 0:
			b.bind(condition.left, false)
			b.bind(condition.right, false)
		default:
			b.bind(arg, f.many)
		}
	}
	if len(c.args) < f.min || f.max >= 0 && len(c.args) > f.max {
		b.fault(c, fmt.Sprintf("%s is given %d arguments and takes %s", f.Name, len(c.args), f.arity()),
			fmt.Sprintf("write %s(%s)", f.Name, f.Usage))
		return
	}
	if c.run = f.run; f.prepare != nil {
		c.run = f.prepare(b, c)
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

func functionNamed(name string) *Function {
	for i := range functions {
		if functions[i].Name == name {
			return &functions[i]
		}
	}
	return nil
}

func (f *Function) arity() string {
	switch {
	case f.max < 0:
		return fmt.Sprintf("%d or more", f.min)
	case f.min == f.max:
		return fmt.Sprint(f.min)
	default:
		return fmt.Sprintf("%d to %d", f.min, f.max)
	}
}
