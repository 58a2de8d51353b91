package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Redis reads RedisURL: redis:// or rediss:// (TLS), one address or several with
// commas between, a database number as path, and as parameters
//
//	sentinel=NAME        the addresses are Sentinels, NAME is the master's
//	sentinel-username, sentinel-password   the Sentinels' own credential
//	cluster=true         the addresses are a Cluster's, as several without sentinel are
//
// It is nil where no URL is set. No error repeats any part of the URL, which may
// hold a password.
func (c *Config) Redis() (*redis.UniversalOptions, error) {
	if c.RedisURL == "" {
		return nil, nil //nolint:nilnil // without Redis there are no options
	}
	u, err := url.Parse(c.RedisURL)
	if err != nil || u.Host == "" || !oneOf(u.Scheme, "redis", "rediss") {
		return nil, errors.New("redis-url: must be redis:// or rediss:// with a host, as in redis://redis.example.com:6379/0")
	}
	o := &redis.UniversalOptions{
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}, // of one vendor's service
		ContextTimeoutEnabled:    true,                                                              // a request waits for Redis 20 ms, not 5 s
		MaxRetries:               -1,                                                                // whoever asks twice is charged twice
	}
	o.Username = u.User.Username()
	o.Password, _ = u.User.Password()
	return o, errors.Join(readAddresses(u, o), readDatabase(u, o), readTopology(u, o), c.readRedisCA(o))
}

// readRedisCA trusts those who may sign the server's certificate, and nobody else.
func (c *Config) readRedisCA(o *redis.UniversalOptions) error {
	if c.RedisCAFile == "" {
		return nil
	}
	if o.TLSConfig == nil {
		return errors.New("redis-ca-file: give it together with a rediss:// redis-url")
	}
	text, err := os.ReadFile(c.RedisCAFile)
	if err != nil {
		return fmt.Errorf("redis-ca-file: %w", err)
	}
	o.TLSConfig.RootCAs = x509.NewCertPool()
	if !o.TLSConfig.RootCAs.AppendCertsFromPEM(text) {
		return errors.New("redis-ca-file: holds no certificate")
	}
	return nil
}

func readAddresses(u *url.URL, o *redis.UniversalOptions) error {
	for address := range strings.SplitSeq(u.Host, ",") {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			host, port = strings.Trim(address, "[]"), "6379"
		}
		if host == "" || port == "" || strings.ContainsAny(host, " /@") {
			return errors.New("redis-url: each address must be host or host:port")
		}
		o.Addrs = append(o.Addrs, net.JoinHostPort(host, port))
	}
	if u.Scheme == "rediss" {
		o.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12} // each connection checks its own host
	}
	return nil
}

func readDatabase(u *url.URL, o *redis.UniversalOptions) (err error) {
	if path := strings.Trim(u.Path, "/"); path != "" {
		o.DB, err = strconv.Atoi(path)
		if err != nil || o.DB < 0 {
			return errors.New("redis-url: the path must be a database number, as in redis://localhost:6379/0")
		}
	}
	return nil
}

// topologies are the parameters of a Redis URL.
var topologies = []string{"sentinel", "sentinel-username", "sentinel-password", "cluster"}

func readTopology(u *url.URL, o *redis.UniversalOptions) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("redis-url: its parameters cannot be read")
	}
	for name := range query {
		if !slices.Contains(topologies, name) {
			return errors.New("redis-url: knows only the parameters " + strings.Join(topologies, ", "))
		}
	}
	o.MasterName = query.Get("sentinel")
	o.SentinelUsername, o.SentinelPassword = query.Get("sentinel-username"), query.Get("sentinel-password")
	o.IsClusterMode = query.Get("cluster") == "true"
	switch {
	case !oneOf(query.Get("cluster"), "", "true", "false"):
		return errors.New("redis-url: cluster must be true or false")
	case o.IsClusterMode && o.MasterName != "":
		return errors.New("redis-url: give sentinel or cluster, not both")
	case o.DB != 0 && o.MasterName == "" && (o.IsClusterMode || len(o.Addrs) > 1):
		return errors.New("redis-url: a Cluster has database 0 only")
	}
	return nil
}
