package directory

import (
	"context"
	"hash/maphash"

	"scimgate/tenant"
)

// turns lets those of one process that change the same group go one after the
// other: Entra sends memberships in parallel, and they would lose races against
// each other. A courtesy, never what correctness rests on.
type turns struct {
	seed  maphash.Seed
	gates []chan struct{}
}

func newTurns() turns {
	t := turns{seed: maphash.MakeSeed(), gates: make([]chan struct{}, 256)}
	for i := range t.gates {
		t.gates[i] = make(chan struct{}, 1)
	}
	return t
}

// wait waits for the turn to change a resource and returns how to end it. Only
// groups have turns.
func (t turns) wait(ctx context.Context, id tenant.ID, ref Ref) (leave func(), err error) {
	if ref.Kind != "Group" {
		return func() {}, nil
	}
	gate := t.gates[maphash.String(t.seed, resourceKey(id, ref))%uint64(len(t.gates))]
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ErrContended
	}
}
