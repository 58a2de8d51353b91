package tenant

import (
	"sync"
	"testing"
	"time"
)

func eachCounter(t *testing.T, test func(*testing.T, Store, Counter)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s Store) { test(t, s, s.(Counter)) })
}

// leave counts one departure of a slot, and returns how many there are then.
func leave(t *testing.T, c Counter, id ID, slot Slot) (left int) {
	t.Helper()
	must(t, c.EditDepartures(t.Context(), id, slot, func(d *Departures) bool {
		d.Add(false, noon)
		left, _ = d.Within(noon)
		return true
	}))
	return left
}

// Two tenants, the second's id a prefix of the first's, and two slots never meet.
func TestDeparturesIsolation(t *testing.T) {
	eachCounter(t, func(t *testing.T, s Store, c Counter) {
		mustCreate(t, s, "acme", "acme-eu")
		for i := range 3 {
			if n := leave(t, c, "acme", 0); n != i+1 {
				t.Errorf("counted %d, want %d", n, i+1)
			}
		}
		if eu, other := leave(t, c, "acme-eu", 0), leave(t, c, "acme", 1); eu != 1 || other != 1 {
			t.Errorf("the other tenant has %d, the other slot %d", eu, other)
		}
		must(t, s.DeleteTenant(t.Context(), "acme"))
		wantErr(t, "gone", c.EditDepartures(t.Context(), "acme", 0, func(*Departures) bool { return true }), ErrNotFound)
		mustCreate(t, s, "acme")
		if n, eu := leave(t, c, "acme", 0), leave(t, c, "acme-eu", 0); n != 1 || eu != 2 {
			t.Errorf("made anew it has %d, the other one %d", n, eu)
		}
	})
}

func TestDeparturesLoseNoCount(t *testing.T) {
	eachCounter(t, func(t *testing.T, s Store, c Counter) {
		mustCreate(t, s, "acme")
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 5 {
					leave(t, c, "acme", 0)
				}
			})
		}
		wg.Wait()
		if n := leave(t, c, "acme", 0); n != 21 {
			t.Errorf("counted %d", n)
		}
		must(t, c.EditDepartures(t.Context(), "acme", 0, func(d *Departures) bool {
			d.Add(false, noon)
			return false
		}))
		if n := leave(t, c, "acme", 0); n != 22 {
			t.Errorf("what was not to be stored was: %d", n)
		}
	})
}

func TestDeparturesAreOfAnHour(t *testing.T) {
	var d Departures
	for minute := range 200 {
		d.Add(minute%2 == 0, noon.Add(time.Duration(minute)*time.Minute))
	}
	now := noon.Add(199 * time.Minute)
	if left, gone := d.Within(now); left != window || gone != window/2 || len(d.Minutes) != window {
		t.Errorf("%d left, %d of them gone, in %d minutes", left, gone, len(d.Minutes))
	}
	d.Add(true, now.Add(-time.Minute)) // by a clock that is behind
	if left, _ := d.Within(now); left != window+1 || len(d.Minutes) != window {
		t.Errorf("%d left in %d minutes", left, len(d.Minutes))
	}
	if left, gone := d.Within(now.Add(2 * time.Hour)); left != 0 || gone != 0 {
		t.Errorf("two hours later %d and %d", left, gone)
	}
}

func TestGuardAllows(t *testing.T) {
	for _, c := range []struct {
		name    string
		guard   Guard
		left    int
		gone    int // of left
		users   int
		deleted bool
		want    bool
	}{
		{"the twentieth", Guard{}, 19, 0, 50, false, true},
		{"one more", Guard{}, 20, 0, 50, false, false},
		{"a tenth of many", Guard{}, 99, 0, 1000, false, true},
		{"more than a tenth", Guard{}, 100, 0, 1000, false, false},
		{"a tenth of those there were, the last deleted", Guard{}, 99, 99, 900, true, true},
		{"and one more", Guard{}, 100, 100, 899, true, false},
		{"own least", Guard{Least: 3, Percent: 1}, 3, 0, 50, false, false},
		{"own percent", Guard{Percent: 50}, 24, 0, 50, false, true},
		{"all", Guard{Percent: 100}, 49, 49, 0, true, true},
		{"off", Guard{Off: true}, 1000, 0, 0, false, true},
	} {
		d := Departures{Minutes: []DeparturesOfMinute{{Minute: minuteOf(noon), Left: c.left, Gone: c.gone}}}
		if got := c.guard.Allows(d, c.users, c.deleted, noon); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
