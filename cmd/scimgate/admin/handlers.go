package admin

import (
	"context"
	"net/http"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// The operations as the API calls them: read the input, call the Service, show
// what came of it.

func (s *Service) listTenants(ctx context.Context, in *page) (list[TenantView], error) {
	tenants, err := s.Tenants.Tenants(ctx, in.After, in.Limit)
	return listOf(tenants, s.view), err
}

func (s *Service) createTenant(ctx context.Context, in *struct{ Body TenantInput }) (TenantView, error) {
	t, err := s.CreateTenant(ctx, in.Body)
	return s.viewOf(t, err)
}

func (s *Service) showTenant(ctx context.Context, in *InTenant) (TenantView, error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	return s.viewOf(t, err)
}

func (s *Service) changeTenant(ctx context.Context, in *body[TenantChange]) (TenantView, error) {
	if given := in.Body.Settings; given != nil && (given.Limit != nil || given.Limits != nil) && principalOf(ctx).Role != tenant.Operator {
		return TenantView{}, problem(http.StatusForbidden, "settings.limit, settings.limits: only operators change them; nothing was changed")
	}
	t, err := s.ChangeTenant(ctx, in.Tenant, in.Body)
	return s.viewOf(t, err)
}

func (s *Service) deleteTenant(ctx context.Context, in *InTenant) (none, error) {
	return nil, s.DeleteTenant(ctx, in.Tenant)
}

func (s *Service) listTokens(ctx context.Context, in *pageOfTenant) (list[TokenView], error) {
	tokens, err := s.Tokens(ctx, in.Tenant)
	return listPage(tokens, err, in.Page, tokenID, viewToken)
}

func tokenID(t *tenant.Token) string { return t.KeyID }

func (s *Service) createToken(ctx context.Context, in *body[TokenInput]) (*Minted, error) {
	return s.CreateToken(ctx, in.Tenant, in.Body)
}

func (s *Service) revokeToken(ctx context.Context, in *InToken) (none, error) {
	return nil, s.RevokeToken(ctx, in.Tenant, in.KeyID)
}

func (s *Service) listConnections(ctx context.Context, in *InTenant) (list[ConnectionView], error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil {
		return list[ConnectionView]{}, err
	}
	views := viewConnections(t)
	return views, s.showBreakers(ctx, in.Tenant, views.Items)
}

func (s *Service) showConnection(ctx context.Context, in *InConnection) (ConnectionView, error) {
	_, c, err := s.connection(ctx, in.Tenant, in.Connection)
	if err != nil {
		return ConnectionView{}, err
	}
	views := []ConnectionView{viewConnection(c)}
	err = s.showBreakers(ctx, in.Tenant, views)
	return views[0], err
}

type connectionBody struct {
	InConnection
	Body ConnectionInput
}

func (s *Service) putConnection(ctx context.Context, in *connectionBody) (ConnectionView, error) {
	c, err := s.PutConnection(ctx, in.Tenant, in.Connection, in.Body)
	return viewConnection(c), err
}

func (s *Service) changeConnection(ctx context.Context, in *connectionBody) (ConnectionView, error) {
	c, err := s.ChangeConnection(ctx, in.Tenant, in.Connection, in.Body)
	return viewConnection(c), err
}

func (s *Service) deleteConnection(ctx context.Context, in *InConnection) (none, error) {
	return nil, s.DeleteConnection(ctx, in.Tenant, in.Connection)
}

func (s *Service) testConnection(ctx context.Context, in *InConnection) (TestResult, error) {
	return s.TestConnection(ctx, in.Tenant, in.Connection)
}

func (s *Service) listAttributes(ctx context.Context, in *InTenant) (list[tenant.Attribute], error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	return viewAttributes(t), err
}

func (s *Service) createAttribute(ctx context.Context, in *body[AttributeInput]) (list[tenant.Attribute], error) {
	t, err := s.CreateAttribute(ctx, in.Tenant, in.Body)
	return viewAttributes(t), err
}

func (s *Service) putAttributes(ctx context.Context, in *body[list[AttributeInput]]) (list[tenant.Attribute], error) {
	t, err := s.PutAttributes(ctx, in.Tenant, in.Body.Items)
	return viewAttributes(t), err
}

func (s *Service) deleteAttribute(ctx context.Context, in *struct {
	InTenant
	Property string `path:"property" maxLength:"64"`
},
) (none, error) {
	return nil, s.DeleteAttribute(ctx, in.Tenant, in.Property)
}

func (s *Service) listDeliveries(ctx context.Context, in *struct {
	InTenant
	State directory.State `query:"state" enum:"due,parked,held" default:"due"`
	After string          `query:"after" doc:"next of the page before" maxLength:"200"`
	Limit int             `query:"limit" minimum:"1" maximum:"500" default:"200"`
},
) (OwedPage, error) {
	return s.Deliveries(ctx, in.Tenant, in.State, in.After, in.Limit)
}

func (s *Service) replay(ctx context.Context, in *body[ReplayInput]) (Replayed, error) {
	return s.Replay(ctx, in.Tenant, in.Body)
}
