package tenant

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"
)

// slowNotes is a store that takes notes only when it is told to.
type slowNotes struct {
	Store
	release     chan struct{}
	taken, busy atomic.Int64
	most        atomic.Int64 // at once
}

func (s *slowNotes) TouchToken(ctx context.Context, id ID, keyID string, at time.Time) error {
	s.most.Store(max(s.most.Load(), s.busy.Add(1)))
	defer s.busy.Add(-1)
	<-s.release
	s.taken.Add(1)
	return s.Store.TouchToken(ctx, id, keyID, at)
}

// When many tenants come at once, the notes of that wait for each other, and nobody
// waits for them; there is an end to how many wait.
func TestUsesAreNotedOneAfterTheOther(t *testing.T) {
	d := newDesk(t)
	store := &slowNotes{Store: d.store.Store, release: make(chan struct{})}
	r := NewResolver(store, d.keys, func() time.Time { return noon })
	const many = mostUses + 20
	for i := range many {
		id := ID(fmt.Sprint("many-", i))
		must(t, d.store.CreateTenant(t.Context(), &Tenant{ID: id}))
		secret, _ := d.mint(t, id, noon.AddDate(1, 0, 0))
		must(t, errOf(r.Authenticate(t.Context(), string(id), "Bearer "+secret)))
	}
	close(store.release)
	r.Wait()
	if store.taken.Load() != mostUses || store.most.Load() != 1 {
		t.Errorf("%d of %d are noted, %d at once", store.taken.Load(), many, store.most.Load())
	}
}
