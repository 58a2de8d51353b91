package directory

import (
	"slices"
	"time"

	"scimgate/tenant"
)

// firstEntry looks up the first work-list entry of a slot in a range; "" if there is
// none.
type firstEntry func(slot tenant.Slot, low, high string) (work string, err error)

// owing is Owing. What is parked is elsewhere in the work list, and how much is due
// costs nothing.
func owing(after tenant.ID, now time.Time, limit int, first firstEntry) ([]tenant.ID, error) {
	return tenantsIn(Due, after, limit, first, func(slot tenant.Slot, t tenant.ID, d Delivery) (bool, error) {
		if !d.Due.After(now) {
			return true, nil
		}
		return dueBehind(slot, t, d.Priority, now, first)
	})
}

// having is Having.
func having(state State, after tenant.ID, limit int, first firstEntry) ([]tenant.ID, error) {
	return tenantsIn(state, after, limit, first, func(tenant.Slot, tenant.ID, Delivery) (bool, error) { return true, nil })
}

// meantBy tells of a tenant whether it is meant, by its first delivery in a state at a
// slot.
type meantBy func(slot tenant.Slot, t tenant.ID, d Delivery) (bool, error)

// tenantsIn returns up to limit tenants, after one and by id, that have something in a
// state on any slot and are meant.
func tenantsIn(state State, after tenant.ID, limit int, first firstEntry, meant meantBy) ([]tenant.ID, error) {
	var all []tenant.ID
	for slot := range tenant.Slot(tenant.MaxConnections) {
		found, err := tenantsAt(slot, marks[state], after, limit, first, meant)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return all[:min(limit, len(all))], nil
}

// tenantsAt is tenantsIn at one slot. It leaps over the work list from tenant to
// tenant.
func tenantsAt(slot tenant.Slot, mark string, after tenant.ID, limit int, first firstEntry, meant meantBy) (all []tenant.ID, err error) {
	_, low := workRange(mark, after)
	if after == "" {
		low = mark + " "
	}
	for len(all) < limit {
		work, err := first(slot, low, mark+"!")
		if err != nil || work == "" {
			return all, err
		}
		var d Delivery
		t, err := parseWork(work, &d)
		if err != nil {
			return nil, err
		}
		is, err := meant(slot, t, d)
		if err != nil {
			return nil, err
		}
		if is {
			all = append(all, t)
		}
		_, low = workRange(mark, t)
	}
	return all, nil
}

// dueBehind reports whether a tenant has something due of the priorities behind one.
func dueBehind(slot tenant.Slot, t tenant.ID, p Priority, now time.Time, first firstEntry) (bool, error) {
	for _, p := range priorities[min(int(p)+1, len(priorities)):] {
		low, high := dueRange(t, p, now)
		if work, err := first(slot, low, high); err != nil || work != "" {
			return err == nil, err
		}
	}
	return false, nil
}

// nextDue is NextDue.
func nextDue(slot tenant.Slot, t tenant.ID, first firstEntry) (next time.Time, err error) {
	for _, p := range priorities {
		low := workTime(dueMark, t, p, time.Time{})
		work, err := first(slot, low, after(low[:len(low)-20]))
		if err != nil {
			return next, err
		}
		var d Delivery
		if _, err := parseWork(work, &d); err != nil {
			return next, err
		}
		if work != "" && (next.IsZero() || d.Due.Before(next)) {
			next = d.Due
		}
	}
	return next, nil
}
