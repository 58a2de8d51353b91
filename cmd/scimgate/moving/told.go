package moving

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"scimgate/tenant"
)

// An import is told among the changes, as what the API does is: that it begins, of no
// tenant yet, so that the word stays if the tenant does not; and what became of it.

func (i *importer) begin(ctx context.Context) (*tenant.Change, error) {
	c := tenant.NewChange(time.Now())
	c.Actor = tenant.Principal{Kind: tenant.CommandPrincipal, Role: tenant.Operator}
	c.Operation, c.Resource = "import-tenant", "/tenants/"+string(i.id)
	if err := i.Tenants.BeginChange(ctx, c); err != nil {
		return nil, fmt.Errorf("tell of a change: %w", err)
	}
	return c, nil
}

func (i *importer) done(ctx context.Context, c *tenant.Change, s Summary) error {
	c.Tenant, c.Status = i.id, http.StatusCreated
	c.Note = fmt.Sprintf("%d users, %d groups, %d members", s.Users, s.Groups, s.Members)
	return i.Tenants.EndChange(ctx, c)
}

// failed tells of an import that left nothing, or that was refused.
func (i *importer) failed(ctx context.Context, c *tenant.Change, err error) error {
	if c.Status = http.StatusServiceUnavailable; errors.Is(err, tenant.ErrExists) {
		c.Status = http.StatusConflict
	}
	return i.Tenants.EndChange(context.WithoutCancel(ctx), c)
}
