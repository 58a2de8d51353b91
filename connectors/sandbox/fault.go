package sandbox

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Fault is one thing that the account is told to do wrong, as FaultKinds lists
// them. Only Name has to be given: such a fault meets every request below Prefix
// until it is cleared.
type Fault struct {
	Name string `json:"name"`
	// Args are what the kind wants to know, as texts: {"delay": "250ms"}.
	Args map[string]string `json:"args,omitempty"`
	// Share is how many of the requests it meets, 0 to 1; nil is all.
	Share *float64 `json:"share,omitempty"`
	// Methods are the only ones that it meets; none are all of the kind's.
	Methods []string `json:"methods,omitempty"`
	// Path begins the paths that it meets, below Prefix: "/Users".
	Path string `json:"path,omitempty"`
	// Count ends it after so many requests; 0 leaves it until it is cleared.
	Count int `json:"count,omitempty"`
	// Seed decides which requests are of the share, and what is random in an
	// answer. Every seed, 0 too, repeats itself.
	Seed uint64 `json:"seed,omitempty"`
}

// FaultState is a fault that is set, and how many requests it has met.
type FaultState struct {
	Fault
	Met uint64 `json:"met"`
}

// String is the fault as ParseFaults reads it.
func (f Fault) String() string {
	parts := append(f.arguments(), f.limits()...)
	if len(parts) == 0 {
		return f.Name
	}
	return f.Name + "=" + strings.Join(parts, ",")
}

// arguments come in the order of the kind's table, so that a fault always reads
// the same.
func (f Fault) arguments() []string {
	var parts []string
	kind, _ := kindNamed(f.Name)
	for _, a := range kind.Arguments {
		if value, given := f.Args[a.Name]; given {
			parts = append(parts, a.Name+"="+value)
		}
	}
	return parts
}

func (f Fault) limits() []string {
	var parts []string
	add := func(name, value string, given bool) {
		if given {
			parts = append(parts, name+"="+value)
		}
	}
	add("share", strconv.FormatFloat(f.share(), 'g', -1, 64), f.Share != nil)
	add("method", strings.Join(f.Methods, ","), len(f.Methods) > 0)
	add("path", f.Path, f.Path != "")
	add("count", strconv.Itoa(f.Count), f.Count != 0)
	add("seed", strconv.FormatUint(f.Seed, 10), f.Seed != 0)
	return parts
}

func (f Fault) share() float64 {
	if f.Share == nil {
		return 1
	}
	return *f.Share
}

// parseFault reads NAME or NAME=ARGUMENT=VALUE,ARGUMENT=VALUE. What no limit is
// called is an argument of the kind. It reads on after a mistake, so that all of
// them can be told at once.
func parseFault(text string) (Fault, []error) {
	name, rest, _ := strings.Cut(text, "=")
	f := Fault{Name: name, Args: map[string]string{}}
	var wrong []error
	for _, part := range splitArguments(rest) {
		key, value, _ := strings.Cut(part, "=")
		if err := f.read(strings.TrimSpace(key), value); err != nil {
			wrong = append(wrong, err)
		}
	}
	return f, wrong
}

// splitArguments cuts at each comma that an argument's name follows: those within
// a date, or between two methods, stay.
func splitArguments(text string) []string {
	var parts []string
	for piece := range strings.SplitSeq(text, ",") {
		if len(parts) == 0 || strings.Contains(piece, "=") {
			parts = append(parts, piece)
			continue
		}
		parts[len(parts)-1] += "," + piece
	}
	if len(parts) == 1 && parts[0] == "" {
		return nil
	}
	return parts
}

func (f *Fault) read(key, value string) (err error) {
	switch key {
	case "share":
		var share float64
		share, err = strconv.ParseFloat(value, 64)
		f.Share = &share
	case "method":
		f.Methods = strings.Split(value, ",")
	case "path":
		f.Path = value
	case "count":
		f.Count, err = strconv.Atoi(value)
	case "seed":
		f.Seed, err = strconv.ParseUint(value, 10, 64)
	default:
		f.Args[key] = value
	}
	if err != nil {
		return fmt.Errorf("%s=%s is no number that it can be", key, cmp.Or(value, `""`))
	}
	return nil
}
