package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/tenant"
)

// place is where everything is: the one line that --json prints (design 8).
type place struct {
	PublicURL  string    `json:"publicURL"`
	ConsoleURL string    `json:"consoleURL"`
	AdminKey   string    `json:"adminKey"`
	Tenants    []tenancy `json:"tenants"`
}

type tenancy struct {
	ID           string `json:"id"`
	TenantURL    string `json:"tenantURL"`
	Token        string `json:"token"`
	SandboxURL   string `json:"sandboxURL"`
	SandboxToken string `json:"sandboxToken"`
}

// settle makes the tenant and its connection, or brings those of an earlier
// start up to date, and mints a token. Earlier tokens stay valid.
func settle(ctx context.Context, g *gateway.Gateway, a *account, s secrets) (*place, error) {
	if err := settleTenant(ctx, g.Admin); err != nil {
		return nil, err
	}
	settings, err := json.Marshal(map[string]string{"baseURL": a.url, "token": a.token})
	if err != nil {
		return nil, err
	}
	in := admin.ConnectionInput{Kind: "appspace", Settings: settings, Groups: new(true)}
	if _, err := g.Admin.PutConnection(ctx, TenantID, "appspace", in); err != nil {
		return nil, err
	}
	minted, err := g.Admin.CreateToken(ctx, TenantID, admin.TokenInput{Label: "demo " + time.Now().UTC().Format(time.DateTime)})
	if err != nil {
		return nil, err
	}
	return &place{
		PublicURL: g.PublicURL, ConsoleURL: g.AdminURL + "/console", AdminKey: s.adminKey,
		Tenants: []tenancy{{
			ID: TenantID, TenantURL: g.PublicURL + "/t/" + TenantID + "/identity/scim", Token: minted.Secret,
			SandboxURL: a.url, SandboxToken: a.token,
		}},
	}, nil
}

// settleTenant makes the demo's tenant: its account deletes whom Entra deletes, as
// many at once as Entra likes, and it may go as fast as a benchmark likes.
func settleTenant(ctx context.Context, service *admin.Service) error {
	onDelete := string(tenant.Delete)
	_, err := service.CreateTenant(ctx, admin.TenantInput{
		ID: TenantID, DisplayName: "Demo account",
		Settings: &admin.SettingsInput{
			OnDelete: &onDelete, Limit: &admin.LimitInput{Rate: 10_000, Burst: 10_000},
			Guard: &admin.GuardInput{Off: new(true)},
		},
	})
	if errors.Is(err, tenant.ErrExists) {
		return nil
	}
	return err
}

// announce tells where everything is, once both listeners answer.
func (p *place) announce(o Options) error {
	if o.JSON {
		return json.NewEncoder(o.Out).Encode(p)
	}
	t := p.Tenants[0]
	_, err := fmt.Fprintf(o.Out, `scimgate is up. Stop it with Ctrl-C.

  What an Entra administrator pastes into Azure:
    Tenant URL    %s
    Secret Token  %s

  The Appspace account behind it (a sandbox):
    %s
    token %s

  The console, and the operator's API:
    %s
    %s/api/v1
    key %s

  Try:
    curl -H 'Authorization: Bearer %s' '%s/Users?count=3'

`, t.TenantURL, t.Token, t.SandboxURL, t.SandboxToken, p.ConsoleURL, p.adminURL(), p.AdminKey, t.Token, t.TenantURL)
	return err
}

func (p *place) adminURL() string { return p.ConsoleURL[:len(p.ConsoleURL)-len("/console")] }
