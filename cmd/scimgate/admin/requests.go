package admin

import (
	"context"

	"scimgate/scim/server"
	"scimgate/tenant"
)

// LastRequests are the last requests of a tenant's identity provider that this process
// answered, newest first: searches and refusals too, of which the journal knows nothing.
func (s *Service) LastRequests(ctx context.Context, id tenant.ID) ([]server.Line, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil || s.Requests == nil {
		return []server.Line{}, err
	}
	return s.Requests(id), nil
}

func (s *Service) listRequests(ctx context.Context, in *InTenant) (list[server.Line], error) {
	all, err := s.LastRequests(ctx, in.Tenant)
	return list[server.Line]{all}, err
}
