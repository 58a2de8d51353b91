package tenant

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
)

// SQLite is a Store in one SQLite file. The file may also hold the directory's
// tables; the tenant's are named tenant_*.
type SQLite struct{ db *sql.DB }

// sqliteSchema needs no migration yet. Everything of a tenant that is not looked
// up by is one JSON document.
const sqliteSchema = `
CREATE TABLE IF NOT EXISTS tenant_tenants (
	id TEXT PRIMARY KEY, version INTEGER NOT NULL, doc BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenant_tokens (
	key_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, hash BLOB NOT NULL, label TEXT NOT NULL,
	created INTEGER NOT NULL, expires INTEGER NOT NULL, last_used INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tenant_tokens_by_tenant ON tenant_tokens (tenant);
CREATE TABLE IF NOT EXISTS tenant_rules (
	tenant TEXT NOT NULL, rev INTEGER NOT NULL, rules BLOB NOT NULL,
	author TEXT NOT NULL, published INTEGER NOT NULL,
	PRIMARY KEY (tenant, rev)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenant_ledger (
	tenant TEXT PRIMARY KEY, version INTEGER NOT NULL, doc BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenant_leases (
	tenant TEXT PRIMARY KEY, owner TEXT NOT NULL, term TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tenant_departures (
	tenant TEXT NOT NULL, slot INTEGER NOT NULL, version INTEGER NOT NULL, doc BLOB NOT NULL,
	PRIMARY KEY (tenant, slot)
) WITHOUT ROWID;`

// sqliteTables makes what each part of the store needs.
const sqliteTables = sqliteSchema + sqlitePasses + sqliteCredentials + sqliteNotes + sqliteAPIKeys +
	sqliteChanges + sqliteTallies + sqliteDataKeys

// OpenSQLite opens the file and makes its tables; ":memory:" is a store of its
// own that ends with Close. Writes are durable when they return (WAL with
// synchronous=FULL) and wait up to 10 s for another writer of the file. What is
// deleted is overwritten with zeros, so that nothing of it is left in the file.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	db, err := sql.Open("sqlite", dataSource(path))
	if err != nil {
		return nil, fmt.Errorf("open the tenant store: %w", err)
	}
	if path == ":memory:" { // each connection would be a store of its own
		db.SetMaxOpenConns(1)
	} else {
		db.SetMaxOpenConns(4)
		db.SetMaxIdleConns(4)
	}
	if _, err := db.ExecContext(ctx, sqliteTables); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the tenant store: %w", err), db.Close())
	}
	return &SQLite{db: db}, nil
}

func dataSource(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-512)", "secure_delete(ON)",
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close ends the store. Everything it acknowledged is in the file.
func (s *SQLite) Close() error { return s.db.Close() }

// Ping implements Store.
func (s *SQLite) Ping(ctx context.Context) error {
	var one int
	return s.db.QueryRowContext(ctx, `SELECT count(*) FROM tenant_tenants WHERE id = ''`).Scan(&one)
}

// CreateTenant implements Store.
func (s *SQLite) CreateTenant(ctx context.Context, t *Tenant) error {
	t.Version = 1
	doc, err := encode(t)
	if err != nil {
		return err
	}
	return s.insert(ctx, `INSERT INTO tenant_tenants (id, version, doc) VALUES (?, 1, ?)`, t.ID, doc)
}

// Tenant implements Store.
func (s *SQLite) Tenant(ctx context.Context, id ID) (*Tenant, error) {
	var doc []byte
	err := s.db.QueryRowContext(ctx, `SELECT doc FROM tenant_tenants WHERE id = ?`, id).Scan(&doc)
	if err != nil {
		return nil, notFound(err)
	}
	return decode(doc)
}

// Tenants implements Store.
func (s *SQLite) Tenants(ctx context.Context, after ID, limit int) ([]*Tenant, error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT doc FROM tenant_tenants WHERE id > ? ORDER BY id LIMIT ?`, after, max(limit, 0))
	return collect(rows, err, func(rows *sql.Rows) (*Tenant, error) {
		var doc []byte
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		return decode(doc)
	})
}

// UpdateTenant implements Store.
func (s *SQLite) UpdateTenant(ctx context.Context, id ID, edit func(*Tenant) error) (*Tenant, error) {
	load := func() (*Tenant, error) { return s.Tenant(ctx, id) }
	return update(ctx, edit, load, func(next *Tenant) (bool, error) {
		doc, err := encode(next)
		if err != nil {
			return false, err
		}
		n, err := s.change(ctx, `UPDATE tenant_tenants SET version = ?, doc = ? WHERE id = ? AND version = ?`,
			next.Version, doc, id, next.Version-1)
		return n == 1, err
	})
}

// DeleteTenant implements Store.
func (s *SQLite) DeleteTenant(ctx context.Context, id ID) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("delete a tenant: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	result, err := tx.ExecContext(ctx, `DELETE FROM tenant_tenants WHERE id = ?`, id)
	if err := one(result, err); err != nil {
		return err
	}
	for _, dependent := range []string{
		`DELETE FROM tenant_tokens WHERE tenant = ?`, `DELETE FROM tenant_rules WHERE tenant = ?`,
		`DELETE FROM tenant_ledger WHERE tenant = ?`, `DELETE FROM tenant_leases WHERE tenant = ?`,
		`DELETE FROM tenant_departures WHERE tenant = ?`, `DELETE FROM tenant_passes WHERE tenant = ?`,
		`DELETE FROM tenant_credentials WHERE tenant = ?`, `DELETE FROM tenant_notes WHERE tenant = ?`,
		`DELETE FROM tenant_api_keys WHERE tenant = ?`, `DELETE FROM tenant_changes WHERE tenant = ?`,
		`DELETE FROM tenant_tallies WHERE tenant = ?`, `DELETE FROM tenant_data_keys WHERE tenant = ?`,
	} {
		if _, err := tx.ExecContext(ctx, dependent, id); err != nil {
			return fmt.Errorf("delete a tenant: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	// Nor in its log, unless somebody reads it this moment: then as soon as it ends.
	_, _ = s.db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	return nil
}
