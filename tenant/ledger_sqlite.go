package tenant

import "context"

var ledgerRow = keptRow{
	query: `SELECT version, doc FROM tenant_ledger WHERE tenant = ?`,
	swap: `INSERT INTO tenant_ledger (tenant, version, doc)
		SELECT ?1, ?2, ?3 FROM tenant_tenants WHERE id = ?1
		ON CONFLICT (tenant) DO UPDATE SET version = ?2, doc = ?3 WHERE version = ?2 - 1`,
}

// AddToLedger implements Ledger.
func (s *SQLite) AddToLedger(ctx context.Context, id ID, entries []LedgerEntry) error {
	return s.editKept(ctx, ledgerRow, id, addingToLedger(entries), id)
}

// Ledger implements Ledger.
func (s *SQLite) Ledger(ctx context.Context, id ID) ([]LedgerEntry, error) {
	_, doc, err := s.kept(ctx, ledgerRow, id)
	if err != nil {
		return nil, err
	}
	return decodeLedger(doc)
}
