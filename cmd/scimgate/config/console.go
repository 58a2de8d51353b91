package config

import (
	"net"
	"net/url"
)

// checks are what may be wrong with the console's settings.
func (c Console) checks() []check {
	oidc := c.OIDC
	return []check{
		{c.URL != "" && !private(c.URL), "console.url: must be an https URL without a query, as in https://scim.example.com/console; http only on this machine"},
		{oidc.Issuer != "" && !private(oidc.Issuer), "console.oidc.issuer: must be an https URL without a query, exactly as the issuer names itself"},
		{oidc.Issuer != "" && c.URL == "", "console.url: give it together with console.oidc.issuer; people are sent back to it"},
		{oidc.Issuer != "" && oidc.ClientID == "", "console.oidc.client-id: give it together with console.oidc.issuer"},
		{oidc.Issuer == "" && oidc.ClientID != "", "console.oidc.issuer: give it together with console.oidc.client-id"},
		{oidc.ClientSecretFile != "" && oidc.ClientSecret != "", "console.oidc.client-secret: give client-secret-file or client-secret, not both"},
		{oidc.RoleClaim == "" || oidc.TenantClaim == "", "console.oidc.role-claim, tenant-claim: must not be empty"},
	}
}

// private reports whether what goes to a URL is read by nobody on the way.
func private(text string) bool {
	if absolute(text, "https") {
		return true
	}
	u, err := url.Parse(text)
	if err != nil || !absolute(text, "http") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
