package tenant

import (
	"context"
	"time"
)

// Leases say which process serves a tenant for a while, so that several share the
// work and do not meet at every tenant. They are fairness, not safety: nothing
// may depend on there being one holder only, because a process can be stopped for
// longer than its lease lasts and go on without knowing. All methods may be
// called concurrently; each is one atomic operation, and safe to repeat.
type Leases interface {
	// AcquireLease gives the tenant to owner for the time given, if nobody holds
	// it, if whoever did has let it run out, or if owner itself does. It returns
	// what names this holding, or "" while somebody else has the tenant. The time
	// is counted from some moment between the call and its return.
	AcquireLease(ctx context.Context, id ID, owner string, last time.Duration) (term string, err error)
	// RenewLease lets a holding last for the time given from now, and reports
	// whether it is still there. One that ran out is, until somebody else
	// acquires the tenant.
	RenewLease(ctx context.Context, id ID, term string, last time.Duration) (bool, error)
	// ReleaseLease ends a holding. One that is not there any more is no error.
	ReleaseLease(ctx context.Context, id ID, term string) error
}

var (
	_ Leases = (*SQLite)(nil)
	_ Leases = (*Mongo)(nil)
)
