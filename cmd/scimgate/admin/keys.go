package admin

import (
	"context"
	"fmt"
	"time"

	"scimgate/tenant"
)

// DefaultKeyDays is how long an API key lives where nobody says otherwise, and
// MostKeys how many a tenant may have.
const (
	DefaultKeyDays = 90
	MostKeys       = 50
)

// KeyInput is a new API key of one tenant.
type KeyInput struct {
	Name          string      `json:"name" doc:"What it is for" minLength:"1" maxLength:"200"`
	Role          tenant.Role `json:"role" doc:"administrator may change the tenant, support only look" enum:"administrator,support"`
	ExpiresInDays int         `json:"expiresInDays,omitempty" doc:"Days that it lives; 90 where absent" minimum:"1" maximum:"730"`
}

// OperatorKeyInput is a new API key of an operator's.
type OperatorKeyInput struct {
	Name          string      `json:"name" doc:"What it is for" minLength:"1" maxLength:"200"`
	Role          tenant.Role `json:"role" doc:"operator may change everything, support only look" enum:"operator,support"`
	Tenant        tenant.ID   `json:"tenant,omitempty" doc:"The one tenant that it is for; absent: all" maxLength:"63"`
	ExpiresInDays int         `json:"expiresInDays,omitempty" doc:"Days that it lives; 90 where absent" minimum:"1" maximum:"730"`
}

// MadeKey is a new API key with its secret, which is shown this once.
type MadeKey struct {
	*tenant.APIKey
	Secret string `json:"key" doc:"Show it as Authorization: Bearer …; it cannot be shown again"`
}

// CreateKey makes an API key of a tenant.
func (s *Service) CreateKey(ctx context.Context, id tenant.ID, in KeyInput) (*MadeKey, error) {
	return s.createKey(ctx, OperatorKeyInput{in.Name, in.Role, id, in.ExpiresInDays})
}

// CreateOperatorKey makes an API key of all tenants, or of one.
func (s *Service) CreateOperatorKey(ctx context.Context, in OperatorKeyInput) (*MadeKey, error) {
	return s.createKey(ctx, in)
}

func (s *Service) createKey(ctx context.Context, in OperatorKeyInput) (*MadeKey, error) {
	if in.Tenant != "" {
		if _, err := s.Tenants.Tenant(ctx, in.Tenant); err != nil {
			return nil, err
		}
		ofTenant(ctx, in.Tenant)
	}
	if err := s.mayHaveKey(ctx, in.Tenant); err != nil {
		return nil, err
	}
	if in.ExpiresInDays == 0 {
		in.ExpiresInDays = DefaultKeyDays
	}
	now := time.Now()
	secret, key := tenant.NewAPIKey(s.Keys, in.Tenant, in.Role, in.Name, now.AddDate(0, 0, in.ExpiresInDays), now)
	key.Author = authorOf(principalOf(ctx))
	if err := s.Tenants.CreateAPIKey(ctx, key); err != nil {
		return nil, err
	}
	return &MadeKey{key, secret}, nil
}

// mayHaveKey is an InvalidError where there are as many keys as there may be, of a
// tenant or, "", of all tenants. What the tenants have is not counted among the latter.
func (s *Service) mayHaveKey(ctx context.Context, id tenant.ID) error {
	own, most := 0, mostKeys
	if id != "" {
		most = MostKeys
	}
	for after := ""; ; {
		page, err := s.Tenants.APIKeys(ctx, id, after, mostKeys)
		if err != nil {
			return err
		}
		for _, k := range page {
			if after = k.ID; k.Tenant == id {
				own++
			}
		}
		if own >= most {
			return invalid(fmt.Sprintf("there are at most %d API keys of a tenant, and %d of all tenants; revoke what is not used any more", MostKeys, mostKeys))
		}
		if len(page) < mostKeys {
			return nil
		}
	}
}

// authorOf is how a principal stands beside what they made.
func authorOf(p tenant.Principal) string {
	switch {
	case p.Name != "":
		return p.Name
	case p.Kind == tenant.KeyPrincipal:
		return p.String()
	default:
		return string(p.Role)
	}
}

// TenantKeys lists a tenant's own API keys: those that its administrators made, or
// could have made.
func (s *Service) TenantKeys(ctx context.Context, id tenant.ID, after string, limit int) ([]*tenant.APIKey, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	var kept []*tenant.APIKey
	for {
		page, err := s.Tenants.APIKeys(ctx, id, after, limit)
		if err != nil {
			return nil, err
		}
		for _, k := range page {
			if after = k.ID; k.Role != tenant.Operator && len(kept) < limit {
				kept = append(kept, k)
			}
		}
		if len(page) < limit || len(kept) == limit {
			return kept, nil
		}
	}
}

// RevokeKey ends a tenant's API key at once, or tells tenant.ErrNotFound.
func (s *Service) RevokeKey(ctx context.Context, id tenant.ID, keyID string) error {
	key, err := s.Tenants.APIKey(ctx, keyID)
	if err != nil {
		return err
	}
	if key.Tenant != id || key.Role == tenant.Operator {
		return tenant.ErrNotFound
	}
	return s.Tenants.DeleteAPIKey(ctx, keyID)
}

// RevokeAnyKey ends an API key, whosever it is, at once.
func (s *Service) RevokeAnyKey(ctx context.Context, keyID string) error {
	key, err := s.Tenants.APIKey(ctx, keyID)
	if err != nil {
		return err
	}
	if key.Tenant != "" {
		ofTenant(ctx, key.Tenant)
	}
	return s.Tenants.DeleteAPIKey(ctx, keyID)
}

// KeysPage asks for a page of API keys, by id.
type KeysPage struct {
	After string `query:"after" doc:"Id after which the list begins" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func same[T any](v T) T { return v }

func (s *Service) listKeys(ctx context.Context, in *KeysPage) (list[*tenant.APIKey], error) {
	keys, err := s.Tenants.APIKeys(ctx, "", in.After, in.Limit)
	return listOf(keys, same[*tenant.APIKey]), err
}

func (s *Service) createOperatorKey(ctx context.Context, in *struct{ Body OperatorKeyInput }) (*MadeKey, error) {
	return s.CreateOperatorKey(ctx, in.Body)
}

func (s *Service) revokeAnyKey(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"64"`
},
) (none, error) {
	return nil, s.RevokeAnyKey(ctx, in.ID)
}

func (s *Service) listTenantKeys(ctx context.Context, in *struct {
	InTenant
	KeysPage
},
) (list[*tenant.APIKey], error) {
	keys, err := s.TenantKeys(ctx, in.Tenant, in.After, in.Limit)
	return listOf(keys, same[*tenant.APIKey]), err
}

func (s *Service) createKeyOfTenant(ctx context.Context, in *body[KeyInput]) (*MadeKey, error) {
	return s.CreateKey(ctx, in.Tenant, in.Body)
}

func (s *Service) revokeKeyOfTenant(ctx context.Context, in *struct {
	InTenant
	ID string `path:"id" maxLength:"64"`
},
) (none, error) {
	return nil, s.RevokeKey(ctx, in.Tenant, in.ID)
}
