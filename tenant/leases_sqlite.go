package tenant

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// AcquireLease implements Leases, by this machine's clock: whoever shares the
// file shares it.
func (s *SQLite) AcquireLease(ctx context.Context, id ID, owner string, last time.Duration) (string, error) {
	now, term := time.Now(), uuid.NewString()
	n, err := s.change(ctx, `INSERT INTO tenant_leases (tenant, owner, term, until) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (tenant) DO UPDATE SET owner = ?2, term = ?3, until = ?4 WHERE until < ?5 OR owner = ?2`,
		id, owner, term, toMillis(now.Add(last)), toMillis(now))
	if err != nil || n == 0 {
		return "", err
	}
	return term, nil
}

// RenewLease implements Leases.
func (s *SQLite) RenewLease(ctx context.Context, id ID, term string, last time.Duration) (bool, error) {
	n, err := s.change(ctx, `UPDATE tenant_leases SET until = ? WHERE tenant = ? AND term = ?`,
		toMillis(time.Now().Add(last)), id, term)
	return n == 1, err
}

// ReleaseLease implements Leases.
func (s *SQLite) ReleaseLease(ctx context.Context, id ID, term string) error {
	_, err := s.change(ctx, `DELETE FROM tenant_leases WHERE tenant = ? AND term = ?`, id, term)
	return err
}
