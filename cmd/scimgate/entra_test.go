package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/entra"
)

// nobody is an endpoint without users that takes one token.
func nobody(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		if r.Header.Get("Authorization") != "Bearer secret" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// entraCommand runs `scimgate entra` and returns what it printed.
func entraCommand(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := newEntraCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&bytes.Buffer{})
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestEntraProbeCommand(t *testing.T) {
	url := nobody(t)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := entraCommand(t, "probe", "--url", url, "--token-file", file)
	if err != nil || strings.Count(out, "ok     GET /") != 2 {
		t.Errorf("%v:\n%s", err, out)
	}
	t.Setenv("SCIMGATE_TOKEN", "secret")
	out, err = entraCommand(t, "probe", "--url", url, "--json")
	var r entra.Report
	if err != nil || json.Unmarshal([]byte(out), &r) != nil || !r.OK || len(r.Steps) != 2 || r.Steps[0].Status != 200 {
		t.Errorf("%v: %s", err, out)
	}
	out, err = entraCommand(t, "probe", "--url", url, "--token", "wrong", "--json")
	var status exitError
	if !errors.As(err, &status) || status != 1 || !strings.Contains(out, `"ok":false`) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestEntraCommandsFail(t *testing.T) {
	url := nobody(t)
	t.Setenv("SCIMGATE_TOKEN", "")
	for _, args := range [][]string{
		{"probe"},
		{"probe", "--url", url},
		{"probe", "--url", "nonsense", "--token", "secret"},
		{"probe", "--url", url, "--token-file", "/does/not/exist"},
		{"ondemand", "--url", url, "--token", "secret"},
		{"ondemand", "--url", url, "--token", "secret", "--user-name", "a@x.io"},
		{"ondemand", "--url", url, "--token", "secret", "--user-name", "a@x.io", "--custom", "costCenter"},
		{"cycle", "--url", url, "--token", "secret", "--users", "0"},
		{"cycle", "--url", url, "--token", "secret", "--users", "2"},
	} {
		if out, err := entraCommand(t, args...); err == nil {
			t.Errorf("%v: no error, but\n%s", args, out)
		}
	}
}
