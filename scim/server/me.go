package server

import (
	"net/http"

	"scimgate/scim"
)

// me answers for /Me, the alias of who asks (RFC 7644 §3.11). A tenant's token
// stands for its identity provider and never for a user, so that there is nobody
// to be; the RFC wants 501 of who does not have it. Entra does not ask.
func (c *call) me() error {
	return scim.Statusf(http.StatusNotImplemented, "The token is the tenant's and stands for no user, so that /Me is nobody.")
}
