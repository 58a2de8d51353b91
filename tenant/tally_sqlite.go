package tenant

import (
	"context"
	"time"
)

const sqliteTallies = `
CREATE TABLE IF NOT EXISTS tenant_tallies (
	tenant TEXT PRIMARY KEY, version INTEGER NOT NULL, doc BLOB NOT NULL
) WITHOUT ROWID;`

// AddToTally implements Tallies. The tenant is looked for in the same statement, so
// that a late count cannot outlive its tenant.
func (s *SQLite) AddToTally(ctx context.Context, id ID, more Tallied, last time.Time) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		return s.tally(ctx, id)
	}
	return addToTally(ctx, more, last, load, func(next int64, doc []byte) (bool, error) {
		n, err := s.change(ctx, `INSERT INTO tenant_tallies (tenant, version, doc)
			SELECT ?1, ?2, ?3 FROM tenant_tenants WHERE id = ?1
			ON CONFLICT (tenant) DO UPDATE SET version = ?2, doc = ?3 WHERE version = ?2 - 1`, id, next, doc)
		return n == 1, err
	})
}

// Tally implements Tallies.
func (s *SQLite) Tally(ctx context.Context, id ID) (Tally, error) {
	_, doc, err := s.tally(ctx, id)
	if err != nil {
		return Tally{}, err
	}
	return decodeTally(doc)
}

func (s *SQLite) tally(ctx context.Context, id ID) (version int64, doc []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT version, doc FROM tenant_tallies WHERE tenant = ?`, id).Scan(&version, &doc)
	return version, doc, absent(notFound(err))
}
