package admin

import (
	"context"
	"errors"
	"time"

	"scimgate/cmd/scimgate/entra"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// testTime and drillTime bound the tests, less than the listener does, and testLife the
// token that they show, should a crash keep it from being revoked.
const (
	testTime  = 20 * time.Second
	drillTime = 40 * time.Second
	testLife  = 5 * time.Minute
)

// leftFor is how long what a drill made may be there, and mostLeft how much of it is
// removed at once.
const (
	leftFor  = time.Hour
	mostLeft = 200
)

// TestTenantURL plays Entra's "Test connection" against the tenant's own Tenant URL. It
// reads only: nothing is made that could be delivered. What it finds holds from this
// process; whether Entra reaches the URL, Entra alone can tell.
func (s *Service) TestTenantURL(ctx context.Context, id tenant.ID) (report *entra.Report, err error) {
	err = s.withTestToken(ctx, id, testTime, func(ctx context.Context, client *entra.Client) error {
		found := entra.Probe(ctx, client, nil)
		report = &found
		return nil
	})
	return report, err
}

// DrillTenantURL plays all that Entra and Okta are known to send against the tenant's
// own Tenant URL. What it makes is marked, never delivered, and removed at the end;
// what an earlier drill had to leave is removed at the beginning. A drill that takes
// longer than drillTime ends before its time, and tells so.
func (s *Service) DrillTenantURL(ctx context.Context, id tenant.ID) (drilled *entra.Drilled, err error) {
	if err := s.sweepDrills(ctx, id, time.Now().Add(-leftFor)); err != nil {
		return nil, err
	}
	err = s.withTestToken(ctx, id, drillTime, func(ctx context.Context, client *entra.Client) error {
		found, err := entra.Drill(ctx, client, entra.Exercise{})
		if err != nil {
			return invalid("the Tenant URL does not answer as it should: " + err.Error())
		}
		drilled = &found
		note(ctx, "%d of %d rows pass", found.Passed, len(found.Rows))
		return nil
	})
	return drilled, err
}

// withTestToken plays something with a token that is minted for it and revoked after.
func (s *Service) withTestToken(ctx context.Context, id tenant.ID, within time.Duration, play func(context.Context, *entra.Client) error) error {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return err
	}
	if t.Settings.Paused {
		return invalid("SCIM is switched off for this tenant: every request is asked to come again later")
	}
	now := time.Now()
	secret, token := tenant.NewToken(s.Keys, id, "connection test", now.Add(testLife), now)
	if err := s.Tenants.CreateToken(ctx, token); err != nil {
		return err
	}
	err = s.playTest(ctx, id, secret, within, play)
	if gone := s.RevokeToken(context.WithoutCancel(ctx), id, token.KeyID); err == nil {
		err = gone
	}
	return err
}

func (s *Service) playTest(ctx context.Context, id tenant.ID, secret string, within time.Duration, play func(context.Context, *entra.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client, err := entra.NewClient(s.TenantURL(id), secret, 1)
	if err != nil {
		return invalid("public-url: " + err.Error())
	}
	defer client.Close()
	return play(ctx, client)
}

// sweepDrills removes what drills made before a time and could not remove.
func (s *Service) sweepDrills(ctx context.Context, id tenant.ID, before time.Time) error {
	for kind, name := range sortedBy {
		filter := name + ` sw "` + entra.DrillNames + `"`
		page, err := s.Resources(ctx, id, ResourceQuery{Kind: kind, Filter: filter, Limit: mostLeft})
		if err != nil {
			return err
		}
		for _, r := range page.Resources {
			if !scim.IsDrill(r.ID) || r.Created.After(before) {
				continue
			}
			err := s.Directory.Delete(ctx, id, directory.Ref{Kind: kind, ID: r.ID}, nil, func(*scim.Resource) error { return nil })
			if err != nil && !errors.Is(err, directory.ErrNotFound) {
				return err
			}
		}
	}
	return nil
}

func (s *Service) drillTenantURL(ctx context.Context, in *InTenant) (*entra.Drilled, error) {
	return s.DrillTenantURL(ctx, in.Tenant)
}

func (s *Service) testTenantURL(ctx context.Context, in *InTenant) (*entra.Report, error) {
	return s.TestTenantURL(ctx, in.Tenant)
}
