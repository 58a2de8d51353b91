package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ParseFaults reads faults as the flags of `scimgate sandbox` give them:
//
//	hang
//	latency=delay=250ms,jitter=1s,share=0.5
//	throttled=retryAfter=Tue, 24 Nov 2026 12:00:30 GMT,method=POST,PATCH,path=/Users,count=3,seed=7
//
// Its error tells all that is wrong with any of them.
func ParseFaults(texts ...string) ([]Fault, error) {
	faults := make([]Fault, len(texts))
	var wrong []error
	for i, text := range texts {
		f, mistakes := parseFault(text)
		faults[i] = f
		wrong = append(wrong, named(f.Name, append(mistakes, f.mistakes()...))...)
	}
	return faults, errors.Join(wrong...)
}

// checkFaults tells all that is wrong with any of the faults.
func checkFaults(faults []Fault) error {
	var wrong []error
	for _, f := range faults {
		wrong = append(wrong, named(f.Name, f.mistakes())...)
	}
	return errors.Join(wrong...)
}

func named(name string, mistakes []error) []error {
	all := make([]error, len(mistakes))
	for i, err := range mistakes {
		all[i] = fmt.Errorf("fault %q: %w", name, err)
	}
	return all
}

func (f Fault) mistakes() []error {
	kind, known := kindNamed(f.Name)
	if !known {
		return []error{errors.New("there is none of this name; there are " + kindNames())}
	}
	return append(f.argumentMistakes(kind), f.limitMistakes(kind)...)
}

func kindNames() string {
	names := make([]string, len(FaultKinds))
	for i, k := range FaultKinds {
		names[i] = k.Name
	}
	return strings.Join(names, ", ")
}

func (f Fault) argumentMistakes(kind FaultKind) []error {
	var wrong []error
	known := map[string]bool{}
	for _, a := range kind.Arguments {
		known[a.Name] = true
		if value, given := f.Args[a.Name]; given {
			if err := a.check(value); err != nil {
				wrong = append(wrong, fmt.Errorf("%s %w, not %q", a.Name, err, value))
			}
		}
	}
	for _, name := range sortedKeys(f.Args) {
		if !known[name] {
			wrong = append(wrong, fmt.Errorf("it has no argument %q", name))
		}
	}
	return wrong
}

func sortedKeys(args map[string]string) []string {
	names := make([]string, 0, len(args))
	for name := range args {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (f Fault) limitMistakes(kind FaultKind) []error {
	var wrong []error
	if share := f.share(); !(share >= 0 && share <= 1) { // NaN is neither
		wrong = append(wrong, fmt.Errorf("share must be from 0 to 1, not %v", share))
	}
	if f.Path != "" && !strings.HasPrefix(f.Path, "/") {
		wrong = append(wrong, fmt.Errorf(`path must be one below %s, such as "/Users", not %q`, Prefix, f.Path))
	}
	if f.Count < 0 {
		wrong = append(wrong, fmt.Errorf("count must not be negative, as %d is", f.Count))
	}
	if kind.open == nil && (len(f.Methods) > 0 || f.Path != "") {
		return append(wrong, errors.New("it meets connections, which have no method and no path"))
	}
	return append(wrong, f.methodMistakes(kind)...)
}

// methods are those that a request below Prefix can have.
var methods = append([]string{http.MethodGet}, changing...)

func (f Fault) methodMistakes(kind FaultKind) []error {
	possible := kind.Methods
	if len(possible) == 0 {
		possible = methods
	}
	var wrong []error
	for _, m := range f.Methods {
		if !slices.Contains(possible, m) {
			wrong = append(wrong, fmt.Errorf("it never meets the method %q, but %s", m, strings.Join(possible, ", ")))
		}
	}
	return wrong
}

// What an argument may be. Each completes a sentence that its name begins.

func isDuration(text string) error {
	if d, err := time.ParseDuration(text); err != nil || d < 0 {
		return errors.New("must be a duration such as 250ms")
	}
	return nil
}

// isRetryAfter lets through whatever a header can hold.
func isRetryAfter(text string) error {
	if in, ok := strings.CutPrefix(text, datePrefix); ok {
		if _, err := time.ParseDuration(in); err != nil {
			return errors.New("must be a text, or date: with a duration behind")
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		return errors.New("must be what a header can hold")
	}
	return nil
}

func isStatus(least, most int) func(string) error {
	return func(text string) error {
		if n, err := strconv.Atoi(text); err != nil || n < least || n > most {
			return fmt.Errorf("must be a status from %d to %d", least, most)
		}
		return nil
	}
}

func isOneOf(words ...string) func(string) error {
	return func(text string) error {
		if !slices.Contains(words, text) {
			return errors.New("must be " + strings.Join(words, " or "))
		}
		return nil
	}
}

func isGiven(text string) error {
	if text == "" {
		return errors.New("must be given")
	}
	return nil
}
