package main

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scimgate/connectors/sandbox"
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

// TestSandboxSpeaksTLS gives the sandbox a certificate, as a sandbox needs that is
// not on this machine.
func TestSandboxSpeaksTLS(t *testing.T) {
	like := httptest.NewTLSServer(http.NotFoundHandler()) // for its certificate, and a client that trusts it
	defer like.Close()
	dir, pair := t.TempDir(), like.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := filepath.Join(dir, "tls.crt")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	write(t, filepath.Join(dir, "tls.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	p := start(t, "sandbox", "--listen", "127.0.0.1:0", "--tls-cert-file", cert, "--tls-key-file", filepath.Join(dir, "tls.key"))
	url := p.text(t, "sandboxURL")
	req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/Users", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.text(t, "sandboxToken"))
	res, err := like.Client().Do(req)
	if err != nil || res.StatusCode != http.StatusOK || !strings.HasPrefix(url, "https://") {
		t.Fatalf("%s: %v, %v", url, res, err)
	}
	_ = res.Body.Close()
	if out, err := program(t, "sandbox", "--listen", "127.0.0.1:0", "--tls-cert-file", cert, "--tls-key-file", cert).CombinedOutput(); err == nil {
		t.Errorf("a certificate for a key: %s", out)
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

// TestSandboxFailsAsItIsTold sets faults by flag, changes them while it runs, and
// stops it in the middle of one.
func TestSandboxFailsAsItIsTold(t *testing.T) {
	p := start(t, "sandbox", "--listen", "127.0.0.1:0",
		"--fault", "throttled=retryAfter=7,method=POST,count=1", "--fault", "refused-token=path=/Schemas")
	base, token := p.text(t, "sandboxURL"), p.text(t, "sandboxToken")
	users, faults := base+"/Users", strings.TrimSuffix(base, "/identity/scim")+"/faults"
	must(t, 429, "POST", users, token, map[string]any{"userName": userName(1)})
	must(t, 201, "POST", users, token, map[string]any{"userName": userName(1)})
	must(t, 401, "GET", base+"/Schemas", token, nil)
	must(t, 401, "GET", faults, "another", nil)

	refused := must(t, 400, "PUT", faults, token, map[string]any{"faults": []any{map[string]any{"name": "nope"}, map[string]any{"name": "hang", "share": 2}}})
	if told, _ := refused["errors"].([]any); len(told) != 2 {
		t.Errorf("not two mistakes: %v", refused)
	}
	must(t, 200, "PUT", faults, token, map[string]any{"faults": []any{map[string]any{"name": "hang", "methods": []any{"GET"}}}})
	must(t, 201, "POST", users, token, map[string]any{"userName": userName(2)})
	hung := make(chan int, 1)
	go func() {
		status, _ := call(t.Context(), "GET", users, token, nil)
		hung <- status
	}()
	eventually(t, 10*time.Second, "the request hangs", func() bool {
		set, _ := must(t, 200, "GET", faults, token, nil)["faults"].([]any)
		return len(set) == 1 && set[0].(map[string]any)["met"] == 1.0
	})
	begin := time.Now()
	if status := p.stop(t); status != 0 || time.Since(begin) > 5*time.Second {
		t.Errorf("exit status %d after %v\n%s", status, time.Since(begin), p.stderr)
	}
	if status := <-hung; status != 0 {
		t.Errorf("the hanging request was answered %d", status)
	}
}

func TestSandboxRefusesBadFaults(t *testing.T) {
	said, err := program(t, "sandbox", "--listen", "127.0.0.1:0", "--fault", "latency=delay=x,foo=1", "--fault", "nope").CombinedOutput()
	if err == nil || strings.Count(string(said), "fault \"") != 3 {
		t.Errorf("%v: %s", err, said)
	}
	help, err := program(t, "sandbox", "--help").CombinedOutput()
	for _, kind := range sandbox.FaultKinds {
		if err != nil || !strings.Contains(string(help), "  "+kind.Name+" ") {
			t.Errorf("--help does not tell of %s: %v", kind.Name, err)
		}
	}
}
