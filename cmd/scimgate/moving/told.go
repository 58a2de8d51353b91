package moving

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"scimgate/tenant"
)

// Export and import are told among the changes, as what the API does is: that they
// begin, and what became of them. An import begins of no tenant yet, so that the word
// stays if the tenant does not. Who takes a tenant's users out of the store, and their
// credentials with them, has changed nothing, and is told of all the same.

func beginExport(ctx context.Context, s Stores, id tenant.ID, secrets bool) (*tenant.Change, error) {
	c := command("export-tenant", "Export a tenant", id)
	if c.Tenant = id; secrets {
		c.Summary = "Export a tenant with its credentials"
	}
	return c, begin(ctx, s, c)
}

func endExport(ctx context.Context, s Stores, c *tenant.Change, sum Summary, fault error) error {
	if c.Status = http.StatusOK; fault != nil {
		c.Status = http.StatusServiceUnavailable
	} else {
		c.Note = counts(sum)
	}
	return s.Tenants.EndChange(context.WithoutCancel(ctx), c)
}

// command is a change that somebody makes at the store, by a command.
func command(operation, summary string, id tenant.ID) *tenant.Change {
	c := tenant.NewChange(time.Now())
	c.Actor = tenant.Principal{Kind: tenant.CommandPrincipal, Role: tenant.Operator}
	c.Operation, c.Summary, c.Resource = operation, summary, "/tenants/"+string(id)
	return c
}

func begin(ctx context.Context, s Stores, c *tenant.Change) error {
	if err := s.Tenants.BeginChange(ctx, c); err != nil {
		return fmt.Errorf("tell of a change: %w", err)
	}
	return nil
}

func counts(s Summary) string {
	return fmt.Sprintf("%d users, %d groups, %d members", s.Users, s.Groups, s.Members)
}

func (i *importer) begin(ctx context.Context) (*tenant.Change, error) {
	c := command("import-tenant", "Import a tenant", i.id)
	return c, begin(ctx, i.Stores, c)
}

func (i *importer) done(ctx context.Context, c *tenant.Change, s Summary) error {
	c.Tenant, c.Status = i.id, http.StatusCreated
	c.Note = counts(s)
	return i.Tenants.EndChange(ctx, c)
}

// failed tells of an import that left nothing, or that was refused.
func (i *importer) failed(ctx context.Context, c *tenant.Change, err error) error {
	if c.Status = http.StatusServiceUnavailable; errors.Is(err, tenant.ErrExists) {
		c.Status = http.StatusConflict
	}
	return i.Tenants.EndChange(context.WithoutCancel(ctx), c)
}
