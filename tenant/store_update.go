package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// maxRaces is how many lost races an update bears. Changes of a tenant are made
// by people, a few at a time.
const maxRaces = 50

// update is UpdateTenant over a store that can load a tenant and can swap it for
// its successor if it still has the version before.
func update(
	ctx context.Context, edit func(*Tenant) error,
	load func() (*Tenant, error), swap func(next *Tenant) (bool, error),
) (*Tenant, error) {
	return race(ctx, func() (*Tenant, bool, error) {
		t, err := load()
		if err != nil {
			return nil, false, err
		}
		id, version := t.ID, t.Version
		if err := edit(t); err != nil {
			return nil, false, err
		}
		t.ID, t.Version = id, version+1
		won, err := swap(t)
		return t, won, err
	})
}

// race calls try until it has won, or failed, or lost too often.
func race[T any](ctx context.Context, try func() (next T, won bool, err error)) (none T, err error) {
	for lost := range maxRaces {
		next, won, err := try()
		if err != nil {
			return none, err
		}
		if won {
			return next, nil
		}
		if err := pause(ctx, lost); err != nil {
			return none, err
		}
	}
	return none, ErrConflict
}

// pause waits a random while, longer after more lost races.
func pause(ctx context.Context, race int) error {
	timer := time.NewTimer(rand.N(time.Duration(race+1) * time.Millisecond))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func encode(t *Tenant) ([]byte, error) {
	doc, err := json.Marshal(t)
	if err == nil {
		doc, err = KeepNewer(t.newer, doc, t)
	}
	if err != nil {
		return nil, fmt.Errorf("encode tenant %s: %w", t.ID, err)
	}
	return doc, nil
}

func decode(doc []byte) (*Tenant, error) {
	t := &Tenant{}
	newer, err := Decode(doc, t)
	if err != nil {
		return nil, fmt.Errorf("decode a stored tenant: %w", err)
	}
	t.newer = newer
	return t, nil
}

// toMillis and fromMillis are how both stores keep an instant: milliseconds since
// 1970, 0 for never.
func toMillis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
