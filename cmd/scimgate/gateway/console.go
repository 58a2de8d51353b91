package gateway

import (
	"net/url"
	"strings"

	"scimgate/cmd/scimgate/admin/console"
	"scimgate/cmd/scimgate/config"
	"scimgate/connectors"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// consoleURL is where people find the console, without a slash at the end.
func consoleURL(c *config.Config, adminURL string) string {
	if c.Console.URL != "" {
		return strings.TrimRight(c.Console.URL, "/")
	}
	return adminURL + console.Prefix
}

func newConsole(c *config.Config, secrets config.Secrets, keys *tenant.Keys, g *Gateway) *console.Console {
	people := &console.Console{Service: g.Admin, Key: secrets.AdminKey, Limits: ratelimit.NewLocal(), Traffic: g.shareTraffic(keys), Log: g.log}
	if oidc := c.Console.OIDC; oidc.Issuer != "" {
		people.OIDC = &console.OIDC{
			Issuer: oidc.Issuer, ClientID: oidc.ClientID, ClientSecret: secrets.OIDCSecret,
			RoleClaim: oidc.RoleClaim, TenantClaim: oidc.TenantClaim,
			Client: connectors.NewClient(issuerGuard(c.Outbound, oidc.Issuer)),
		}
	}
	return people
}

// issuerGuard lets out to the issuer, and to where connections may lead: an issuer
// whose keys are on another host needs that host in outbound.hosts.
func issuerGuard(o config.Outbound, issuer string) connectors.Guard {
	hosts := o.Hosts
	if u, err := url.Parse(issuer); err == nil {
		hosts = append([]string{u.Hostname()}, hosts...)
	}
	return connectors.Guard{Hosts: hosts, Loopback: o.Loopback}
}
