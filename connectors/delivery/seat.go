package delivery

import (
	"context"
	"strconv"
	"time"

	"scimgate/tenant"
)

// A giant, a tenant that owes more than one process can send at a time, is served
// by several: each has a seat, which is a lease of its own, and leaves the head of
// the work list to those in the seats before it. As with every lease, two who meet
// at one resource all the same are parted by the claim.
const (
	seats = 4   // processes at most at one tenant
	ahead = 128 // resources that each seat leaves to the one before it
)

// seatKey names a seat to the leases. No tenant's slug has a "#".
func seatKey(id tenant.ID, seat int) tenant.ID {
	if seat == 0 {
		return id
	}
	return tenant.ID(string(id) + "#" + strconv.Itoa(seat))
}

// sit takes the first free seat at which there is something to do; "" is none.
func (a *account) sit(ctx context.Context) (term string, err error) {
	for seat := range seats {
		if seat > 0 && !a.crowded(ctx, seat) {
			return "", nil
		}
		term, err = a.worker.Leases.AcquireLease(ctx, seatKey(a.id, seat), a.owner, a.Lease)
		if err != nil || term != "" {
			a.seat = seat
			return term, err
		}
	}
	return "", nil
}

// crowded reports whether any connection is owed more than the seats before this
// one have in front of them. Whoever cannot tell leaves it to them.
func (a *account) crowded(ctx context.Context, seat int) bool {
	for slot := range tenant.Slot(tenant.MaxConnections) {
		refs, err := a.worker.Work.DueNow(ctx, a.id, slot, a.now(), seat*ahead+1)
		if err != nil {
			return false
		}
		if len(refs) > seat*ahead {
			return true
		}
	}
	return false
}

// moveUp takes the first seat if it has become free: its holder is gone, and what
// goes first is in front of nobody.
func (a *account) moveUp(ctx context.Context, now time.Time) bool {
	term, err := a.worker.Leases.AcquireLease(ctx, a.id, a.owner, a.Lease)
	if err != nil || term == "" {
		return false
	}
	if err := a.worker.Leases.ReleaseLease(ctx, seatKey(a.id, a.seat), a.lease.term); err != nil {
		a.leaseFault(err)
	}
	a.seat, a.lease.term = 0, term
	a.extend(now)
	return true
}
