package mapping

import (
	"fmt"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// run computes a call. Arguments are evaluated by whoever needs them, so that
// IIF touches one branch only.
type run func(e *evaluation, args []node) value.Value

// kind is what an argument is taken for, and what a call results in.
type kind uint8

const (
	anything    kind = iota // as it comes; as a result: what one of the arguments that stand for anything is
	textual                 // a text; numbers and booleans are written out
	whole                   // a whole number
	numeric                 // a number
	conditional             // a comparison, true or false, or a number
	date                    // a date, in the forms of CDate
	several                 // a list of values
)

// param is one argument of a function.
type param struct {
	name string
	kind kind
	mark mark
}

// mark says how often an argument stands.
type mark uint8

const (
	once     mark = iota
	optional      // may be left out
	repeated      // this one, and all behind it, again and again
)

// Function describes one function of the expression language, for a manual or
// an editor's help.
type Function struct {
	Name     string
	Doc      string    // one or two sentences
	Examples []Example // each is run as a test

	params []param
	result kind
	// prepare checks the arguments that must be literals and makes run of them;
	// nil where run is given.
	prepare func(b *binder, c *call) run
	run     run
}

// Example is an expression and its result for the user of the tests.
type Example struct{ Expression, Result string }

// Functions returns the functions that expressions may use, in alphabetical
// order. They are Entra's, with Entra's names, arguments and answers to absent
// values; Differences lists where they are not. Characters are Unicode code points.
func Functions() []Function { return slices.Clone(functions) }

// Usage returns the arguments by name, as in "source, culture".
func (f Function) Usage() string {
	names := make([]string, 0, len(f.params)+1)
	for _, p := range f.params {
		name := p.name
		if p.mark == optional {
			name += "?"
		}
		names = append(names, name)
	}
	if f.max() < 0 {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

func functionNamed(name string) *Function {
	for i := range functions {
		if functions[i].Name == name {
			return &functions[i]
		}
	}
	return nil
}

// param is what the i-th argument is; nil if there is no such argument.
func (f *Function) param(i int) *param {
	if i < len(f.params) {
		return &f.params[i]
	}
	first := slices.IndexFunc(f.params, func(p param) bool { return p.mark == repeated })
	if first < 0 {
		return nil
	}
	return &f.params[first+(i-first)%(len(f.params)-first)]
}

func (f *Function) min() int {
	n := slices.IndexFunc(f.params, func(p param) bool { return p.mark == optional })
	if n < 0 {
		return len(f.params)
	}
	return n
}

// max is the largest number of arguments, -1 if there is none.
func (f *Function) max() int {
	if n := len(f.params); n > 0 && f.params[n-1].mark == repeated {
		return -1
	}
	return len(f.params)
}

func (f *Function) arity() string {
	switch least, most := f.min(), f.max(); {
	case most < 0:
		return fmt.Sprintf("%d or more", least)
	case least == most:
		return fmt.Sprint(least)
	default:
		return fmt.Sprintf("%d to %d", least, most)
	}
}

// takes reports whether n arguments are neither too few nor too many.
func (f *Function) takes(n int) bool { return n >= f.min() && (f.max() < 0 || n <= f.max()) }
