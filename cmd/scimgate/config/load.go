package config

import (
	"fmt"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/providers/structs"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"
)

// AddFlags defines the flags of a Config, and --config, on flags.
func AddFlags(flags *pflag.FlagSet) {
	d := Default()
	flags.String("config", "", "YAML file with any of these settings")
	flags.String("listen", d.Listen, "public listener: SCIM for identity providers")
	flags.String("admin-listen", d.AdminListen, "operator's listener: /console, /api/v1, /metrics, /healthz, /readyz")
	flags.String("public-url", d.PublicURL, "what Tenant URLs begin with (default: http:// and the public listener)")
	addListenerFlags(flags, d)
	flags.String("data", d.Data, "folder of the embedded store, used without --mongodb-uri")
	flags.String("mongodb-uri", d.MongoDBURI, "MongoDB to use instead of the embedded store")
	flags.String("redis-url", d.RedisURL, "Redis that the processes share limits and hints through; ?sentinel=NAME or ?cluster=true")
	flags.String("role", d.Role, "what this process runs: all, gateway or delivery")
	flags.String("redis-ca-file", d.RedisCAFile, "certificates of who signs a rediss:// server's, PEM (default: the system's)")
	flags.Int("replicas", d.Replicas, "processes that share each limit while Redis is away (default: as many as were there when it answered last)")
	flags.String("key-file", d.KeyFile, "sealing keys: base64 of 32 bytes a line, the first one seals")
	flags.String("admin-key-file", d.AdminKeyFile, "the operator's API key")
	flags.StringSlice("outbound.hosts", d.Outbound.Hosts, "hosts that connections may lead to; .example.com is all below it")
	flags.Bool("outbound.loopback", d.Outbound.Loopback, "let connections lead to this machine too, for trials")
	flags.String("alerts.url", d.Alerts.URL, "takes a POST for each alert, beside the log")
	flags.String("alerts.secret-file", d.Alerts.SecretFile, "secret that signs alerts")
	flags.StringSlice("issuers.hosts", d.Issuers.Hosts, "hosts that the keys of identity providers' issuers may be fetched from")
	flags.String("console.url", d.Console.URL, "where people find the console (default: the operator's listener, and /console)")
	flags.String("console.oidc.issuer", d.Console.OIDC.Issuer, "OpenID Connect issuer that people sign in to the console with")
	flags.String("console.oidc.client-id", d.Console.OIDC.ClientID, "the console's client id at the issuer")
	flags.String("console.oidc.client-secret-file", d.Console.OIDC.ClientSecretFile, "the console's client secret at the issuer")
	flags.String("console.oidc.role-claim", d.Console.OIDC.RoleClaim, "claim that holds operator, administrator or support")
	flags.String("console.oidc.tenant-claim", d.Console.OIDC.TenantClaim, "claim that holds the id of the administrator's tenant")
	flags.Int("journal-days", d.JournalDays, "how long the journal is kept")
	flags.Int("change-days", d.ChangeDays, "how long it is kept who changed what, by the API or the console")
	flags.Duration("outbound.late", d.Outbound.Late, "how long after it was given up an account may still apply a request: so long the outcome stays in doubt")
	addTelemetryFlags(flags, d)
	flags.String("log-level", d.LogLevel, "debug, info, warn or error")
	flags.String("log-format", d.LogFormat, "text or json")
}

// Load reads a Config: defaults, then the file that --config or SCIMGATE_CONFIG
// names, then the environment, then the flags that were given. environ is as
// from os.Environ. It checks nothing but that it understands what it reads: see
// Validate.
func Load(flags *pflag.FlagSet, environ []string) (*Config, error) {
	k := koanf.New(".")
	if err := k.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		return nil, err
	}
	if path := configFile(flags, environ); path != "" {
		if err := loadFile(k, path); err != nil {
			return nil, err
		}
	}
	if err := k.Load(environment(k, environ), nil); err != nil {
		return nil, err
	}
	if err := k.Load(posflag.Provider(flags, ".", k), nil); err != nil {
		return nil, err
	}
	c := new(Config)
	if err := k.Unmarshal("", c); err != nil {
		return nil, err
	}
	if c.OTLPEndpoint == "" {
		c.OTLPEndpoint = standardEndpoint(environ)
	}
	return c, nil
}

func loadFile(k *koanf.Koanf, path string) error {
	known := koanf.New(".")
	if err := known.Load(structs.Provider(Default(), "koanf"), nil); err != nil {
		return err
	}
	read := koanf.New(".")
	if err := read.Load(file.Provider(path), yaml.Parser()); err != nil {
		return fmt.Errorf("config %s: %w", path, err)
	}
	for _, key := range read.Keys() {
		if !known.Exists(key) {
			return fmt.Errorf("config %s: unknown setting %q", path, key)
		}
	}
	return k.Merge(read)
}

// environment reads SCIMGATE_PUBLIC_URL as public-url and SCIMGATE_OUTBOUND_HOSTS
// as outbound.hosts, a list at its commas. Names it does not know are left to
// others: SCIMGATE_TOKEN belongs to another command.
func environment(k *koanf.Koanf, environ []string) *env.Env {
	names := map[string]string{}
	for _, key := range k.Keys() {
		names[envName(key)] = key
	}
	return env.Provider(".", env.Opt{
		EnvironFunc: func() []string { return environ },
		Prefix:      "SCIMGATE_",
		TransformFunc: func(name, text string) (string, any) {
			key := names[name]
			if isList(key) {
				return key, strings.Split(text, ",")
			}
			return key, text
		},
	})
}

func envName(key string) string {
	return "SCIMGATE_" + strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(key))
}

func configFile(flags *pflag.FlagSet, environ []string) string {
	if path, err := flags.GetString("config"); err == nil && path != "" {
		return path
	}
	for _, entry := range environ {
		if path, ok := strings.CutPrefix(entry, "SCIMGATE_CONFIG="); ok {
			return path
		}
	}
	return ""
}
