package main

import (
	"strings"
	"testing"
	"time"
)

// TestPauseAndShadow holds both directions back, each by itself: a paused
// tenant refuses its client and delivers on, a paused or shadowed connection
// delivers nothing and refuses nobody; resumed, each goes on at once.
func TestPauseAndShadow(t *testing.T) {
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	s := second{
		account: account, token: enroll(t, gateway, account), base: tenantURL(t, gateway),
		shell: shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}},
	}
	id := s.user(1)
	s.arrives(1)
	s.ok(words("connection list acme"), "BREAKER", "closed")

	s.ok(words("connection shadow acme appspace"), "in shadow")
	s.ok(words("connection list acme"), "shadow")
	s.user(2)
	s.enable(id, "False")
	s.ok(words("deliveries shadow acme"), "create", "suspend", "userName", id)
	if out := s.ok(words("deliveries shadow acme --json")); strings.Contains(out, userName(2)) {
		t.Errorf("values that nobody asked for: %s", out)
	}
	s.ok(words("deliveries shadow acme --json --values"), userName(2))
	s.fails(words("deliveries shadow acme --connection nope"), "404")
	if s.enabled(3) != 1 {
		t.Error("a shadow sent something")
	}
	s.ok(words("connection shadow acme appspace --off"), "out of the shadow")
	s.arrives(2)
	eventually(t, 5*time.Second, "who was disabled is", func() bool { return s.enabled(2) == 0 })

	s.ok(words("connection pause acme appspace"), "paused")
	s.user(3)
	s.ok(words("tenant set acme --paused"))
	refused, _ := call(t.Context(), "POST", s.base+"/Users", s.token, map[string]any{"userName": userName(4)})
	if refused != 503 {
		t.Errorf("a paused tenant answers %d", refused)
	}
	began := time.Now()
	s.ok(words("connection resume acme appspace"), "on")
	s.arrives(3) // of a tenant whose client waits
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("resumed, it took %v", took)
	}
	s.ok(words("tenant set acme --paused=false"))
	s.user(4)
	s.arrives(4)
}
