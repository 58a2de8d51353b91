package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"scimgate/tenant"
)

// TestMain lets the test binary be scimgate itself: the tests of this package
// run the real program as processes that can be killed, without a build of their
// own and, under -race, with the race detector in them.
func TestMain(m *testing.M) {
	if os.Getenv("SCIMGATE_TEST_AS_PROGRAM") == "1" {
		serveUsage()
		asProgram()
	}
	os.Exit(m.Run())
}

// asProgram is the whole life of a child: the floor of the benchmarks where its
// environment says so, else scimgate.
func asProgram() {
	if os.Getenv("SCIMGATE_TEST_FLOOR") != "" {
		fmt.Fprintln(os.Stderr, serveFloor())
		os.Exit(1)
	}
	main()
	os.Exit(0)
}

// process is a running scimgate.
type process struct {
	cmd    *exec.Cmd
	stderr *bytes.Buffer
	line   map[string]any // what it said in its one JSON line
}

// start runs scimgate with these arguments and --json, and waits for its line.
func start(tb testing.TB, args ...string) *process {
	tb.Helper()
	return startWith(tb, nil, args...)
}

// startWith starts with more environment.
func startWith(tb testing.TB, environ []string, args ...string) *process {
	tb.Helper()
	cmd := program(tb, append(args, "--json")...)
	cmd.Env = append(cmd.Env, environ...)
	return run(tb, cmd)
}

// run starts a program and waits for its line.
func run(tb testing.TB, cmd *exec.Cmd) *process {
	tb.Helper()
	p := &process{cmd: cmd, stderr: new(bytes.Buffer)}
	p.cmd.Stderr = p.stderr
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.kill)
	said := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(out).ReadString('\n')
		said <- text
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case text := <-said:
		if err := json.Unmarshal([]byte(text), &p.line); err != nil {
			tb.Fatalf("%v said %q: %v\n%s", cmd.Args[1:], text, err, p.stderr)
		}
	case <-time.After(30 * time.Second):
		tb.Fatalf("%v said nothing in 30 s\n%s", cmd.Args[1:], p.stderr)
	}
	return p
}

// program is the command that runs scimgate with these arguments, in an
// environment without any SCIMGATE_ setting of the caller's.
func program(tb testing.TB, args ...string) *exec.Cmd {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SCIMGATE_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "SCIMGATE_TEST_AS_PROGRAM=1")
	return cmd
}

// kill ends the process as a power cut would, if it still runs.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// stop ends the process as an operator would and returns its exit status.
func (p *process) stop(tb testing.TB) int {
	tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		tb.Fatal(err)
	}
	_ = p.cmd.Wait()
	return p.cmd.ProcessState.ExitCode()
}

func (p *process) text(tb testing.TB, name string) string {
	tb.Helper()
	s, ok := p.line[name].(string)
	if !ok || s == "" {
		tb.Fatalf("no %q in %v", name, p.line)
	}
	return s
}

// keys writes a sealing key and an operator's key, and returns the flags that
// name them.
func keys(tb testing.TB, dir string) []string {
	tb.Helper()
	sealing, admin := filepath.Join(dir, "scimgate.key"), filepath.Join(dir, "admin.key")
	write(tb, sealing, tenant.GenerateKey())
	write(tb, admin, operatorKey)
	return []string{"--key-file", sealing, "--admin-key-file", admin}
}

const operatorKey = "operator-key-of-the-tests-0123456789"

func write(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// call makes one request and returns status and decoded body. A transport error
// is status 0.
func call(ctx context.Context, method, url, token string, body any) (int, map[string]any) {
	var reader io.Reader
	if body != nil {
		text, _ := json.Marshal(body)
		reader = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, reader)
	if err != nil {
		return 0, nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := client.Do(req)
	if err != nil {
		return 0, nil
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil
	}
	var decoded map[string]any
	_ = json.Unmarshal(text, &decoded)
	return res.StatusCode, decoded
}

var client = &http.Client{
	Timeout:   20 * time.Second,
	Transport: &http.Transport{MaxIdleConnsPerHost: 256},
}

// must makes one request that has to be answered with the status.
func must(tb testing.TB, status int, method, url, token string, body any) map[string]any {
	tb.Helper()
	got, answer := call(tb.Context(), method, url, token, body)
	if got != status {
		tb.Fatalf("%s %s: got %d, want %d: %v", method, url, got, status, answer)
	}
	return answer
}

// eventually polls until f reports true, at most for the time given.
func eventually(tb testing.TB, within time.Duration, what string, f func() bool) {
	tb.Helper()
	deadline := time.Now().Add(within)
	for !f() {
		if time.Now().After(deadline) {
			tb.Fatalf("not within %v: %s", within, what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func userName(i int) string { return fmt.Sprintf("user%04d@example.com", i) }
