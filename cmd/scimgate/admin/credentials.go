package admin

import (
	"context"
	"fmt"
	"time"

	"scimgate/tenant"
)

// MostCredentials is how many a tenant may have, tokens not counted.
const MostCredentials = 20

// CredentialInput is a new credential.
type CredentialInput struct {
	Kind          tenant.CredentialKind `json:"kind" enum:"client,federated,entra" doc:"client: OAuth client id and secret; federated: workload identity federation, without a secret; entra: Entra's own token where the Secret Token is left blank, for testing only"`
	Label         string                `json:"label,omitempty" doc:"What it is for" maxLength:"200"`
	ExpiresInDays int                   `json:"expiresInDays,omitempty" doc:"Days that a client's secret lives; 365 where absent" minimum:"1" maximum:"3650"`
	TokenMinutes  int                   `json:"tokenMinutes,omitempty" doc:"Minutes that access tokens live; 60 where absent" minimum:"60" maximum:"360"`
	Issued        *IssuedInput          `json:"issued,omitempty" doc:"What the issuer must have signed; of federated and entra"`
}

// CredentialChange changes a credential; what is absent stays.
type CredentialChange struct {
	Label        *string      `json:"label,omitempty" maxLength:"200"`
	Disabled     *bool        `json:"disabled,omitempty" doc:"It proves nothing until enabled again, and its access tokens end"`
	TokenMinutes *int         `json:"tokenMinutes,omitempty" minimum:"60" maximum:"360"`
	Issued       *IssuedInput `json:"issued,omitempty" doc:"All pins anew"`
}

// SecretInput is a further secret of a client.
type SecretInput struct {
	ExpiresInDays int `json:"expiresInDays,omitempty" doc:"Days that it lives; 365 where absent" minimum:"1" maximum:"3650"`
}

// CredentialView is a credential without its secrets.
type CredentialView struct {
	ID           string                `json:"id" doc:"The Client ID"`
	Kind         tenant.CredentialKind `json:"kind"`
	Label        string                `json:"label,omitempty"`
	Created      time.Time             `json:"created"`
	Disabled     bool                  `json:"disabled"`
	LastUsed     time.Time             `json:"lastUsed,omitzero" doc:"To the minute"`
	Warning      int                   `json:"warning,omitempty" doc:"It is in use, and its last secret has at most so many days left: 60, 30, 14, 7 or 1"`
	TenantURL    string                `json:"tenantURL" doc:"The Tenant URL for Azure"`
	TokenURL     string                `json:"tokenURL,omitempty" doc:"The token endpoint for Azure"`
	TokenMinutes int                   `json:"tokenMinutes,omitempty"`
	Secrets      []SecretView          `json:"secrets,omitempty"`
	Issued       *tenant.Issued        `json:"issued,omitempty"`
	Testing      bool                  `json:"testing,omitempty" doc:"For testing only: any custom application of the same directory gets such tokens"`
}

// SecretView is a client's secret without its text.
type SecretView struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// MadeCredential is a credential with a new secret, which is shown this once.
type MadeCredential struct {
	CredentialView
	Secret string `json:"secret,omitempty" doc:"The Client Secret for Azure; it cannot be shown again"`
}

// CreateCredential makes a credential. What others sign is trusted only after
// their keys were fetched once.
func (s *Service) CreateCredential(ctx context.Context, id tenant.ID, in CredentialInput) (*MadeCredential, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	all, err := s.Tenants.Credentials(ctx, id)
	if err != nil {
		return nil, err
	}
	if len(all) >= MostCredentials {
		return nil, invalid(fmt.Sprintf("a tenant has at most %d credentials beside its tokens", MostCredentials))
	}
	now, secret := time.Now(), ""
	c := tenant.NewCredential(id, in.Kind, in.Label, now)
	c.Life = time.Duration(in.TokenMinutes) * time.Minute
	if in.Kind == tenant.ClientCredential {
		if in.Issued != nil {
			return nil, invalid("issued: a client has a secret, and nothing that is signed")
		}
		secret = c.AddSecret(s.Keys, endOf(in.ExpiresInDays, now), now)
	} else if c.Issued, err = s.issued(ctx, in.Kind, in.Issued); err != nil {
		return nil, err
	}
	if err := s.Tenants.CreateCredential(ctx, c); err != nil {
		return nil, err
	}
	return &MadeCredential{s.viewCredential(c), secret}, nil
}

func endOf(days int, now time.Time) time.Time {
	if days == 0 {
		days = DefaultTokenDays
	}
	return now.AddDate(0, 0, days)
}

// Credentials lists a tenant's credentials, newest first.
func (s *Service) Credentials(ctx context.Context, id tenant.ID) ([]CredentialView, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	all, err := s.Tenants.Credentials(ctx, id)
	return listOf(all, s.viewCredential).Items, err
}

