package directory

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// inPages reads a list page by page, and says who is on each.
func inPages(t *testing.T, s subject, state State, limit int, between func(page int)) (all []Ref) {
	t.Helper()
	seen := map[Ref]bool{}
	for after, page := "", 0; ; page++ {
		items, next, err := s.DeliveriesAfter(t.Context(), acme, 0, state, after, limit)
		if err != nil || len(items) > limit || next != "" && len(items) < limit {
			t.Fatalf("page %d: %d items, next %q, %v", page, len(items), next, err)
		}
		for _, i := range items {
			if seen[i.Ref] {
				t.Errorf("%v comes twice", i.Ref)
			}
			seen[i.Ref] = true
			all = append(all, i.Ref)
		}
		if next == "" {
			return all
		}
		after = next
		between(page)
	}
}

// A list of deliveries is read to its end page by page: each once, also where many are
// due at one instant.
func TestDeliveriesPageByPage(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		parkMany(t, s, 25, soon())
		for i := range 7 {
			create(t, s, acme, user(t, fmt.Sprint("u", i), fmt.Sprint("u", i), ""), 0)
		}
		for limit, want := range map[int]int{1: 25, 5: 25, 10: 25, 24: 25, 25: 25, 26: 25} {
			if got := inPages(t, s, Parked, limit, func(int) {}); len(got) != want {
				t.Errorf("%d parked in pages of %d, not %d", len(got), limit, want)
			}
		}
		whole, err := s.Deliveries(t.Context(), acme, 0, Due, 100)
		if got := inPages(t, s, Due, 2, func(int) {}); err != nil || len(got) != len(whole) || got[3] != whole[3].Ref {
			t.Errorf("due in pages: %v, not %v; %v", got, whole, err)
		}
	})
}

// Who is settled while somebody reads is left out; nobody else is.
func TestDeliveriesSettledBetweenPages(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for i := range 9 {
			ref := create(t, s, acme, user(t, fmt.Sprint("u", i), fmt.Sprint("u", i), ""), 0)
			at := soon().Add(time.Duration(i) * time.Second) // each its own
			c := claim(t, s, ref, intent("i", Updating, at), at)
			if err := s.Commit(t.Context(), c, Outcome{Retry: &Retry{At: at, Failure: Failure{Class: "transient"}}}); err != nil {
				t.Fatal(err)
			}
		}
		first, err := s.Deliveries(t.Context(), acme, 0, Due, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := inPages(t, s, Due, 3, func(page int) {
			if page == 0 {
				c := claim(t, s, first[0].Ref, intent("j", Updating, soon()), soon().Add(time.Minute))
				if err := s.Commit(t.Context(), c, Outcome{Done: &Done{RemoteID: "r"}}); err != nil {
					t.Fatal(err)
				}
			}
		})
		if len(got) != 9 {
			t.Errorf("%d of nine: %v", len(got), got)
		}
	})
}

func TestDeliveriesAfterWhatIsNoPlace(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for _, bad := range []string{"x", "1 2", "a 1 1", "1 -1 1", "1 1 -1", "1 1 99999999999", "1 1 1 1", "12 1 1"} {
			if _, _, err := s.DeliveriesAfter(t.Context(), acme, 0, Due, bad, 1); !errors.Is(err, ErrPlace) {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}
