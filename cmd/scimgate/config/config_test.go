package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestLaterSourcesWin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "scimgate.yaml")
	text := "listen: :1\nadmin-listen: :2\npublic-url: http://file\noutbound: {hosts: [a.example], loopback: true}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"SCIMGATE_CONFIG=" + file, "SCIMGATE_ADMIN_LISTEN=:3", "SCIMGATE_PUBLIC_URL=http://env",
		"SCIMGATE_OUTBOUND_HOSTS=b.example,.c.example", "SCIMGATE_JOURNAL_DAYS=7", "SCIMGATE_TOKEN=not ours",
	}
	c := load(t, environ, "--public-url=http://flag")

	want := Default()
	want.Listen, want.AdminListen, want.PublicURL = ":1", ":3", "http://flag"
	want.Outbound = Outbound{Hosts: []string{"b.example", ".c.example"}, Loopback: true}
	if got := *c; strings.Join(got.Outbound.Hosts, " ") != strings.Join(want.Outbound.Hosts, " ") ||
		got.Listen != want.Listen || got.AdminListen != want.AdminListen || got.PublicURL != want.PublicURL ||
		!got.Outbound.Loopback || got.JournalDays != 7 || got.Data != want.Data || got.LogLevel != want.LogLevel {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestUnknownSettingInFileIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(file, []byte("listn: :1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(flagSet(t, "--config="+file), nil)
	if err == nil || !strings.Contains(err.Error(), `unknown setting "listn"`) {
		t.Errorf("got %v", err)
	}
}

func TestValidateReportsAllFaultsAtOnce(t *testing.T) {
	c := load(t, nil, "--listen=8080", "--public-url=scim.example.com", "--mongodb-uri=http://x", "--log-level=loud",
		"--outbound.hosts=https://x", "--outbound.late=0s", "--redis-url=http://x", "--role=both", "--replicas=-1", "--journal-days=0",
		"--tls-cert-file=a", "--admin-tls-key-file=b", "--max-connections=0", "--lame-duck=-1s")
	err := c.Validate()
	if err == nil {
		t.Fatal("no fault found")
	}
	for _, name := range []string{
		"listen:", "public-url:", "mongodb-uri:", "key-file:", "admin-key-file:", "journal-days:", "log-level:", "outbound.hosts:", "outbound.late:", "redis-url:", "role:", "replicas:",
		"tls-cert-file:", "admin-tls-cert-file:", "max-connections:", "lame-duck:",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("no word of %s in:\n%v", name, err)
		}
	}
}

func TestTheEmbeddedStoreIsOneProcess(t *testing.T) {
	for _, role := range []string{RoleGateway, RoleDelivery} {
		c := load(t, []string{"SCIMGATE_KEY=k", "SCIMGATE_ADMIN_KEY=a"}, "--role="+role)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "role: the embedded store") {
			t.Errorf("%s on the embedded store: %v", role, err)
		}
		c.MongoDBURI = "mongodb://a:27017,b:27017/x"
		if err := c.Validate(); err != nil {
			t.Errorf("%s on MongoDB: %v", role, err)
		}
	}
}

func TestAGoodConfigHasNoFaults(t *testing.T) {
	c := load(t, []string{"SCIMGATE_KEY=k", "SCIMGATE_ADMIN_KEY=a"})
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSecretsSayWhichFile(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Config{KeyFile: empty, AdminKeyFile: "/does/not/exist"}
	_, err := c.Secrets()
	if err == nil || !strings.Contains(err.Error(), "key-file: "+empty+" is empty") || !strings.Contains(err.Error(), "admin-key-file:") {
		t.Errorf("got %v", err)
	}
}

func load(t *testing.T, environ []string, args ...string) *Config {
	t.Helper()
	c, err := Load(flagSet(t, args...), environ)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func flagSet(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	return flags
}
