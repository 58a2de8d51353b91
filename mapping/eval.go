package mapping

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"

	"scimgate/scim/value"
)

// maxText bounds, in bytes, each text that a function takes or makes.
const maxText = 64 << 10

// The bounds of one run. Each byte that a function reads or makes is spent, and
// each value of a list counts itemCost, so that no nesting multiplies work.
const (
	maxSpent = 1 << 20
	itemCost = 32
)

// evaluation is the run of one rule after the other.
type evaluation struct {
	attributes *value.Object
	failure    string // why there is no result; the first reason counts
	spent      int
	steps      int    // of regular expressions
	trace      *trace // where steps are told, or nil
}

// begin starts the run of another rule.
func (e *evaluation) begin() { e.failure, e.spent, e.steps = "", 0, 0 }

// fail ends the run in a reason. What is returned stands for "no result".
func (e *evaluation) fail(reason string) value.Value {
	if e.failure == "" {
		e.failure = reason
	}
	return value.Value{}
}

// spend counts n bytes; ok is false once the run has failed.
func (e *evaluation) spend(n int) (ok bool) {
	if e.spent += n; e.spent > maxSpent {
		e.fail("the expression handles more than 1 MiB of text")
	}
	return e.failure == ""
}

// value evaluates n; an empty argument is null, and so is everything after a failure.
func (e *evaluation) value(n node) value.Value {
	switch {
	case n == nil || e.failure != "":
		return value.Value{}
	case e.trace != nil:
		return e.trace.value(e, n)
	default:
		return n.eval(e)
	}
}

// text evaluates n to a text; ok is false for null.
func (e *evaluation) text(n node) (text string, ok bool) {
	text, ok = textOf(e.value(n))
	if len(text) > maxText {
		e.fail("a text that a function takes is longer than 64 KiB")
		return "", false
	}
	return text, ok && e.spend(len(text))
}

// number evaluates n to a whole number; ok is false if the run has failed.
func (e *evaluation) number(n node) (number int, ok bool) {
	text, _ := e.text(n)
	number, err := strconv.Atoi(text)
	if err != nil {
		e.fail("a function was given something that is no whole number where it counts characters")
		return 0, false
	}
	return number, true
}

// result makes a text that a function returns.
func (e *evaluation) result(text string) value.Value {
	if len(text) > maxText {
		return e.fail("the result of a function is longer than 64 KiB")
	}
	if !e.spend(len(text)) {
		return value.Value{}
	}
	return value.NewText(text)
}

// textOf is v as a text; ok is false for null and for what has no text. Booleans
// are spelled as Entra spells them: True and False.
func textOf(v value.Value) (text string, ok bool) {
	switch v.Kind() {
	case value.String, value.Number:
		return v.Text(), true
	case value.Bool:
		if v.True() {
			return "True", true
		}
		return "False", true
	default:
		return "", false
	}
}

// holds decides the comparison. As Microsoft documents, it fails, whatever the
// operator, where an attribute is empty or absent; a "" that stands in the
// expression is a text like any other.
func (n *comparison) holds(e *evaluation) bool {
	left, right := e.value(n.left), e.value(n.right)
	if absent(n.left, left) || absent(n.right, right) {
		return false
	}
	if !e.spend(len(left.Text()) + len(right.Text())) {
		return false
	}
	order := compare(left, right, n.operator != "=" && n.operator != "<>")
	switch n.operator {
	case "=":
		return order == 0
	case "<>":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}

func absent(n node, v value.Value) bool {
	if _, written := n.(*literal); written {
		return false
	}
	return v.Unassigned()
}

// compare orders two values. Texts compare by character, in their case; a
// boolean equals its name in any case. Two values that read as numbers compare
// as numbers where one of them is a number or, with ranked, an order is asked for.
func compare(a, b value.Value, ranked bool) int {
	left, _ := textOf(a)
	right, _ := textOf(b)
	if a.Kind() == value.Bool || b.Kind() == value.Bool {
		return cmp.Compare(strings.ToLower(left), strings.ToLower(right))
	}
	if ranked || a.Kind() == value.Number || b.Kind() == value.Number {
		x, first := decimal(left)
		y, second := decimal(right)
		if first && second {
			return x.Cmp(y)
		}
	}
	return cmp.Compare(left, right)
}

// decimal reads a plain decimal number of at most 64 characters, exactly.
func decimal(text string) (*big.Rat, bool) {
	if text == "" || len(text) > 64 || strings.Trim(text, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}
