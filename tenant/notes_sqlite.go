package tenant

import "context"

const sqliteNotes = `
CREATE TABLE IF NOT EXISTS tenant_notes (
	tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, doc BLOB NOT NULL,
	PRIMARY KEY (tenant, name)
) WITHOUT ROWID;`

var noteRow = keptRow{
	query: `SELECT version, doc FROM tenant_notes WHERE tenant = ? AND name = ?`,
	swap: `INSERT INTO tenant_notes (tenant, name, version, doc)
		SELECT ?1, ?2, ?3, ?4 FROM tenant_tenants WHERE id = ?1
		ON CONFLICT (tenant, name) DO UPDATE SET version = ?3, doc = ?4 WHERE version = ?3 - 1`,
}

// EditNote implements Notes.
func (s *SQLite) EditNote(ctx context.Context, id ID, name string, edit func(was []byte) ([]byte, bool, error)) error {
	return s.editKept(ctx, noteRow, id, edit, id, name)
}

// Note implements Notes.
func (s *SQLite) Note(ctx context.Context, id ID, name string) ([]byte, error) {
	_, doc, err := s.kept(ctx, noteRow, id, name)
	return doc, err
}

// DropNotes implements Notes.
func (s *SQLite) DropNotes(ctx context.Context, id ID, prefix string) error {
	low, high := beginning(prefix)
	_, err := s.change(ctx, `DELETE FROM tenant_notes WHERE tenant = ? AND name >= ? AND name < ?`, id, low, high)
	return err
}
