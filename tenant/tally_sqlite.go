package tenant

import (
	"context"
	"time"
)

const sqliteTallies = `
CREATE TABLE IF NOT EXISTS tenant_tallies (
	tenant TEXT PRIMARY KEY, version INTEGER NOT NULL, doc BLOB NOT NULL
) WITHOUT ROWID;`

var tallyRow = keptRow{
	query: `SELECT version, doc FROM tenant_tallies WHERE tenant = ?`,
	swap: `INSERT INTO tenant_tallies (tenant, version, doc)
		SELECT ?1, ?2, ?3 FROM tenant_tenants WHERE id = ?1
		ON CONFLICT (tenant) DO UPDATE SET version = ?2, doc = ?3 WHERE version = ?2 - 1`,
}

// AddToTally implements Tallies.
func (s *SQLite) AddToTally(ctx context.Context, id ID, more Tallied, last time.Time) error {
	return s.editKept(ctx, tallyRow, id, addingToTally(more, last), id)
}

// Tally implements Tallies.
func (s *SQLite) Tally(ctx context.Context, id ID) (Tally, error) {
	_, doc, err := s.kept(ctx, tallyRow, id)
	if err != nil {
		return Tally{}, err
	}
	return decodeTally(doc)
}
