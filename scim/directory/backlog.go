package directory

import (
	"context"

	"scimgate/tenant"
)

// Backlog tells how much is owed, for whoever watches: it reads the index of the
// work list and nothing else.
type Backlog interface {
	// Having returns up to limit tenants, after the given one and by id, that have
	// something in a state (Due, Parked, Held) on any slot, what is due later too. It
	// leaps from tenant to tenant, however much each has.
	Having(ctx context.Context, state State, after tenant.ID, limit int) ([]tenant.ID, error)
	// Count returns how many of a tenant's resources are in a state at a slot, at
	// most limit, which is also what it reads at most.
	Count(ctx context.Context, t tenant.ID, s tenant.Slot, state State, limit int) (int, error)
}
