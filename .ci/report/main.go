// Command report reads `go test -json` on standard input, prints what a person
// wants of it, and fails where a test failed, where a test was skipped, or where
// a suite named in -real did not run on its real server. A skipped test is a
// failure here: CI has every server, so whatever skips hides something.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
)

// event is one line of `go test -json` (see go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

type report struct {
	passed, failed, skipped int
	output                  map[string][]string // by package and test
	ran                     map[string]bool     // "package/mongo"
	broken                  bool
}

func main() {
	real := flag.String("real", "", "comma-separated package:server pairs that must have run, as in tenant:mongo")
	flag.Parse()
	r := &report{output: map[string][]string{}, ran: map[string]bool{}}
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var e event
		if json.Unmarshal(scanner.Bytes(), &e) != nil {
			fmt.Println(scanner.Text()) // not an event: what the toolchain itself says
			continue
		}
		r.take(e)
	}
	missing := r.missing(*real)
	for _, name := range missing {
		fmt.Printf("did not run: %s\n", name)
	}
	fmt.Printf("\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	if r.broken || r.failed > 0 || r.skipped > 0 || r.passed == 0 || len(missing) > 0 || scanner.Err() != nil {
		os.Exit(1)
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "build-output":
		fmt.Print(e.Output)
	case "build-fail":
		r.broken = true
	case "pass", "fail", "skip":
		r.ended(e, key)
	}
}

func (r *report) ended(e event, key string) {
	if e.Test == "" {
		r.endedPackage(e, key)
		return
	}
	switch e.Action {
	case "pass":
		r.passed++
		r.note(e)
	case "fail":
		r.failed++
		fmt.Print(strings.Join(r.output[key], ""))
	case "skip":
		r.skipped++
		fmt.Print(strings.Join(r.output[key], ""))
	}
	delete(r.output, key)
}

func (r *report) endedPackage(e event, key string) {
	if e.Action == "fail" {
		r.broken = true
		fmt.Print(strings.Join(r.output[key], ""))
		return
	}
	for _, line := range r.output[key] {
		if strings.HasPrefix(line, "ok ") || strings.HasPrefix(line, "?") {
			fmt.Print(line)
		}
	}
}

// note remembers that a suite ran on a server: its subtests have the server's
// name as one of the parts of their own.
func (r *report) note(e event) {
	pkg := strings.TrimPrefix(e.Package, "scimgate/")
	for _, part := range strings.Split(e.Test, "/")[1:] {
		r.ran[pkg+":"+part] = true
	}
}

func (r *report) missing(real string) []string {
	var missing []string
	for _, pair := range strings.Split(real, ",") {
		if pair != "" && !r.ran[pair] {
			missing = append(missing, pair)
		}
	}
	return missing
}
