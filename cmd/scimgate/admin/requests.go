package admin

import (
	"context"

	"scimgate/scim/server"
)

// listRequests lists the last requests of a tenant's identity provider, newest first:
// searches and refusals too, of which the journal knows nothing.
func (s *Service) listRequests(ctx context.Context, in *InTenant) (list[server.Line], error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil || s.Requests == nil {
		return list[server.Line]{[]server.Line{}}, err
	}
	return list[server.Line]{s.Requests(ctx, t)}, nil
}
