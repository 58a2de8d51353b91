package admin

import (
	"context"
	"time"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// TenantInput is a new tenant.
type TenantInput struct {
	ID          string         `json:"id" doc:"Slug in the Tenant URL: a-z, 0-9 and hyphens" example:"acme" minLength:"1" maxLength:"63" pattern:"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$" patternDescription:"a-z, 0-9 and hyphens, not at either end"`
	DisplayName string         `json:"displayName,omitempty" doc:"Name for people" maxLength:"200"`
	Settings    *SettingsInput `json:"settings,omitempty"`
}

// TenantChange changes a tenant; what is absent stays.
type TenantChange struct {
	DisplayName *string        `json:"displayName,omitempty" doc:"Name for people" maxLength:"200"`
	Settings    *SettingsInput `json:"settings,omitempty"`
}

// SettingsInput changes settings; what is absent stays.
type SettingsInput struct {
	Paused *bool `json:"paused,omitempty" doc:"Answer the identity provider 503 until resumed"`
	Strict *bool `json:"strict,omitempty" doc:"Refuse what the RFCs do not allow, instead of reading it kindly"`
	// The next two are what the administrator declares of the account's own settings.
	JustInTimeOff       *bool        `json:"justInTimeOff,omitempty" doc:"Declared: just-in-time provisioning is off in the account, as SCIM needs it"`
	AutomaticActivation *bool        `json:"automaticActivation,omitempty" doc:"Declared: the account activates provisioned users without an e-mail invitation"`
	OnDelete            *string      `json:"onDelete,omitempty" enum:"suspend,delete" doc:"What the account does with a deleted user"`
	Limit               *LimitInput  `json:"limit,omitempty" doc:"Of reading, and of writing; 25 requests per second are let through in any case"`
	Limits              *LimitsInput `json:"limits,omitempty" doc:"Of one class of requests, where it differs"`
	Guard               *GuardInput  `json:"guard,omitempty"`
}

// LimitsInput are rate limits by class; what is absent stays.
type LimitsInput struct {
	Read  *ClassLimitInput `json:"read,omitempty" doc:"Requests that read"`
	Write *ClassLimitInput `json:"write,omitempty" doc:"Requests that change something; each operation of a bulk request is one"`
	Token *ClassLimitInput `json:"token,omitempty" doc:"Requests for an access token"`
}

// ClassLimitInput is the rate limit of one class, or that it has none of its own.
type ClassLimitInput struct {
	Rate  float64 `json:"rate" doc:"Requests per second, sustained; 0: as limit says, and of access tokens 1 per second, 30 at once" minimum:"0" maximum:"1000000"`
	Burst int     `json:"burst,omitempty" doc:"Requests at once after a rest; 1 where absent" minimum:"0" maximum:"1000000"`
}

func (in *ClassLimitInput) apply(l *ratelimit.Limit) {
	if in != nil {
		*l = limitOrNone(in.Rate, in.Burst)
	}
}

// limitOrNone is a limit, or none where the rate is 0.
func limitOrNone(rate float64, burst int) ratelimit.Limit {
	if rate <= 0 {
		return ratelimit.Limit{}
	}
	return ratelimit.Limit{Rate: rate, Burst: max(burst, 1)}
}

// LimitInput is a rate limit.
type LimitInput struct {
	Rate  float64 `json:"rate" doc:"Requests per second, sustained" exclusiveMinimum:"0" maximum:"1000000"`
	Burst int     `json:"burst" doc:"Requests at once after a rest" minimum:"1" maximum:"1000000"`
}

func (in *SettingsInput) apply(s *tenant.Settings) {
	if in == nil {
		return
	}
	if in.Paused != nil {
		s.Paused = *in.Paused
	}
	if in.Strict != nil {
		s.Strict = *in.Strict
	}
	if in.JustInTimeOff != nil {
		s.JustInTimeOff = *in.JustInTimeOff
	}
	if in.AutomaticActivation != nil {
		s.AutomaticActivation = *in.AutomaticActivation
	}
	if in.OnDelete != nil {
		s.OnDelete = tenant.OnDelete(*in.OnDelete)
	}
	in.Guard.apply(&s.Guard)
	in.Limit.apply(&s.Limit)
	in.Limits.apply(&s.Limits)
}

func (in *LimitInput) apply(l *ratelimit.Limit) {
	if in != nil {
		*l = ratelimit.Limit{Rate: in.Rate, Burst: in.Burst}
	}
}

func (in *LimitsInput) apply(l *tenant.Limits) {
	if in != nil {
		in.Read.apply(&l.Read)
		in.Write.apply(&l.Write)
		in.Token.apply(&l.Token)
	}
}

// CreateTenant makes a tenant, or tells tenant.ErrExists.
func (s *Service) CreateTenant(ctx context.Context, in TenantInput) (*tenant.Tenant, error) {
	id, err := tenant.ParseID(in.ID)
	if err != nil {
		return nil, invalid("id: " + err.Error())
	}
	t := &tenant.Tenant{ID: id, DisplayName: in.DisplayName, Created: time.Now().UTC().Truncate(time.Millisecond)}
	in.Settings.apply(&t.Settings)
	if err := s.Vault().Provide(ctx, id); err != nil { // first, so that no tenant of ours is without
		return nil, err
	}
	if err := s.Tenants.CreateTenant(ctx, t); err != nil {
		return nil, err
	}
	madeTenant(ctx, id)
	return s.Tenants.Tenant(ctx, id)
}

// ChangeTenant changes name and settings.
func (s *Service) ChangeTenant(ctx context.Context, id tenant.ID, in TenantChange) (*tenant.Tenant, error) {
	t, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if in.DisplayName != nil {
			t.DisplayName = *in.DisplayName
		}
		in.Settings.apply(&t.Settings)
		return nil
	})
	if err == nil {
		s.Wake(id)
	}
	return t, err
}

// DeleteTenant removes a tenant with everything that is kept of it, and destroys
// the key that its secrets are sealed by. Its tokens stop at once; the account
// behind it stays as it is. Called again after a fault it finishes what it began.
func (s *Service) DeleteTenant(ctx context.Context, id tenant.ID) error {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return err
	}
	note(ctx, "the tenant is removed, and what was told of it")
	s.Resolver.Forget(id)
	if err := s.Directory.Erase(ctx, id); err != nil {
		return err
	}
	err := s.Tenants.DeleteTenant(ctx, id)
	s.Resolver.Forget(id)
	s.audits.forget(id)
	if err != nil {
		return err
	}
	s.forget(ctx, id)
	return s.Directory.Erase(ctx, id) // what a request stored that was under way
}

// forget drops what is counted of a tenant. It goes by itself too, so that nobody waits
// for that.
func (s *Service) forget(ctx context.Context, id tenant.ID) {
	if s.Forget == nil {
		return
	}
	if err := s.Forget(ctx, id); err != nil {
		s.Log.WarnContext(ctx, "what was counted of a deleted tenant is forgotten later", "tenant", string(id), "error", err)
	}
}
