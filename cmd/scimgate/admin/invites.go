package admin

import (
	"context"
	"encoding/json"
	"time"

	"scimgate/tenant"
)

// DefaultInviteHours is how long an invitation can be used where nobody says
// otherwise.
const DefaultInviteHours = 72

// Invite is an invitation that waits: whoever opens its link becomes the tenant's
// administrator in the console, once.
type Invite struct {
	ID      string    `json:"id"`
	For     string    `json:"for,omitempty"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// Invitation is a new invitation with its link, which is shown this once.
type Invitation struct {
	Invite
	URL string `json:"url" doc:"The link for the customer's administrator; it works once and cannot be shown again"`
}

// invited is what is sealed in an invitation.
type invited struct {
	For string `json:"for"`
}

// InvitePath is where in the console an invitation's secret is taken.
const InvitePath = "/invite/"

// CreateInvite makes a one-time link to a tenant's console.
func (s *Service) CreateInvite(ctx context.Context, id tenant.ID, in InviteInput) (*Invitation, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	if in.ExpiresInHours == 0 {
		in.ExpiresInHours = DefaultInviteHours
	}
	now := time.Now()
	secret, pass := tenant.NewPass(tenant.InvitePass, id, now, now.Add(time.Duration(in.ExpiresInHours)*time.Hour))
	text, err := json.Marshal(invited{For: in.For})
	if err != nil {
		return nil, err
	}
	if pass.Body, err = s.Vault().Seal(ctx, text, id, pass.Field()); err != nil {
		return nil, err
	}
	if err := s.Passes.SavePass(ctx, pass); err != nil {
		return nil, err
	}
	invite, err := s.invite(ctx, pass)
	return &Invitation{Invite: invite, URL: s.ConsoleURL + InvitePath + secret}, err
}

// Invites lists a tenant's invitations that can still be used, newest first.
func (s *Service) Invites(ctx context.Context, id tenant.ID) ([]Invite, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	passes, err := s.Passes.Passes(ctx, tenant.InvitePass, id, time.Now())
	if err != nil {
		return nil, err
	}
	all := []Invite{}
	for _, p := range passes {
		one, err := s.invite(ctx, p)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

func (s *Service) invite(ctx context.Context, p *tenant.Pass) (Invite, error) {
	text, err := s.Vault().Open(ctx, p.Body, p.Tenant, p.Field())
	if err != nil {
		return Invite{}, err
	}
	var in invited
	err = json.Unmarshal(text, &in)
	return Invite{ID: p.ID, For: in.For, Created: p.Created, Expires: p.Expires}, err
}

// RevokeInvite ends an invitation, or tells tenant.ErrNotFound.
func (s *Service) RevokeInvite(ctx context.Context, id tenant.ID, inviteID string) error {
	p, err := s.Passes.Pass(ctx, tenant.InvitePass, inviteID, time.Now())
	if err != nil {
		return err
	}
	if p.Tenant != id {
		return tenant.ErrNotFound
	}
	return s.Passes.DropPass(ctx, tenant.InvitePass, inviteID)
}

// ReadInvite tells which tenant an invitation leads to, and leaves it as it is:
// whoever looks at links before people do must not use them up.
func (s *Service) ReadInvite(ctx context.Context, secret string) (*tenant.Tenant, error) {
	p, err := s.Passes.Pass(ctx, tenant.InvitePass, tenant.PassID(secret), time.Now())
	if err != nil {
		return nil, err
	}
	return s.Tenants.Tenant(ctx, p.Tenant)
}

// TakeInvite uses an invitation up: of several callers one gets it, the others
// tenant.ErrNotFound. It tells whose administrator the holder becomes, and whom
// the invitation was for.
func (s *Service) TakeInvite(ctx context.Context, secret string) (*tenant.Tenant, Invite, error) {
	p, err := s.Passes.TakePass(ctx, tenant.InvitePass, tenant.PassID(secret), time.Now())
	if err != nil {
		return nil, Invite{}, err
	}
	one, err := s.invite(ctx, p)
	if err != nil {
		return nil, Invite{}, err
	}
	t, err := s.Tenants.Tenant(ctx, p.Tenant)
	return t, one, err
}
