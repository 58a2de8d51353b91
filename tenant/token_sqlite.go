package tenant

import (
	"context"
	"database/sql"
	"time"
)

// CreateToken implements Store.
func (s *SQLite) CreateToken(ctx context.Context, t *Token) error {
	return s.insert(ctx, `INSERT INTO tenant_tokens (key_id, tenant, hash, label, created, expires, last_used)
		VALUES (?, ?, ?, ?, ?, ?, ?)`, t.KeyID, t.Tenant, t.Hash, t.Label,
		toMillis(t.Created), toMillis(t.Expires), toMillis(t.LastUsed))
}

const selectToken = `SELECT key_id, tenant, hash, label, created, expires, last_used FROM tenant_tokens ` //nolint:gosec // a query

func scanToken(scan func(...any) error) (*Token, error) {
	t := &Token{}
	var created, expires, used int64
	if err := scan(&t.KeyID, &t.Tenant, &t.Hash, &t.Label, &created, &expires, &used); err != nil {
		return nil, err
	}
	t.Created, t.Expires, t.LastUsed = fromMillis(created), fromMillis(expires), fromMillis(used)
	return t, nil
}

// Token implements Store.
func (s *SQLite) Token(ctx context.Context, keyID string) (*Token, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, selectToken+`WHERE key_id = ?`, keyID).Scan)
	if err != nil {
		return nil, notFound(err)
	}
	return t, nil
}

// Tokens implements Store.
func (s *SQLite) Tokens(ctx context.Context, id ID) ([]*Token, error) {
	rows, err := s.db.QueryContext(ctx, selectToken+`WHERE tenant = ? ORDER BY created DESC, key_id`, id)
	return collect(rows, err, func(rows *sql.Rows) (*Token, error) { return scanToken(rows.Scan) })
}

// UpdateToken implements Store.
func (s *SQLite) UpdateToken(ctx context.Context, id ID, keyID string, edit func(*Token) error) (*Token, error) {
	return race(ctx, func() (*Token, bool, error) {
		old, next, err := editToken(ctx, s, id, keyID, edit)
		if err != nil {
			return nil, false, err
		}
		n, err := s.change(ctx, `UPDATE tenant_tokens SET hash = ?, label = ?, expires = ?
			WHERE key_id = ? AND tenant = ? AND hash = ? AND label = ? AND expires = ?`,
			next.Hash, next.Label, toMillis(next.Expires), keyID, id, old.Hash, old.Label, toMillis(old.Expires))
		return next, n == 1, err
	})
}

// RevokeToken implements Store.
func (s *SQLite) RevokeToken(ctx context.Context, id ID, keyID string) error {
	return one(s.db.ExecContext(ctx, `DELETE FROM tenant_tokens WHERE key_id = ? AND tenant = ?`, keyID, id))
}

// TouchToken implements Store.
func (s *SQLite) TouchToken(ctx context.Context, id ID, keyID string, at time.Time) error {
	_, err := s.change(ctx, `UPDATE tenant_tokens SET last_used = ?1
		WHERE key_id = ?2 AND tenant = ?3 AND last_used < ?1`, toMillis(at), keyID, id)
	return err
}
