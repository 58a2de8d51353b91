package tenant

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

const sqliteCredentials = `
CREATE TABLE IF NOT EXISTS tenant_credentials (
	id TEXT PRIMARY KEY, tenant TEXT NOT NULL, version INTEGER NOT NULL, doc BLOB NOT NULL,
	created INTEGER NOT NULL, last_used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tenant_credentials_by_tenant ON tenant_credentials (tenant);`

const selectCredential = `SELECT version, doc, last_used FROM tenant_credentials `

func scanCredential(scan func(...any) error) (c *Credential, version int64, err error) {
	var doc []byte
	var used int64
	if err := scan(&version, &doc, &used); err != nil {
		return nil, 0, notFound(err)
	}
	c, err = decodeCredential(doc, used)
	return c, version, err
}

// CreateCredential implements Credentials.
func (s *SQLite) CreateCredential(ctx context.Context, c *Credential) error {
	doc, err := encodeCredential(c)
	if err != nil {
		return err
	}
	return s.insert(ctx, `INSERT INTO tenant_credentials (id, tenant, version, doc, created, last_used)
		VALUES (?, ?, 1, ?, ?, ?)`, c.ID, c.Tenant, doc, toMillis(c.Created), toMillis(c.LastUsed))
}

// Credential implements Credentials. One that is not there takes as long as one
// that is, so that the time of a refusal does not tell which ids are given out.
func (s *SQLite) Credential(ctx context.Context, id string) (*Credential, error) {
	c, _, err := scanCredential(s.db.QueryRowContext(ctx, selectCredential+`WHERE id = ?`, id).Scan)
	if errors.Is(err, ErrNotFound) {
		_, _ = decodeCredential(noCredentialRow, 0)
	}
	return c, err
}

// Credentials implements Credentials.
func (s *SQLite) Credentials(ctx context.Context, t ID) ([]*Credential, error) {
	rows, err := s.db.QueryContext(ctx, selectCredential+`WHERE tenant = ? ORDER BY created DESC, id`, t)
	return collect(rows, err, func(rows *sql.Rows) (*Credential, error) {
		c, _, err := scanCredential(rows.Scan)
		return c, err
	})
}

// UpdateCredential implements Credentials.
func (s *SQLite) UpdateCredential(ctx context.Context, t ID, id string, edit func(*Credential) error) (*Credential, error) {
	return race(ctx, func() (*Credential, bool, error) {
		old, version, err := scanCredential(s.db.QueryRowContext(ctx, selectCredential+`WHERE id = ?`, id).Scan)
		if err != nil {
			return nil, false, err
		}
		next, err := editCredential(old, t, edit)
		if err != nil {
			return nil, false, err
		}
		doc, err := encodeCredential(next)
		if err != nil {
			return nil, false, err
		}
		n, err := s.change(ctx, `UPDATE tenant_credentials SET version = ?, doc = ? WHERE id = ? AND version = ?`,
			version+1, doc, id, version)
		return next, n == 1, err
	})
}

// DeleteCredential implements Credentials.
func (s *SQLite) DeleteCredential(ctx context.Context, t ID, id string) error {
	return one(s.db.ExecContext(ctx, `DELETE FROM tenant_credentials WHERE id = ? AND tenant = ?`, id, t))
}

// TouchCredential implements Credentials.
func (s *SQLite) TouchCredential(ctx context.Context, t ID, id string, at time.Time) error {
	_, err := s.change(ctx, `UPDATE tenant_credentials SET last_used = ?1
		WHERE id = ?2 AND tenant = ?3 AND last_used < ?1`, toMillis(at), id, t)
	return err
}
