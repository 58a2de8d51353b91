package directory

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"scimgate/tenant"
)

func TestPurge(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		var refs []Ref
		for i := range 4 {
			refs = append(refs, create(t, s, acme, user(t, newID(), fmt.Sprint(i), ""), 0, 1))
		}
		for _, ref := range refs[:3] {
			if err := s.Delete(t.Context(), acme, ref, []tenant.Slot{0, 1}, nil); err != nil {
				t.Fatal(err)
			}
		}
		for i, slots := range [][]tenant.Slot{{0, 1}, {0}, {0, 1}} {
			for _, slot := range slots {
				c, err := s.Claim(t.Context(), acme, slot, refs[i], intent("x", Removing, now), now)
				if err != nil {
					t.Fatal(err)
				}
				commit(t, s, c, delivered(""))
			}
		}
		purge := func(before time.Time, limit int) int {
			n, err := s.Purge(t.Context(), before, limit)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := purge(now.Add(-time.Hour), 10); n != 0 {
			t.Errorf("purged %d before their time", n)
		}
		if n := purge(now.Add(time.Hour), 1); n != 1 {
			t.Errorf("purged %d, not 1", n)
		}
		if n := purge(now.Add(time.Hour), 10); n != 1 {
			t.Errorf("purged %d, not the one that is left", n)
		}
		for i, want := range []error{ErrNotFound, nil, ErrNotFound, nil} {
			if _, err := s.Delivery(t.Context(), acme, 0, refs[i]); !errors.Is(err, want) {
				t.Errorf("%d: %v, not %v", i, err, want)
			}
		}
	})
}
