package tenant

import "context"

// EditDepartures implements Counter. The tenant is looked for in the same
// statement, so that a late count cannot outlive its tenant.
func (s *SQLite) EditDepartures(ctx context.Context, id ID, slot Slot, edit func(*Departures) bool) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		row := s.db.QueryRowContext(ctx, `SELECT version, doc FROM tenant_departures WHERE tenant = ? AND slot = ?`, id, slot)
		err = row.Scan(&version, &doc)
		return version, doc, absent(notFound(err))
	}
	return editDepartures(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		n, err := s.change(ctx, `INSERT INTO tenant_departures (tenant, slot, version, doc)
			SELECT ?1, ?2, ?3, ?4 FROM tenant_tenants WHERE id = ?1
			ON CONFLICT (tenant, slot) DO UPDATE SET version = ?3, doc = ?4 WHERE version = ?3 - 1`, id, slot, next, doc)
		return n == 1, err
	})
}
