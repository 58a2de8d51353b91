package tenant

import (
	"context"
	"errors"
)

const sqliteDataKeys = `
CREATE TABLE IF NOT EXISTS tenant_data_keys (tenant TEXT PRIMARY KEY, sealed BLOB NOT NULL) WITHOUT ROWID;`

// DataKey implements DataKeys.
func (s *SQLite) DataKey(ctx context.Context, id ID) (sealed []byte, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT sealed FROM tenant_data_keys WHERE tenant = ?`, id).Scan(&sealed)
	return sealed, notFound(err)
}

// SwapDataKey implements DataKeys.
func (s *SQLite) SwapDataKey(ctx context.Context, id ID, was, next []byte) error {
	if was == nil {
		err := s.insert(ctx, `INSERT INTO tenant_data_keys (tenant, sealed) VALUES (?, ?)`, id, next)
		if errors.Is(err, ErrExists) {
			return ErrConflict
		}
		return err
	}
	n, err := s.change(ctx, `UPDATE tenant_data_keys SET sealed = ? WHERE tenant = ? AND sealed = ?`, next, id, was)
	if err == nil && n == 0 {
		return ErrConflict
	}
	return err
}
