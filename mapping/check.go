package mapping

import (
	"strconv"
	"strings"
)

// ignoreFlow is the function that leaves the target alone; redacted hides a value.
const (
	ignoreFlow = "IgnoreFlowIfNullOrEmpty"
	redacted   = "Redact"
)

// isMany reports whether a bound n may give a list.
func isMany(n node) bool {
	switch n := n.(type) {
	case *reference:
		return n.source.attr != nil && n.source.many()
	case *call:
		return n.f != nil && (n.f.result == several || n.f.result == anything && n.flowsMany())
	default:
		return false
	}
}

// flowsMany reports whether an argument that c gives on may be a list.
func (n *call) flowsMany() bool {
	for i, arg := range n.args {
		if p := n.f.param(i); p != nil && p.kind == anything && isMany(arg) {
			return true
		}
	}
	return false
}

// checkArgument finds an argument that can never be what it is taken for: a
// literal of another kind, or the result of the wrong function.
func (b *binder) checkArgument(f *Function, p *param, arg node) {
	wrong := false
	switch n := arg.(type) {
	case *literal:
		text, _ := textOf(n.v)
		wrong = !p.kind.admits(text)
	case *call:
		if n.f == nil {
			return // told already
		}
		if n.f.Name == ignoreFlow && p.kind == conditional {
			b.fault(n, ignoreFlow+" is no condition", "put it around the whole expression")
			return
		}
		wrong = !p.kind.fits(n.f.result)
	}
	if wrong {
		b.fault(arg, p.name+" of "+f.Name+" is "+p.kind.words(), p.kind.example())
	}
}

// admits reports whether a literal can be taken for k.
func (k kind) admits(text string) bool {
	switch k {
	case whole:
		_, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		return err == nil
	case conditional:
		_, isTruth := truth(text)
		_, isNumber := decimal(text)
		return isTruth || isNumber
	case date:
		_, ok := readDate(text)
		return ok
	default:
		return true
	}
}

// fits reports whether what gives a result of that kind can be taken for k.
func (k kind) fits(result kind) bool {
	switch k {
	case whole:
		return result != conditional && result != date
	case conditional:
		return result != date
	case date:
		return result != conditional && result != numeric
	default:
		return true
	}
}

func (k kind) words() string {
	switch k {
	case whole:
		return "a whole number"
	case conditional:
		return "a condition"
	default:
		return "a date"
	}
}

func (k kind) example() string {
	switch k {
	case whole:
		return "write it as 7 or -7"
	case conditional:
		return `write a comparison, as in [title]="Engineer", or "True" or "False"`
	default:
		return `write it as in "2021-06-30", or read it with CDate or FormatDateTime`
	}
}
