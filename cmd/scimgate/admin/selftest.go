package admin

import (
	"context"
	"time"

	"scimgate/cmd/scimgate/entra"
	"scimgate/tenant"
)

// testTime bounds the test, and testLife the token that it shows, should a crash
// keep it from being revoked.
const (
	testTime = 20 * time.Second
	testLife = 5 * time.Minute
)

// TestTenantURL plays Entra's "Test connection" against the tenant's own Tenant URL, with
// a token that is minted for it and revoked after. It reads only: nothing is made
// that could be delivered. What it finds holds from this process; whether Entra
// reaches the URL, Entra alone can tell.
func (s *Service) TestTenantURL(ctx context.Context, id tenant.ID) (*entra.Report, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if t.Settings.Paused {
		return nil, invalid("SCIM is switched off for this tenant: every request is asked to come again later")
	}
	now := time.Now()
	secret, token := tenant.NewToken(s.Keys, id, "connection test", now.Add(testLife), now)
	if err := s.Tenants.CreateToken(ctx, token); err != nil {
		return nil, err
	}
	report, err := s.playTest(ctx, id, secret)
	if gone := s.RevokeToken(context.WithoutCancel(ctx), id, token.KeyID); err == nil {
		err = gone
	}
	return report, err
}

func (s *Service) playTest(ctx context.Context, id tenant.ID, secret string) (*entra.Report, error) {
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	client, err := entra.NewClient(s.TenantURL(id), secret, 1)
	if err != nil {
		return nil, invalid("public-url: " + err.Error())
	}
	defer client.Close()
	report := entra.Probe(ctx, client, nil)
	return &report, nil
}

func (s *Service) testTenantURL(ctx context.Context, in *InTenant) (*entra.Report, error) {
	return s.TestTenantURL(ctx, in.Tenant)
}
