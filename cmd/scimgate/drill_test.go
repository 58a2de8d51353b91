package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"scimgate/cmd/scimgate/entra"
)

// The sandbox takes what Okta sends; an endpoint where nobody can be made does not,
// and the command tells what was asked and answered.
func TestEntraDrillCommand(t *testing.T) {
	account := start(t, "sandbox", "--listen", "127.0.0.1:0")
	url, token := account.text(t, "sandboxURL"), account.text(t, "sandboxToken")
	out, err := entraCommand(t, "drill", "--url", url, "--token", token, "--area", "leavers,okta", "--prefix", "mine")
	if strings.Count(out, "\npass  ") < 5 || !strings.Contains(out, "okta") || strings.Contains(out, "LEFT") {
		t.Errorf("%v:\n%s", err, out)
	}
	out, err = entraCommand(t, "drill", "--url", nobody(t), "--token", "secret", "--area", "okta")
	var status exitError
	if !errors.As(err, &status) || status != 1 || !strings.Contains(out, "FAIL  okta: updates with PUT") ||
		!strings.Contains(out, "answered 200 where 201 is due") || !strings.Contains(out, "asked     POST /Users {") || strings.Contains(out, "secret") {
		t.Errorf("%v:\n%s", err, out)
	}
	out, err = entraCommand(t, "drill", "--url", nobody(t), "--token", "secret", "--area", "okta", "--json")
	var r entra.Drilled
	if !errors.As(err, &status) || json.Unmarshal([]byte(out), &r) != nil || r.OK || r.Failed != len(r.Rows) {
		t.Errorf("%v: %s", err, out)
	}
}

func TestEntraDrillCommandFails(t *testing.T) {
	// The panic is net/http's documented way to cut a connection without an answer.
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(hung.Close)
	for _, args := range [][]string{
		{"drill", "--url", nobody(t), "--token", "wrong"},
		{"drill", "--url", nobody(t), "--token", "secret", "--area", "nope"},
		{"drill", "--url", hung.URL, "--token", "secret"},
	} {
		out, err := entraCommand(t, args...)
		var status exitError
		if err == nil || errors.As(err, &status) || out != "" {
			t.Errorf("%v: %v, %s", args, err, out)
		}
	}
}
