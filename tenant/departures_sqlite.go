package tenant

import "context"

var departuresRow = keptRow{
	query: `SELECT version, doc FROM tenant_departures WHERE tenant = ? AND slot = ?`,
	swap: `INSERT INTO tenant_departures (tenant, slot, version, doc)
		SELECT ?1, ?2, ?3, ?4 FROM tenant_tenants WHERE id = ?1
		ON CONFLICT (tenant, slot) DO UPDATE SET version = ?3, doc = ?4 WHERE version = ?3 - 1`,
}

// EditDepartures implements Counter.
func (s *SQLite) EditDepartures(ctx context.Context, id ID, slot Slot, edit func(*Departures) bool) error {
	return s.editKept(ctx, departuresRow, id, editingDepartures(edit), id, slot)
}
