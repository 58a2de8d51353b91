package tenant

import (
	"sync"
	"testing"
	"time"
)

// What several processes count adds up, by tenant, and goes with it.
func TestTally(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx, tallies := t.Context(), s.(Tallies)
		mustCreate(t, s, "acme", "acme-eu")
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := tallies.AddToTally(ctx, "acme", Tallied{All: 10, Failed: 3}, noon); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		must(t, tallies.AddToTally(ctx, "acme", Tallied{All: 5}, noon.Add(-30*time.Minute)))
		got, err := tallies.Tally(ctx, "acme")
		must(t, err)
		if failed, n := got.Within(noon.Add(-40 * time.Minute)); failed != 24 || n != 85 || !got.Last.Equal(noon) {
			t.Errorf("%d of %d: %+v", failed, n, got)
		}
		if failed, n := got.Within(noon.Add(-20 * time.Minute)); failed != 24 || n != 80 {
			t.Errorf("of the last minutes: %d of %d", failed, n)
		}
		must(t, tallies.AddToTally(ctx, "acme", Tallied{All: 1}, noon.Add(2*time.Hour)))
		if got, err = tallies.Tally(ctx, "acme"); err != nil || len(got.Steps) != 1 {
			t.Errorf("what is old is kept: %+v, %v", got, err)
		}
		if none, err := tallies.Tally(ctx, "acme-eu"); err != nil || !none.Last.IsZero() {
			t.Errorf("a neighbour's: %+v, %v", none, err)
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "of nobody", tallies.AddToTally(ctx, "acme", Tallied{All: 1}, noon), ErrNotFound)
		if none, err := tallies.Tally(ctx, "acme"); err != nil || len(none.Steps) != 0 {
			t.Errorf("left behind: %+v, %v", none, err)
		}
	})
}
