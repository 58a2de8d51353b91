package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config is everything that an operator can set of `scimgate serve`. The keys
// are the names of the flags; in the environment they are upper case with
// SCIMGATE_ before them and "_" for "-".
type Config struct {
	Listen      string `koanf:"listen"`       // public listener: SCIM
	AdminListen string `koanf:"admin-listen"` // operator's listener: /console, /api/v1, /healthz, /readyz
	PublicURL   string `koanf:"public-url"`   // what Tenant URLs and meta.location begin with

	TLSCertFile      string        `koanf:"tls-cert-file"` // of the public listener, PEM; "": plain HTTP
	TLSKeyFile       string        `koanf:"tls-key-file"`
	AdminTLSCertFile string        `koanf:"admin-tls-cert-file"` // of the operator's listener
	AdminTLSKeyFile  string        `koanf:"admin-tls-key-file"`
	MaxConnections   int           `koanf:"max-connections"` // that each listener holds at once
	LameDuck         time.Duration `koanf:"lame-duck"`       // from /readyz failing to the listeners closing

	Data         string   `koanf:"data"`           // folder of the embedded store, without MongoDB, or InMemory
	MongoDBURI   string   `koanf:"mongodb-uri"`    // with a database name in its path, else "scimgate"
	RedisURL     string   `koanf:"redis-url"`      // see Redis; "": limits, hints and caches are this process's own
	Role         string   `koanf:"role"`           // RoleAll, RoleGateway, RoleDelivery
	RedisCAFile  string   `koanf:"redis-ca-file"`  // who signs a rediss:// server's certificate, PEM; "": the system's
	Replicas     int      `koanf:"replicas"`       // processes that share each limit when Redis is away; 0: as many as were there when it answered last
	KeyFile      string   `koanf:"key-file"`       // sealing keys, one a line
	Key          string   `koanf:"key"`            // the same from the environment
	AdminKeyFile string   `koanf:"admin-key-file"` // the operator's API key
	AdminKey     string   `koanf:"admin-key"`      // the same from the environment
	Outbound     Outbound `koanf:"outbound"`
	Console      Console  `koanf:"console"`
	Issuers      Issuers  `koanf:"issuers"`
	Alerts       Alerts   `koanf:"alerts"`
	JournalDays  int      `koanf:"journal-days"`  // how long the journal is kept
	ChangeDays   int      `koanf:"change-days"`   // how long it is kept who changed what
	OTLPEndpoint string   `koanf:"otlp-endpoint"` // collector of traces and metrics, over HTTP
	TraceShare   float64  `koanf:"trace-share"`   // part of requests that is traced, if there is a collector
	Metrics      Metrics  `koanf:"metrics"`
	LogLevel     string   `koanf:"log-level"`  // debug, info, warn, error
	LogFormat    string   `koanf:"log-format"` // text, json
}

// The roles: what of a gateway a process runs.
const (
	RoleAll      = "all"
	RoleGateway  = "gateway"  // SCIM and the operator's API, no delivery
	RoleDelivery = "delivery" // delivery, and on the operator's listener its probes
)

// InMemory as Data keeps everything in memory: for trials and benchmarks.
const InMemory = ":memory:"

// Outbound says where the gateway may connect to.
type Outbound struct {
	Hosts    []string `koanf:"hosts"`    // host names, or ".example.com" for all below it
	Loopback bool     `koanf:"loopback"` // this machine too, with plain HTTP: for trials
	// Late is how long after we gave up on a request an account may still apply it.
	Late time.Duration `koanf:"late"`
}

// Console says where people find the console, and who else than the operator's
// key lets them in.
type Console struct {
	URL  string `koanf:"url"` // "https://scim.example.com/console"
	OIDC OIDC   `koanf:"oidc"`
}

// OIDC is the issuer that people sign in with. Without an Issuer nobody does.
type OIDC struct {
	Issuer           string `koanf:"issuer"`
	ClientID         string `koanf:"client-id"`
	ClientSecretFile string `koanf:"client-secret-file"`
	ClientSecret     string `koanf:"client-secret"` // the same from the environment
	RoleClaim        string `koanf:"role-claim"`    // operator, administrator or support
	TenantClaim      string `koanf:"tenant-claim"`  // id of the administrator's tenant
}

// Default is what holds where nothing else is set.
func Default() Config {
	return Config{
		Listen:         ":8080",
		AdminListen:    "127.0.0.1:8081",
		MaxConnections: 10_000,
		Data:           "scimgate-data",
		Role:           RoleAll,
		Outbound:       Outbound{Hosts: []string{".appspace.com"}, Late: time.Minute},
		Console:        Console{OIDC: OIDC{RoleClaim: "roles", TenantClaim: "scimgate_tenant"}},
		Issuers:        DefaultIssuers(),
		JournalDays:    30,
		ChangeDays:     400,
		TraceShare:     defaultTraceShare,
		LogLevel:       "info",
		LogFormat:      "text",
	}
}

