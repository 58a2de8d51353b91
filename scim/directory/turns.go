package directory

import (
	"context"
	"hash/maphash"
)

// turns lets those of one process that change the same thing go one after the
// other, so that they do not lose races against each other: a courtesy, never what
// correctness rests on.
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

// wait waits for the turn of key and returns how to end it.
func (t turns) wait(ctx context.Context, key string) (leave func(), err error) {
	gate := t.gates[maphash.String(t.seed, key)%uint64(len(t.gates))]
	select {
	case gate <- struct{}{}:
		return func() { <-gate }, nil
	case <-ctx.Done():
		return nil, ErrContended
	}
}
