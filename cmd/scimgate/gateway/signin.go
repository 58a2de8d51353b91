package gateway

import (
	"time"

	"scimgate/cmd/scimgate/config"
	"scimgate/connectors"
	tenantserver "scimgate/tenant/server"
)

// trust has what customers' issuers sign verified, with keys from the hosts that
// may be trusted and from no others.
func (g *Gateway) trust(c *config.Config) error {
	guard := connectors.Guard{Hosts: c.Issuers.Hosts, Loopback: c.Outbound.Loopback}
	g.issuers = &tenantserver.Keysets{Client: connectors.NewClient(guard), Now: time.Now}
	verifier, err := tenantserver.NewVerifier(g.issuers)
	if err != nil {
		return err
	}
	g.resolver.Trust(verifier)
	g.tokens = &tenantserver.Endpoint{Resolver: g.resolver, Verifier: verifier, Passes: g.Stores.Passes, Log: g.log}
	return nil
}
