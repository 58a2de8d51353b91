package admin

import (
	"context"
	"time"

	"scimgate/cmd/scimgate/entra"
	"scimgate/tenant"
)

// probeTime bounds a probe, and probeLife the token that it shows, should a crash
// keep it from being revoked.
const (
	probeTime = 20 * time.Second
	probeLife = 5 * time.Minute
)

// Probe plays Entra's "Test connection" against the tenant's own Tenant URL, with
// a token that is minted for it and revoked after. It reads only: nothing is made
// that could be delivered. What it finds holds from this process; whether Entra
// reaches the URL, Entra alone can tell.
func (s *Service) Probe(ctx context.Context, id tenant.ID) (*entra.Report, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if t.Settings.Paused {
		return nil, invalid("SCIM is switched off for this tenant: every request is asked to come again later")
	}
	now := time.Now()
	secret, token := tenant.NewToken(s.Keys, id, "connection test", now.Add(probeLife), now)
	if err := s.Tenants.CreateToken(ctx, token); err != nil {
		return nil, err
	}
	report, err := s.probe(ctx, id, secret)
	if gone := s.RevokeToken(context.WithoutCancel(ctx), id, token.KeyID); err == nil {
		err = gone
	}
	return report, err
}

func (s *Service) probe(ctx context.Context, id tenant.ID, secret string) (*entra.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	client, err := entra.NewClient(s.TenantURL(id), secret, 1)
	if err != nil {
		return nil, invalid("public-url: " + err.Error())
	}
	defer client.Close()
	report := entra.Probe(ctx, client, nil)
	return &report, nil
}

func (s *Service) probeTenant(ctx context.Context, in *InTenant) (*entra.Report, error) {
	return s.Probe(ctx, in.Tenant)
}
