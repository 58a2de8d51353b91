package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestSandboxKeepsItsAccount runs the sandbox, stops it and runs it again.
func TestSandboxKeepsItsAccount(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	write(t, file, "the-account's-token\n")
	user := map[string]any{"userName": userName(1)}

	first := start(t, "sandbox", "--listen", "127.0.0.1:0", "--data", dir)
	users, token := first.text(t, "sandboxURL")+"/Users", first.text(t, "sandboxToken")
	made := must(t, 201, "POST", users, token, user)
	must(t, 409, "POST", users, token, user)
	must(t, 401, "GET", users, "another", nil)
	if status := first.stop(t); status != 0 {
		t.Errorf("exit status %d\n%s", status, first.stderr)
	}

	second := start(t, "sandbox", "--listen", "127.0.0.1:0", "--data", dir, "--token-file", file)
	if got := second.text(t, "sandboxToken"); got != "the-account's-token" {
		t.Errorf("token %q", got)
	}
	id, _ := made["id"].(string)
	again := must(t, 200, "GET", second.text(t, "sandboxURL")+"/Users/"+id, "the-account's-token", nil)
	if again["userName"] != userName(1) {
		t.Errorf("after a restart: %v", again)
	}
}

func TestSandboxRefusesAnEmptyToken(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, " \n")
	said, err := program(t, "sandbox", "--listen", "127.0.0.1:0", "--token-file", file).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "is empty") {
		t.Errorf("%v: %s", err, said)
	}
}
