package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestATrialLeavesNothing plays what helm test does, over TLS-less listeners of a
// process that believes to be elsewhere.
func TestATrialLeavesNothing(t *testing.T) {
	flags := keys(t, t.TempDir())
	p := start(t, append([]string{"serve", "--data", ":memory:", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, flags...)...)
	admin := p.text(t, "adminURL")
	cmd := program(t, "trial", "--json", "--admin-url", admin, "--public-url", p.text(t, "publicURL"), "--admin-key-file", flags[3])
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var result struct {
		OK     bool
		Tenant string
		Drill  struct{ Passed, Failed int }
	}
	if err := json.Unmarshal(out, &result); err != nil || !result.OK || result.Drill.Passed < 50 || result.Drill.Failed > 0 {
		t.Errorf("%v: %+v", err, result)
	}
	if all := must(t, 200, "GET", admin+"/api/v1/tenants", operatorKey, nil)["items"].([]any); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
}

// TestATrialSaysWhatIsWrong tries a gateway whose public listener is not there.
func TestATrialSaysWhatIsWrong(t *testing.T) {
	flags := keys(t, t.TempDir())
	p := start(t, append([]string{"serve", "--data", ":memory:", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, flags...)...)
	admin := p.text(t, "adminURL")
	out, err := program(t, "trial", "--admin-url", admin, "--public-url", "http://127.0.0.1:1", "--admin-key-file", flags[3]).Output()
	if err == nil || !strings.Contains(string(out), "FAULT") {
		t.Errorf("it is content: %s", out)
	}
	if all := must(t, 200, "GET", admin+"/api/v1/tenants", operatorKey, nil)["items"].([]any); len(all) != 0 {
		t.Errorf("left behind: %v", all)
	}
}
