package main

import (
	"fmt"
	"math"
	"time"

	"github.com/anishathalye/porcupine"
)

// What is done to the user of one name, and what it was answered.
type (
	question struct {
		op          string // create, find, read, patchTitle, patchNick, put, delete
		name        string
		id          string // of all but create and find
		title, nick string // what is set
		ifMatch     string // "" for none
	}
	reply struct {
		status int // 0: no answer came
		held   holds
	}
	// holds is what a user is: the zero value is nobody, and unknown what an
	// operation may have made without that anybody was told.
	holds struct{ id, title, nick, version string }
)

const unknown = "?"

// ofOneName is what the API promises of a name: as if each operation took place at
// one instant between its request and its answer (RFC 7644 has no word for it). An
// operation without an answer took place at some time after its request, or never:
// it has no end, and what it would do at the very end nobody sees.
var ofOneName = porcupine.Model{
	Partition: byName,
	Init:      func() any { return holds{} },
	Step: func(state, input, output any) (bool, any) {
		return input.(question).step(state.(holds), output.(reply))
	},
	DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v → %+v", input, output) },
	DescribeState:     func(state any) string { return fmt.Sprintf("%+v", state) },
}

func byName(history []porcupine.Operation) [][]porcupine.Operation {
	by := map[string][]porcupine.Operation{}
	for _, o := range history {
		name := o.Input.(question).name
		by[name] = append(by[name], o)
	}
	var all [][]porcupine.Operation
	for _, of := range by {
		all = append(all, of)
	}
	return all
}

// step reports whether an operation may be answered so by who holds that, and what
// is held then.
func (a question) step(was holds, got reply) (bool, holds) {
	if got.status == 0 {
		return true, a.unanswered(was)
	}
	switch a.op {
	case "create":
		if got.status == 409 {
			return was.id != "", was
		}
		return was.id == "" && got.held.is(a.set(holds{id: unknown, version: unknown})), got.held
	case "find":
		if got.held.id == "" {
			return was.id == "", was
		}
		return got.held.is(was), got.held
	}
	there := was.id != "" && (was.id == a.id || was.id == unknown)
	switch got.status {
	case 404:
		return was.id != a.id, was
	case 412:
		return there && (was.version == unknown || was.version != a.ifMatch), was
	case 204:
		return there && a.matches(was), holds{}
	case 200:
		return there && a.matches(was) && got.held.is(a.set(was)) && a.moves(was, got.held), got.held
	default:
		return false, was
	}
}

// unanswered is what is held if the operation took place after all.
func (a question) unanswered(was holds) holds {
	switch {
	case a.op == "create" && was.id == "":
		return a.set(holds{id: unknown, version: unknown})
	case a.op == "find" || a.op == "read" || was.id != a.id && was.id != unknown || was.id == "" || !a.matches(was):
		return was
	case a.op == "delete":
		return holds{}
	}
	next := a.set(was)
	next.version = unknown
	return next
}

// set is what is held after what is set was set.
func (a question) set(was holds) holds {
	switch a.op {
	case "create":
		was.title = a.title
	case "patchTitle":
		was.title, was.version = a.title, unknown
	case "patchNick":
		was.nick, was.version = a.nick, unknown
	case "put":
		was.title, was.nick, was.version = a.title, a.nick, unknown
	}
	return was
}

func (a question) matches(was holds) bool {
	return a.ifMatch == "" || was.version == unknown || was.version == a.ifMatch
}

// moves reports whether the version is another one if anything was set, and the
// same if not: what is set is new each time.
func (a question) moves(was, is holds) bool {
	return was.version == unknown || (was.version == is.version) == (a.op == "read")
}

// is reports whether what was shown may be what is held.
func (h holds) is(held holds) bool {
	return held.id != "" && (h.id == held.id || held.id == unknown) && h.title == held.title && h.nick == held.nick &&
		(h.version == held.version || held.version == unknown)
}

// seen leaves out what nobody can have seen anything of, which would only make it
// long to decide: what was not answered and changes nothing, or sets a value that
// nobody was ever shown, while no precondition failed that it might explain.
func seen(history []porcupine.Operation) (rest []porcupine.Operation) {
	shown := map[string]bool{}
	failed := false
	for _, o := range history {
		got := o.Output.(reply)
		shown[got.held.title], shown[got.held.nick] = true, true
		failed = failed || got.status == 412
	}
	for _, o := range history {
		a, got := o.Input.(question), o.Output.(reply)
		hidden := a.op == "read" || a.op == "find"
		if a.op == "patchTitle" || a.op == "patchNick" || a.op == "put" {
			hidden = !failed && !shown[a.title] && !shown[a.nick]
		}
		if got.status != 0 || !hidden {
			rest = append(rest, o)
		}
	}
	return rest
}

// verdicts counts what became of histories.
type verdicts struct{ checked, violations, undecided, operations, unanswered int }

// judge checks the history of each name. One that cannot be decided in time counts
// as a failure.
func (v *verdicts) judge(history []porcupine.Operation) (bad []porcupine.Operation) {
	for _, of := range byName(history) {
		v.checked++
		v.operations += len(of)
		for _, o := range of {
			if o.Return == math.MaxInt64 {
				v.unanswered++
			}
		}
		switch porcupine.CheckOperationsTimeout(ofOneName, seen(of), 20*time.Second) {
		case porcupine.Illegal:
			v.violations++
			bad = of
		case porcupine.Unknown:
			v.undecided++
		case porcupine.Ok:
		}
	}
	return bad
}
