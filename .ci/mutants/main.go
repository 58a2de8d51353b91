// Command mutants shows that the tests of the promises can fail. Each mutant of
// the table is the product with one decision taken wrongly; the test that keeps
// the promise must pass without it and fail with it.
//
// The product holds no mutant: a mutant is a text that replaces another one, laid
// over the sources by `go test -overlay`. A row whose old text is no longer there
// exactly once is an error, and so is one that does not compile.
//
//	go run ./.ci/mutants            all of the table
//	go run ./.ci/mutants M4 no-AAD  those named
//	go run ./.ci/mutants check      none: whether the table still fits the sources
//
// It prints one line a mutant, with what the test said, and `mutants killed n/n`;
// it fails if one survives, and if README.md does not tell of one. Mutants that need a
// real MongoDB or Redis are tried if SCIMGATE_TEST_MONGODB_URI or
// SCIMGATE_TEST_REDIS_URL is set, and counted as left out if not.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// atOnce is how many mutants are tried together: many of them only wait.
const atOnce = 4

func main() {
	began := time.Now()
	dir, err := os.MkdirTemp("", "scimgate-mutants-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l := &lab{dir: dir, done: map[string]*once{}}
	ok := told()
	if slices.Equal(os.Args[1:], []string{"check"}) {
		ok = l.fits() && ok
	} else {
		ok = ok && l.run(chosen(os.Args[1:]))
		fmt.Printf("mutants killed %d/%d in %v\n", l.killed, l.tried, time.Since(began).Round(time.Second))
	}
	_ = os.RemoveAll(dir)
	if l.left > 0 {
		fmt.Printf("left out, because %s or %s is not set: %d\n", mongoURI, redisURL, l.left)
	}
	if !ok {
		os.Exit(1)
	}
}

// fits reports whether every mutant's text is there to be replaced.
func (l *lab) fits() bool {
	ok := true
	for _, m := range table {
		if _, err := l.overlay(m); err != nil {
			fmt.Printf("FAULT     row %-3s %-22s %v\n", m.row, m.name, err)
			ok = false
		}
	}
	return ok
}

// told reports whether README.md knows every mutant.
func told() bool {
	text, err := os.ReadFile(".ci/mutants/README.md")
	ok := err == nil
	for _, m := range table {
		if !strings.Contains(string(text), "`"+m.name+"`") {
			fmt.Printf("FAULT     row %-3s %-22s README.md does not tell of it\n", m.row, m.name)
			ok = false
		}
	}
	return ok
}

func chosen(names []string) []mutant {
	if len(names) == 0 {
		return table
	}
	return slices.DeleteFunc(slices.Clone(table), func(m mutant) bool { return !slices.Contains(names, m.name) })
}

// lab tries mutants.
type lab struct {
	dir string

	mu                  sync.Mutex
	done                map[string]*once // by package, and by package and test
	killed, tried, left int
	faults              int
}

// run reports whether every mutant was killed.
func (l *lab) run(mutants []mutant) bool {
	work := make(chan mutant)
	var workers sync.WaitGroup
	for range atOnce {
		workers.Go(func() {
			for m := range work {
				l.try(m)
			}
		})
	}
	for _, m := range mutants {
		if slices.ContainsFunc(m.needs(), func(setting string) bool { return os.Getenv(setting) == "" }) {
			l.left++
			continue
		}
		work <- m
	}
	close(work)
	workers.Wait()
	return l.faults == 0 && l.killed == l.tried && l.tried > 0
}

// try tells what became of one mutant.
func (l *lab) try(m mutant) {
	said, killed, err := l.judge(m)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried++
	switch {
	case err != nil:
		l.faults++
		fmt.Printf("FAULT     row %-3s %-22s %v\n", m.row, m.name, err)
	case killed:
		l.killed++
		fmt.Printf("killed    row %-3s %-22s by %s: %s\n", m.row, m.name, m.test, said)
	default:
		fmt.Printf("SURVIVED  row %-3s %-22s %s passes with it\n", m.row, m.name, m.test)
	}
}
