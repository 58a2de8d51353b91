package tenant

import "context"

const sqliteNotes = `
CREATE TABLE IF NOT EXISTS tenant_notes (
	tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, doc BLOB NOT NULL,
	PRIMARY KEY (tenant, name)
) WITHOUT ROWID;`

// EditNote implements Notes. The tenant is looked for in the same statement, so that
// a late note cannot outlive its tenant.
func (s *SQLite) EditNote(ctx context.Context, id ID, name string, edit func(was []byte) ([]byte, bool, error)) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		return s.note(ctx, id, name)
	}
	return editDocument(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		n, err := s.change(ctx, `INSERT INTO tenant_notes (tenant, name, version, doc)
			SELECT ?1, ?2, ?3, ?4 FROM tenant_tenants WHERE id = ?1
			ON CONFLICT (tenant, name) DO UPDATE SET version = ?3, doc = ?4 WHERE version = ?3 - 1`, id, name, next, doc)
		return n == 1, err
	})
}

// Note implements Notes.
func (s *SQLite) Note(ctx context.Context, id ID, name string) ([]byte, error) {
	_, doc, err := s.note(ctx, id, name)
	return doc, err
}

func (s *SQLite) note(ctx context.Context, id ID, name string) (version int64, doc []byte, err error) {
	row := s.db.QueryRowContext(ctx, `SELECT version, doc FROM tenant_notes WHERE tenant = ? AND name = ?`, id, name)
	err = row.Scan(&version, &doc)
	return version, doc, absent(notFound(err))
}

// DropNotes implements Notes.
func (s *SQLite) DropNotes(ctx context.Context, id ID, prefix string) error {
	low, high := beginning(prefix)
	_, err := s.change(ctx, `DELETE FROM tenant_notes WHERE tenant = ? AND name >= ? AND name < ?`, id, low, high)
	return err
}
