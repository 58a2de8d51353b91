package telemetry

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"sync"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Owed is what a Backlog reads.
type Owed interface {
	directory.Backlog
	NextDue(ctx context.Context, t tenant.ID, s tenant.Slot) (time.Time, error)
	Deliveries(ctx context.Context, t tenant.ID, s tenant.Slot, state directory.State, limit int) ([]directory.Item, error)
}

// Tenants is where a Backlog finds out which slots a tenant has.
type Tenants interface {
	Tenant(ctx context.Context, id tenant.ID) (*tenant.Tenant, error)
}

// Backlog looks every few seconds at what is owed, so that a scrape costs nothing.
// It reads indexes, of at most tenantsAtOnce tenants in a round and at most countTo
// entries of each: where more tenants are owed something, it goes round. Of several
// processes one looks, by a lease; the others show nothing.
type Backlog struct {
	Owed    Owed
	Tenants Tenants
	Leases  tenant.Leases // nil: this process is the only one

	owner string
	after tenant.ID              // where the round goes on
	fresh map[tenant.ID]standing // of this round
	mu    sync.Mutex
	shown map[tenant.ID]standing // nil while another process looks
}

const (
	lookEvery     = 15 * time.Second
	tenantsAtOnce = 256
	countTo       = 10_000
	oldestOf      = 16 // items read to find the oldest one
	lookTime      = 10 * time.Second
)

// backlogLease is who looks. No tenant has such an id.
const backlogLease tenant.ID = "-backlog-"

// states are what is counted, in the order of standing.counts.
var states = []directory.State{directory.Due, directory.Parked, directory.Held}

// standing is what one tenant is owed.
type standing struct {
	counts [3]int
	oldest time.Time // since when something due is owed; zero if nothing is
}

func (s standing) total() int { return s.counts[0] + s.counts[1] + s.counts[2] }

// Run looks until ctx ends, at first more often: whoever has just started the
// process wants to see.
func (b *Backlog) Run(ctx context.Context) {
	b.owner = rand.Text()
	for wait := time.Second; ctx.Err() == nil; wait = min(2*wait, lookEvery) {
		b.look(ctx)
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// look makes one step of the round. What the store does not answer is left for the
// next one.
func (b *Backlog) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	if !b.mine(ctx) {
		b.show(nil)
		b.fresh, b.after = nil, ""
		return
	}
	ids, last, err := b.having(ctx)
	if err != nil {
		return
	}
	if b.fresh == nil {
		b.fresh = map[tenant.ID]standing{}
	}
	for _, id := range ids {
		s, err := b.standingOf(ctx, id)
		if err != nil {
			return
		}
		b.fresh[id], b.after = s, id
	}
	if b.take(last); last {
		b.fresh, b.after = nil, ""
	}
}

func (b *Backlog) mine(ctx context.Context) bool {
	if b.Leases == nil {
		return true
	}
	term, err := b.Leases.AcquireLease(ctx, backlogLease, b.owner, 3*lookEvery)
	return err == nil && term != ""
}

// having returns the next tenants that are owed something, and whether they are the
// last of the round.
func (b *Backlog) having(ctx context.Context) (ids []tenant.ID, last bool, err error) {
	for _, state := range states {
		found, err := b.Owed.Having(ctx, state, b.after, tenantsAtOnce)
		if err != nil {
			return nil, false, err
		}
		ids = append(ids, found...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return ids[:min(tenantsAtOnce, len(ids))], len(ids) < tenantsAtOnce, nil
}

func (b *Backlog) standingOf(ctx context.Context, id tenant.ID) (s standing, err error) {
	t, err := b.Tenants.Tenant(ctx, id)
	if errors.Is(err, tenant.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	for _, c := range t.Connections {
		if err := b.add(ctx, &s, id, c.Slot); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (b *Backlog) add(ctx context.Context, s *standing, id tenant.ID, slot tenant.Slot) error {
	for i, state := range states {
		n, err := b.Owed.Count(ctx, id, slot, state, countTo)
		if err != nil {
			return err
		}
		s.counts[i] += n
	}
	return b.age(ctx, s, id, slot)
}

// age finds out since when the oldest that is due is owed: what waits for its first
// attempt by the time that it is due, what has failed by the time before that. Of
// those that have failed, only what the list begins with is looked at.
func (b *Backlog) age(ctx context.Context, s *standing, id tenant.ID, slot tenant.Slot) error {
	due, err := b.Owed.NextDue(ctx, id, slot)
	if err != nil || due.IsZero() {
		return err
	}
	s.since(due)
	items, err := b.Owed.Deliveries(ctx, id, slot, directory.Due, oldestOf)
	for _, i := range items {
		s.since(i.Delivery.Since)
	}
	return err
}

func (s *standing) since(at time.Time) {
	if !at.IsZero() && (s.oldest.IsZero() || at.Before(s.oldest)) {
		s.oldest = at
	}
}

// take shows what was found; at the end of a round, nothing else.
func (b *Backlog) take(last bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last || b.shown == nil {
		b.shown = map[tenant.ID]standing{}
	}
	for id, s := range b.fresh {
		b.shown[id] = s
	}
}

func (b *Backlog) show(all map[tenant.ID]standing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = all
}

// owing is a tenant and what it is owed.
type owing struct {
	id tenant.ID
	standing
}

// sum returns what is owed in all, and each tenant's part, the longest first; false
// while another process looks.
func (b *Backlog) sum() (all standing, each []owing, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, s := range b.shown {
		for i, n := range s.counts {
			all.counts[i] += n
		}
		all.since(s.oldest)
		if s.total() > 0 {
			each = append(each, owing{id, s})
		}
	}
	slices.SortFunc(each, func(x, y owing) int {
		return cmp.Or(cmp.Compare(y.total(), x.total()), cmp.Compare(x.id, y.id))
	})
	return all, each, b.shown != nil
}
