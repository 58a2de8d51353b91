package tenant

import "context"

// AddToLedger implements Ledger. The tenant is looked for in the same statement,
// so that a late count cannot outlive its tenant.
func (s *SQLite) AddToLedger(ctx context.Context, id ID, entries []LedgerEntry) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		return s.ledger(ctx, id)
	}
	return addToLedger(ctx, entries, load, func(next int64, doc []byte) (bool, error) {
		n, err := s.change(ctx, `INSERT INTO tenant_ledger (tenant, version, doc)
			SELECT ?1, ?2, ?3 FROM tenant_tenants WHERE id = ?1
			ON CONFLICT (tenant) DO UPDATE SET version = ?2, doc = ?3 WHERE version = ?2 - 1`, id, next, doc)
		return n == 1, err
	})
}

// Ledger implements Ledger.
func (s *SQLite) Ledger(ctx context.Context, id ID) ([]LedgerEntry, error) {
	_, doc, err := s.ledger(ctx, id)
	if err != nil {
		return nil, err
	}
	return decodeLedger(doc)
}

func (s *SQLite) ledger(ctx context.Context, id ID) (version int64, doc []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT version, doc FROM tenant_ledger WHERE tenant = ?`, id).Scan(&version, &doc)
	return version, doc, absent(notFound(err))
}
