package tenant

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

const sqliteChanges = `
CREATE TABLE IF NOT EXISTS tenant_changes (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, actor TEXT NOT NULL, name TEXT NOT NULL, doc BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tenant_changes_by_tenant ON tenant_changes (tenant, id);`

// BeginChange implements Changes.
func (s *SQLite) BeginChange(ctx context.Context, c *Change) error {
	doc, err := encodeChange(c)
	if err != nil {
		return err
	}
	return s.insert(ctx, `INSERT INTO tenant_changes (id, tenant, actor, name, doc) VALUES (?, ?, ?, ?, ?)`,
		c.ID, c.Tenant, c.Actor.String(), c.Actor.Name, doc)
}

// EndChange implements Changes.
func (s *SQLite) EndChange(ctx context.Context, c *Change) error {
	doc, err := encodeChange(c)
	if err != nil {
		return err
	}
	return one(s.db.ExecContext(ctx, `UPDATE tenant_changes SET tenant = ?, doc = ? WHERE id = ?`, c.Tenant, doc, c.ID))
}

// Changes implements Changes.
func (s *SQLite) Changes(ctx context.Context, q ChangeQuery) ([]*Change, error) {
	where, args := []string{`id >= ?`, `id < ?`}, []any{q.from(), q.to()}
	if q.Tenant != "" {
		where, args = append(where, `tenant = ?`), append(args, q.Tenant)
	}
	if q.Actor != "" { // ";" follows ":"
		where = append(where, `(actor = ? OR actor >= ? AND actor < ? OR name = ?)`)
		args = append(args, q.Actor, q.Actor+":", q.Actor+";", q.Actor)
	}
	rows, err := s.db.QueryContext(ctx, `SELECT doc FROM tenant_changes WHERE `+strings.Join(where, ` AND `)+ //nolint:gosec // our own words
		` ORDER BY id DESC LIMIT ?`, append(args, max(q.Limit, 0))...)
	return collect(rows, err, func(rows *sql.Rows) (*Change, error) {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		return decodeChange(doc)
	})
}

// PurgeChanges implements Changes.
func (s *SQLite) PurgeChanges(ctx context.Context, before time.Time) error {
	_, err := s.change(ctx, `DELETE FROM tenant_changes WHERE id < ?`, changeIDAt(before))
	return err
}