// check is one thing that may be wrong.
type check struct {
	bad   bool
	fault string
}

// Validate reports all that is wrong with c, or nil.
func (c *Config) Validate() error {
	checks := []check{
		{!listenable(c.Listen), "listen: must be host:port, as in :8080"},
		{!listenable(c.AdminListen), "admin-listen: must be host:port, as in 127.0.0.1:8081"},
		{c.PublicURL != "" && !absolute(c.PublicURL, "http", "https"), "public-url: must be an absolute http or https URL without a query, as in https://scim.example.com"},
		{!oneOf(c.Role, RoleAll, RoleGateway, RoleDelivery), "role: must be all, gateway or delivery"},
		{oneOf(c.Role, RoleGateway, RoleDelivery) && c.MongoDBURI == "", "role: the embedded store serves one process, which has to be all; give mongodb-uri"},
		{c.Replicas < 0, "replicas: must be a number of processes, or 0 for as many as there are"},
		{c.KeyFile == "" && c.Key == "", "key-file: no sealing key; make one with: openssl rand -base64 32 > scimgate.key"},
		{c.KeyFile != "" && c.Key != "", "key: give key-file or key, not both"},
		{c.AdminKeyFile == "" && c.AdminKey == "", "admin-key-file: no operator key; make one with: openssl rand -hex 24 > admin.key"},
		{c.AdminKeyFile != "" && c.AdminKey != "", "admin-key: give admin-key-file or admin-key, not both"},
		{c.JournalDays < 1 || c.JournalDays > 3650, "journal-days: must be 1 to 3650"},
		{c.ChangeDays < 1 || c.ChangeDays > 3650, "change-days: must be 1 to 3650"},
		{!oneOf(c.LogLevel, "debug", "info", "warn", "error"), "log-level: must be debug, info, warn or error"},
		{!oneOf(c.LogFormat, "text", "json"), "log-format: must be text or json"},
		{badHosts(c.Outbound.Hosts), "outbound.hosts: each must be a host name, as in cloud.example.com or .example.com, without scheme, port or *"},
		{c.Outbound.Late <= 0, "outbound.late: must be a time, as in 60s"},
	}
	checks = append(append(checks, c.Console.checks()...), c.telemetryChecks()...)
	checks = append(checks, c.Issuers.checks()...)
	checks = append(checks, c.Alerts.checks()...)
	checks = append(checks, c.listenerChecks()...)
	checks = append(checks, c.storeChecks()...)
	var faults []error
	for _, one := range checks {
		if one.bad {
			faults = append(faults, errors.New(one.fault))
		}
	}
	if _, err := c.Redis(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// Secrets are the secrets of a Config, read from wherever it names.
type Secrets struct {
	Keys       []byte // text of the key file
	AdminKey   string
	OIDCSecret string // of the console's client at the issuer; "" without one
	Alerts     string // signs alerts; "" without one
}

// Secrets reads the files that c names. All that cannot be read is reported.
func (c *Config) Secrets() (Secrets, error) {
	keys, err1 := secret("key-file", c.KeyFile, c.Key)
	admin, err2 := secret("admin-key-file", c.AdminKeyFile, c.AdminKey)
	client, err3 := secret("console.oidc.client-secret-file", c.Console.OIDC.ClientSecretFile, c.Console.OIDC.ClientSecret)
	alerts, err4 := secret("alerts.secret-file", c.Alerts.SecretFile, c.Alerts.Secret)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return Secrets{}, err
	}
	return Secrets{Keys: []byte(keys), AdminKey: strings.TrimSpace(admin), OIDCSecret: strings.TrimSpace(client), Alerts: strings.TrimSpace(alerts)}, nil
}

// SealingKeys reads the sealing keys alone; nil where none are named.
func (c *Config) SealingKeys() ([]byte, error) {
	keys, err := secret("key-file", c.KeyFile, c.Key)
	if keys == "" {
		return nil, err
	}
	return []byte(keys), err
}

func secret(name, file, given string) (string, error) {
	if file == "" {
		return given, nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if strings.TrimSpace(string(text)) == "" {
		return "", fmt.Errorf("%s: %s is empty", name, file)
	}
	return string(text), nil
}

func listenable(address string) bool {
	_, port, err := net.SplitHostPort(address)
	return err == nil && port != ""
}

func absolute(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && oneOf(u.Scheme, schemes...) && (u.RawQuery == "" || strings.HasPrefix(u.Scheme, "mongodb"))
}

func oneOf(s string, allowed ...string) bool {
	for _, a := range allowed {
		if s == a {
			return true
		}
	}
	return false
}

func badHosts(hosts []string) bool {
	for _, h := range hosts {
		if h == "" || strings.ContainsAny(h, "/:*@ ") {
			return true
		}
	}
	return false
}
