package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestConsoleSettings(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "oidc.secret")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := load(t, []string{
		"SCIMGATE_KEY=k", "SCIMGATE_ADMIN_KEY=a", "SCIMGATE_CONSOLE_OIDC_TENANT_CLAIM=org",
		"SCIMGATE_CONSOLE_OIDC_CLIENT_SECRET_FILE=" + secret,
	}, "--console.url=https://scim.example.com/console", "--console.oidc.issuer=https://login.example.com/x/v2.0", "--console.oidc.client-id=id")
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	secrets, err := c.Secrets()
	if err != nil || secrets.OIDCSecret != "s3cret" || c.Console.OIDC.RoleClaim != "roles" || c.Console.OIDC.TenantClaim != "org" {
		t.Errorf("%+v, %v", c.Console, err)
	}
}

func TestConsoleFaults(t *testing.T) {
	for name, args := range map[string][]string{
		"console.url:":                 {"--console.url=http://scim.example.com/console"},
		"console.oidc.issuer: must be": {"--console.oidc.issuer=login.example.com", "--console.oidc.client-id=x", "--console.url=https://a.example"},
		"console.url: give":            {"--console.oidc.issuer=https://login.example.com", "--console.oidc.client-id=x"},
		"console.oidc.client-id:":      {"--console.oidc.issuer=https://login.example.com", "--console.url=https://a.example"},
		"console.oidc.issuer: give":    {"--console.oidc.client-id=x"},
		"role-claim":                   {"--console.oidc.role-claim="},
	} {
		c := load(t, []string{"SCIMGATE_KEY=k", "SCIMGATE_ADMIN_KEY=a"}, args...)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v: %v", args, err)
		}
	}
	c := load(t, []string{"SCIMGATE_KEY=k", "SCIMGATE_ADMIN_KEY=a"}, "--console.url=http://127.0.0.1:8081/console", "--console.oidc.issuer=http://localhost:9", "--console.oidc.client-id=x")
	if err := c.Validate(); err != nil {
		t.Errorf("on this machine: %v", err)
	}
}
