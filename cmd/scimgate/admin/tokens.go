package admin

import (
	"context"
	"time"

	"scimgate/tenant"
)

// DefaultTokenDays is how long a token lives where nobody says otherwise.
const DefaultTokenDays = 365

// TokenInput is a new token.
type TokenInput struct {
	Label         string `json:"label,omitempty" doc:"What the token is for" maxLength:"200"`
	ExpiresInDays int    `json:"expiresInDays,omitempty" doc:"Days that it lives; 365 where absent" minimum:"1" maximum:"3650"`
}

// Minted is a new token with its secret, which is shown this once.
type Minted struct {
	*tenant.Token
	Secret    string `json:"token" doc:"The Secret Token for Azure; it cannot be shown again"`
	TenantURL string `json:"tenantURL" doc:"The Tenant URL for Azure"`
}

// CreateToken mints a token of a tenant. Earlier ones stay valid, so that a
// rotation has no gap.
func (s *Service) CreateToken(ctx context.Context, id tenant.ID, in TokenInput) (*Minted, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	if in.ExpiresInDays == 0 {
		in.ExpiresInDays = DefaultTokenDays
	}
	now := time.Now()
	secret, token := tenant.NewToken(s.Keys, id, in.Label, now.AddDate(0, 0, in.ExpiresInDays), now)
	if err := s.Tenants.CreateToken(ctx, token); err != nil {
		return nil, err
	}
	return &Minted{Token: token, Secret: secret, TenantURL: s.TenantURL(id)}, nil
}

// Tokens lists a tenant's tokens, newest first.
func (s *Service) Tokens(ctx context.Context, id tenant.ID) ([]*tenant.Token, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	return s.Tenants.Tokens(ctx, id)
}

// RevokeToken ends a token at once.
func (s *Service) RevokeToken(ctx context.Context, id tenant.ID, keyID string) error {
	err := s.Tenants.RevokeToken(ctx, id, keyID)
	s.Resolver.Forget(id)
	return err
}
