package tenant

import (
	"context"
	"database/sql"
	"time"
)

const sqlitePasses = `
CREATE TABLE IF NOT EXISTS tenant_passes (
	kind TEXT NOT NULL, id TEXT NOT NULL, tenant TEXT NOT NULL, body BLOB NOT NULL,
	created INTEGER NOT NULL, expires INTEGER NOT NULL, seen INTEGER NOT NULL, taken INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tenant_passes_by_tenant ON tenant_passes (tenant, kind);`

const selectPass = `SELECT kind, id, tenant, body, created, expires, seen FROM tenant_passes ` //nolint:gosec // a query

func scanPass(scan func(...any) error) (*Pass, error) {
	p := &Pass{}
	var created, expires, seen int64
	if err := scan(&p.Kind, &p.ID, &p.Tenant, &p.Body, &created, &expires, &seen); err != nil {
		return nil, notFound(err)
	}
	p.Created, p.Expires, p.Seen = fromMillis(created), fromMillis(expires), fromMillis(seen)
	return p, nil
}

// SavePass implements Passes.
func (s *SQLite) SavePass(ctx context.Context, p *Pass) error {
	return s.insert(ctx, `INSERT INTO tenant_passes (kind, id, tenant, body, created, expires, seen, taken)
		VALUES (?, ?, ?, ?, ?, ?, ?, 0)`, p.Kind, p.ID, p.Tenant, p.Body,
		toMillis(p.Created), toMillis(p.Expires), toMillis(p.Seen))
}

// Pass implements Passes.
func (s *SQLite) Pass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error) {
	return scanPass(s.db.QueryRowContext(ctx,
		selectPass+`WHERE kind = ? AND id = ? AND taken = 0 AND expires > ?`, kind, id, toMillis(now)).Scan)
}

// Passes implements Passes.
func (s *SQLite) Passes(ctx context.Context, kind PassKind, t ID, now time.Time) ([]*Pass, error) {
	rows, err := s.db.QueryContext(ctx, selectPass+
		`WHERE tenant = ? AND kind = ? AND taken = 0 AND expires > ? ORDER BY created DESC, id`, t, kind, toMillis(now))
	return collect(rows, err, func(rows *sql.Rows) (*Pass, error) { return scanPass(rows.Scan) })
}

// SeePass implements Passes.
func (s *SQLite) SeePass(ctx context.Context, kind PassKind, id string, at time.Time) error {
	_, err := s.change(ctx, `UPDATE tenant_passes SET seen = ?1 WHERE kind = ?2 AND id = ?3 AND seen < ?1`, toMillis(at), kind, id)
	return err
}

// TakePass implements Passes.
func (s *SQLite) TakePass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error) {
	return scanPass(s.db.QueryRowContext(ctx, `UPDATE tenant_passes SET taken = 1
		WHERE kind = ? AND id = ? AND taken = 0 AND expires > ?
		RETURNING kind, id, tenant, body, created, expires, seen`, kind, id, toMillis(now)).Scan)
}

// DropPass implements Passes.
func (s *SQLite) DropPass(ctx context.Context, kind PassKind, id string) error {
	_, err := s.change(ctx, `DELETE FROM tenant_passes WHERE kind = ? AND id = ?`, kind, id)
	return err
}

// PurgePasses implements Passes.
func (s *SQLite) PurgePasses(ctx context.Context, before time.Time) error {
	_, err := s.change(ctx, `DELETE FROM tenant_passes WHERE expires < ?`, toMillis(before))
	return err
}