// Credential returns one credential of a tenant.
func (s *Service) Credential(ctx context.Context, id tenant.ID, credentialID string) (CredentialView, error) {
	c, err := s.Tenants.Credential(ctx, credentialID)
	if err != nil {
		return CredentialView{}, err
	}
	if c.Tenant != id {
		return CredentialView{}, tenant.ErrNotFound
	}
	return s.viewCredential(c), nil
}

// ChangeCredential changes a credential. What is disabled ends at once.
func (s *Service) ChangeCredential(ctx context.Context, id tenant.ID, credentialID string, in CredentialChange) (CredentialView, error) {
	old, err := s.Credential(ctx, id, credentialID)
	if err != nil {
		return CredentialView{}, err
	}
	var pins *tenant.Issued
	if in.Issued != nil {
		if pins, err = s.issued(ctx, old.Kind, in.Issued); err != nil {
			return CredentialView{}, err
		}
	}
	return s.editCredential(ctx, id, credentialID, func(c *tenant.Credential) error {
		if in.Label != nil {
			c.Label = *in.Label
		}
		if in.Disabled != nil {
			c.Disabled = *in.Disabled
		}
		if in.TokenMinutes != nil {
			c.Life = time.Duration(*in.TokenMinutes) * time.Minute
		}
		if pins != nil {
			c.Issued = pins
		}
		return nil
	})
}

// AddSecret gives a client a second secret, to move to. One that has run out makes
// room.
func (s *Service) AddSecret(ctx context.Context, id tenant.ID, credentialID string, in SecretInput) (*MadeCredential, error) {
	now, secret := time.Now(), ""
	view, err := s.editCredential(ctx, id, credentialID, func(c *tenant.Credential) error {
		if c.Kind != tenant.ClientCredential {
			return invalid("a credential of kind " + string(c.Kind) + " has no secret")
		}
		dropSecrets(c, func(old tenant.Secret) bool { return !now.Before(old.Expires) })
		if len(c.Secrets) >= tenant.MaxSecrets {
			return invalid(fmt.Sprintf("a client has at most %d secrets; remove the one that is not used any more", tenant.MaxSecrets))
		}
		secret = c.AddSecret(s.Keys, endOf(in.ExpiresInDays, now), now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &MadeCredential{view, secret}, nil
}

// DropSecret ends a client's secret at once, and the access tokens that it gave.
func (s *Service) DropSecret(ctx context.Context, id tenant.ID, credentialID, secretID string) (CredentialView, error) {
	return s.editCredential(ctx, id, credentialID, func(c *tenant.Credential) error {
		if dropSecrets(c, func(old tenant.Secret) bool { return old.ID == secretID }) == 0 {
			return tenant.ErrNotFound
		}
		return nil
	})
}

// dropSecrets removes secrets, and returns how many.
func dropSecrets(c *tenant.Credential, which func(tenant.Secret) bool) int {
	var kept []tenant.Secret
	for _, s := range c.Secrets {
		if !which(s) {
			kept = append(kept, s)
		}
	}
	dropped := len(c.Secrets) - len(kept)
	c.Secrets = kept
	return dropped
}

// DeleteCredential ends a credential and its access tokens at once.
func (s *Service) DeleteCredential(ctx context.Context, id tenant.ID, credentialID string) error {
	err := s.Tenants.DeleteCredential(ctx, id, credentialID)
	s.Resolver.Forget(id)
	return err
}

func (s *Service) editCredential(ctx context.Context, id tenant.ID, credentialID string, edit func(*tenant.Credential) error) (CredentialView, error) {
	c, err := s.Tenants.UpdateCredential(ctx, id, credentialID, edit)
	s.Resolver.Forget(id)
	if err != nil {
		return CredentialView{}, err
	}
	return s.viewCredential(c), nil
}

func (s *Service) viewCredential(c *tenant.Credential) CredentialView {
	v := CredentialView{
		ID: c.ID, Kind: c.Kind, Label: c.Label, Created: c.Created, Disabled: c.Disabled, LastUsed: c.LastUsed,
		Warning: c.Warning(time.Now()), TenantURL: s.TenantURL(c.Tenant), Issued: c.Issued,
		Testing: c.Kind == tenant.EntraCredential,
	}
	if !v.Testing {
		v.TokenURL, v.TokenMinutes = s.TokenURL(c.Tenant), int(c.Lives().Minutes())
	}
	for _, secret := range c.Secrets {
		v.Secrets = append(v.Secrets, SecretView{secret.ID, secret.Created, secret.Expires})
	}
	return v
}

// TokenURL is a tenant's token endpoint.
func (s *Service) TokenURL(id tenant.ID) string {
	return s.PublicURL + "/t/" + string(id) + "/oauth2/token"
}
