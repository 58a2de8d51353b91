package gateway

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // for what is opened without a store, which would only look where it knows of
)

// Backup copies the embedded store in the folder data, as it is at one moment, into a
// new file, and looks at the copy: it returns how many resources and tenants are in
// it. Processes go on meanwhile. What it could not finish it removes.
func Backup(ctx context.Context, data, out string) (kept Kept, err error) {
	from := filepath.Join(data, "scimgate.db")
	if _, err := os.Stat(from); err != nil {
		return Kept{}, fmt.Errorf("data: %w", err)
	}
	file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator names it
	if err != nil {
		return Kept{}, fmt.Errorf("out: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(out)
		}
	}()
	if err := file.Close(); err != nil {
		return Kept{}, err
	}
	if err := copyStore(ctx, from, out); err != nil {
		return Kept{}, fmt.Errorf("copy: %w", err)
	}
	return look(ctx, out)
}

// Kept is what a backup holds.
type Kept struct {
	Tenants   int64 `json:"tenants"`
	Resources int64 `json:"resources"`
}

func copyStore(ctx context.Context, from, to string) (err error) {
	db, err := openFile(from, "_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return err
}

// look reads a copy through.
func look(ctx context.Context, path string) (kept Kept, err error) {
	db, err := openFile(path, "mode=ro")
	if err != nil {
		return Kept{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict); err != nil || verdict != "ok" {
		return Kept{}, errors.Join(err, fmt.Errorf("the copy is not whole: %s", verdict))
	}
	err = db.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM tenant_tenants), (SELECT count(*) FROM resources WHERE body IS NOT NULL)`).Scan(&kept.Tenants, &kept.Resources)
	return kept, err
}

// openFile opens a file of the embedded store as it is, whichever build made it.
func openFile(path, query string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query)
}
