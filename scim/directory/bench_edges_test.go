package directory

import (
	"fmt"
	"testing"

	"scimgate/scim"
)

// BenchmarkEdges measures what must not depend on the size of a group: adding and
// removing one member, asking whether somebody is one, and reading the group
// without them.
//
//	go test ./scim/directory -run '^$' -bench Edges
func BenchmarkEdges(b *testing.B) {
	for _, size := range []int{10, 10_000, 100_000, 1_000_000} {
		s := openSQLite(b, inMemory)
		crowd(b, s, size)
		b.Run(fmt.Sprintf("move/%d", size), func(b *testing.B) {
			for i := range b.N {
				words := "+u0"
				if i%2 == 1 {
					words = "-u0"
				}
				if _, err := s.Update(b.Context(), acme, groupRef("g"), nil, move(words)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("probe/%d", size), func(b *testing.B) {
			e, err := definitions.Type("Group").BindFilter(`id eq "g" and members eq "x7"`, scim.Mode{})
			if err != nil {
				b.Fatal(err)
			}
			for range b.N {
				page, err := s.List(b.Context(), acme, Query{Kind: "Group", Filter: e, StartIndex: 1, Count: 1})
				if err != nil || page.Total != 1 {
					b.Fatal(page, err)
				}
			}
		})
		b.Run(fmt.Sprintf("get/%d", size), func(b *testing.B) {
			for range b.N {
				if _, err := s.Get(b.Context(), acme, groupRef("g")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// crowd makes a group of size members x0, x1, …, of which the first ten are there.
func crowd(tb testing.TB, s *SQLite, size int) {
	tb.Helper()
	create(tb, s, acme, user(tb, "u0", "u0@example.com", ""))
	for i := range 10 {
		create(tb, s, acme, user(tb, fmt.Sprintf("x%d", i), fmt.Sprintf("x%d@example.com", i), ""))
	}
	create(tb, s, acme, group("g", "All"))
	const atOnce = 50_000
	for from := 0; from < size; from += atOnce {
		change := new(scim.MemberChange)
		for i := from; i < min(size, from+atOnce); i++ {
			change.Add = append(change.Add, fmt.Sprintf("x%d", i))
		}
		_, err := s.Update(tb.Context(), acme, groupRef("g"), nil, func(r *scim.Resource) (bool, error) {
			r.Members = change
			return true, nil
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
}
