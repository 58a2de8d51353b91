package config

import (
	"time"

	"github.com/spf13/pflag"
)

// maxLameDuck is more than any proxy needs to notice that a process is going.
const maxLameDuck = 5 * time.Minute

func addListenerFlags(flags *pflag.FlagSet, d Config) {
	flags.String("tls-cert-file", d.TLSCertFile, "certificate chain of the public listener, PEM; read again when it changes (default: plain HTTP)")
	flags.String("tls-key-file", d.TLSKeyFile, "its private key, PEM")
	flags.String("admin-tls-cert-file", d.AdminTLSCertFile, "certificate chain of the operator's listener, likewise")
	flags.String("admin-tls-key-file", d.AdminTLSKeyFile, "its private key, PEM")
	flags.Int("max-connections", d.MaxConnections, "connections that each listener holds at once; more have to wait")
	flags.Duration("lame-duck", d.LameDuck, "how long requests are still taken after the process was told to stop and /readyz says so")
}

// listenerChecks are what may be wrong with how the listeners listen.
func (c *Config) listenerChecks() []check {
	return []check{
		{(c.TLSCertFile == "") != (c.TLSKeyFile == ""), "tls-cert-file: give it together with tls-key-file"},
		{(c.AdminTLSCertFile == "") != (c.AdminTLSKeyFile == ""), "admin-tls-cert-file: give it together with admin-tls-key-file"},
		{c.MaxConnections < 1, "max-connections: must be at least 1"},
		{c.LameDuck < 0 || c.LameDuck > maxLameDuck, "lame-duck: must be a time up to 5m, as in 5s"},
	}
}
