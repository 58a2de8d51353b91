package admin

import (
	"context"

	"scimgate/tenant"
)

// Counted tells what a tenant's identity provider needs beyond the RFCs: each
// leniency that was used, by name. A tenant without any could be strict.
func (s *Service) Counted(ctx context.Context, id tenant.ID) ([]tenant.LedgerEntry, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	return s.Ledger.Ledger(ctx, id)
}

func (s *Service) listLedger(ctx context.Context, in *InTenant) (list[tenant.LedgerEntry], error) {
	entries, err := s.Counted(ctx, in.Tenant)
	return listOf(entries, func(e tenant.LedgerEntry) tenant.LedgerEntry { return e }), err
}
