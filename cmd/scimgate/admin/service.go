package admin

import (
	"context"
	"log/slog"
	"strings"

	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/mapping"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// Directory is what a Service needs of the store of resources.
type Directory interface {
	directory.Store
	directory.Deliveries
	directory.Journal
}

// Service is what an operator can do. Its fields are set before the first call
// and not changed after; its methods may be called concurrently. Their errors are
// those of the stores (tenant.ErrNotFound, tenant.ErrExists, …), or *InvalidError.
type Service struct {
	Tenants   tenant.Store
	Ledger    tenant.Ledger
	Passes    tenant.Passes
	Notes     tenant.Notes
	Directory Directory
	Keys      *tenant.Keys
	Resolver  *tenant.Resolver // forgets what has changed
	// Open opens a connection, which is how settings are checked.
	Open  func(ctx context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Connector, error)
	Drift Drift // compares store and account
	// Wake hints that a tenant has something due.
	Wake func(tenant.ID)
	// Forget drops what is counted of a tenant outside of the stores; nil: nothing is.
	Forget func(context.Context, tenant.ID) error
	// IssuerKeys finds out whether an issuer's keys can be had from a URL; nil does not.
	IssuerKeys func(ctx context.Context, url string) error
	// Breakers tells where those of a tenant's connections stand, whichever process
	// serves them; nil tells nothing.
	Breakers func(context.Context, tenant.ID) ([]delivery.ConnectionState, error)
	// Requests tells a tenant's last requests, newest first; nil tells of none.
	Requests  func(context.Context, *tenant.Tenant) []server.Line
	PublicURL string // what Tenant URLs begin with
	// ConsoleURL is where people find the console, "https://scim.example.com/console".
	ConsoleURL string
	Ready      func(ctx context.Context) error // whether the stores answer
	// Audited is told of each audit that ended; report is nil where it failed. Nil
	// tells nobody.
	Audited func(report *delivery.AuditReport)
	Log     *slog.Logger

	audits audits
}

// InvalidError says what is wrong with what an operator gave, everything at once. It
// holds no secret.
type InvalidError struct {
	Faults []string
	Rules  []mapping.Fault // of rules, the same by their parts

	written mapping.Positions // of the rules, as they were given
}

func (e *InvalidError) Error() string { return strings.Join(e.Faults, "; ") }

func invalid(fault string) error { return &InvalidError{Faults: []string{fault}} }

// TenantURL is what an identity provider's administrator pastes into Azure.
func (s *Service) TenantURL(id tenant.ID) string {
	return s.PublicURL + "/t/" + string(id) + "/identity/scim"
}

// Vault seals what is kept of a tenant by the tenant's own key.
func (s *Service) Vault() tenant.Vault { return tenant.Vault{Keys: s.Keys, Store: s.Tenants} }

// update edits a tenant and drops what is cached of it, so that the next request
// sees the change.
func (s *Service) update(ctx context.Context, id tenant.ID, edit func(*tenant.Tenant) error) (*tenant.Tenant, error) {
	t, err := s.Tenants.UpdateTenant(ctx, id, func(t *tenant.Tenant) error {
		if err := matches(ctx, t); err != nil {
			return err
		}
		return edit(t)
	})
	if err != nil {
		return nil, err
	}
	matched(ctx)
	s.Resolver.Forget(id)
	return t, nil
}
