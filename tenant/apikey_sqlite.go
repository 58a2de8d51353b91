package tenant

import (
	"context"
	"database/sql"
	"time"
)

const sqliteAPIKeys = `
CREATE TABLE IF NOT EXISTS tenant_api_keys (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, author TEXT NOT NULL,
	hash BLOB NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL, last_used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tenant_api_keys_by_tenant ON tenant_api_keys (tenant, id);`

const selectAPIKey = `SELECT id, tenant, role, name, author, hash, created, expires, last_used FROM tenant_api_keys ` //nolint:gosec // a query

func scanAPIKey(scan func(...any) error) (*APIKey, error) {
	k := &APIKey{}
	var created, expires, used int64
	if err := scan(&k.ID, &k.Tenant, &k.Role, &k.Name, &k.Author, &k.Hash, &created, &expires, &used); err != nil {
		return nil, notFound(err)
	}
	k.Created, k.Expires, k.LastUsed = fromMillis(created), fromMillis(expires), fromMillis(used)
	return k, nil
}

// CreateAPIKey implements APIKeys.
func (s *SQLite) CreateAPIKey(ctx context.Context, k *APIKey) error {
	return s.insert(ctx, `INSERT INTO tenant_api_keys (id, tenant, role, name, author, hash, created, expires, last_used)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, k.ID, k.Tenant, k.Role, k.Name, k.Author, k.Hash,
		toMillis(k.Created), toMillis(k.Expires), toMillis(k.LastUsed))
}

// APIKey implements APIKeys.
func (s *SQLite) APIKey(ctx context.Context, id string) (*APIKey, error) {
	return scanAPIKey(s.db.QueryRowContext(ctx, selectAPIKey+`WHERE id = ?`, id).Scan)
}

// APIKeys implements APIKeys.
func (s *SQLite) APIKeys(ctx context.Context, t ID, after string, limit int) ([]*APIKey, error) {
	where, args := `WHERE id > ? ORDER BY id LIMIT ?`, []any{after, max(limit, 0)}
	if t != "" {
		where, args = `WHERE tenant = ? AND id > ? ORDER BY id LIMIT ?`, append([]any{t}, args...)
	}
	rows, err := s.db.QueryContext(ctx, selectAPIKey+where, args...)
	return collect(rows, err, func(rows *sql.Rows) (*APIKey, error) { return scanAPIKey(rows.Scan) })
}

// DeleteAPIKey implements APIKeys.
func (s *SQLite) DeleteAPIKey(ctx context.Context, id string) error {
	return one(s.db.ExecContext(ctx, `DELETE FROM tenant_api_keys WHERE id = ?`, id))
}

// TouchAPIKey implements APIKeys.
func (s *SQLite) TouchAPIKey(ctx context.Context, id string, at time.Time, hash []byte) error {
	_, err := s.change(ctx, `UPDATE tenant_api_keys SET last_used = ?1, hash = ?2 WHERE id = ?3 AND last_used < ?1`, toMillis(at), hash, id)
	return err
}
