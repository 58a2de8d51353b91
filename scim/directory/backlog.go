package directory

import (
	"context"
	"slices"

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

// having is Having, given the look-up of the first work-list entry of a slot in a
// range.
func having(state State, after tenant.ID, limit int, first func(s tenant.Slot, low, high string) (string, error)) ([]tenant.ID, error) {
	var all []tenant.ID
	for slot := range tenant.Slot(tenant.MaxConnections) {
		found, err := havingAt(marks[state], after, limit, func(low, high string) (string, error) {
			return first(slot, low, high)
		})
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(limit, len(all))], nil
}

func havingAt(mark string, after tenant.ID, limit int, first func(low, high string) (string, error)) (all []tenant.ID, err error) {
	_, low := workRange(mark, after)
	if after == "" {
		low = mark + " "
	}
	for len(all) < limit {
		work, err := first(low, mark+"!")
		if err != nil || work == "" {
			return all, err
		}
		t, err := parseWork(work, new(Delivery))
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		_, low = workRange(mark, t)
	}
	return all, nil
}
