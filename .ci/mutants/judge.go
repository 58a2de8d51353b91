package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

const (
	mongoURI = "SCIMGATE_TEST_MONGODB_URI"
	redisURL = "SCIMGATE_TEST_REDIS_URL"
)

// needs are the servers that the test asks for, by the settings that name them; Redis
// where it is in a name.
func (m mutant) needs() (settings []string) {
	if m.mongo {
		settings = append(settings, mongoURI)
	}
	if strings.Contains(strings.ToLower(m.name+m.test), "redis") {
		settings = append(settings, redisURL)
	}
	return settings
}

// once is something that is done for all mutants together.
type once struct {
	sync.Once
	program string
	err     error
}

// judge builds and runs the test twice: as it is, which must pass, and with the
// mutant. It returns what the test had against it.
func (l *lab) judge(m mutant) (said string, killed bool, err error) {
	overlay, err := l.overlay(m)
	if err != nil {
		return "", false, err
	}
	if err := l.passes(m); err != nil {
		return "", false, err
	}
	program, err := l.build(m.pkg, m.name, "-overlay="+overlay)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = os.Remove(program) }()
	out, err := run(program, m)
	if failed := new(exec.ExitError); err != nil && !errors.As(err, &failed) {
		return "", false, err
	}
	return complaint(out), err != nil, nil
}

// overlay writes the mutated files and the file that says what they replace.
func (l *lab) overlay(m mutant) (string, error) {
	texts := map[string]string{}
	for _, e := range m.edits {
		text, ok := texts[e.file]
		if !ok {
			read, err := os.ReadFile(e.file)
			if err != nil {
				return "", err
			}
			text = string(read)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return "", fmt.Errorf("%s holds %d times, not once: %s", e.file, n, e.old)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	replace := map[string]string{}
	for file, text := range texts {
		mutated := filepath.Join(l.dir, m.name+"-"+strings.ReplaceAll(file, "/", "-"))
		if err := os.WriteFile(mutated, []byte(text), 0o600); err != nil {
			return "", err
		}
		absolute, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		replace[absolute] = mutated
	}
	whole, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(l.dir, m.name+".json")
	return path, os.WriteFile(path, whole, 0o600)
}

// passes makes sure that the test passes without the mutant.
func (l *lab) passes(m mutant) error {
	program, err := l.original(m.pkg)
	if err != nil {
		return err
	}
	o := l.once(m.pkg + " " + m.test)
	o.Do(func() {
		if out, err := run(program, m); err != nil || !bytes.Contains(out, []byte("--- PASS: ")) {
			o.err = fmt.Errorf("%s does not pass without the mutant: %w\n%s", m.test, err, out)
		}
	})
	return o.err
}

// original builds a package's tests.
func (l *lab) original(pkg string) (string, error) {
	o := l.once(pkg)
	o.Do(func() { o.program, o.err = l.build(pkg, strings.ReplaceAll(pkg, "/", "-")) })
	return o.program, o.err
}

func (l *lab) once(key string) *once {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done[key] == nil {
		l.done[key] = new(once)
	}
	return l.done[key]
}

func (l *lab) build(pkg, name string, flags ...string) (string, error) {
	program := filepath.Join(l.dir, name+".test")
	args := append([]string{"test", "-c", "-o", program, "-ldflags=-s -w"}, flags...)
	out, err := exec.Command("go", append(args, "./"+pkg)...).CombinedOutput() //nolint:gosec // from the table
	if err != nil {
		return "", fmt.Errorf("it does not compile: %w\n%s", err, out)
	}
	return program, nil
}

// run runs the test where `go test` would.
func run(program string, m mutant) ([]byte, error) {
	cmd := exec.Command(program, "-test.v", "-test.timeout=120s", "-test.run="+m.test) //nolint:gosec // ours
	cmd.Dir = m.pkg
	for _, entry := range os.Environ() {
		if m.mongo || !strings.HasPrefix(entry, mongoURI) {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	return cmd.CombinedOutput()
}

var line = regexp.MustCompile(`(?m)^\s*(\w+_test\.go:\d+: .*|panic: .*|fatal error: .*)$`)

// complaint is the last line in which a test says something: what it logs comes
// before what is wrong.
func complaint(out []byte) string {
	found := line.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		return "it fails"
	}
	said := string(found[len(found)-1][1])
	if len(said) > 160 {
		return said[:160] + "…"
	}
	return said
}
