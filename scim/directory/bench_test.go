package directory

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"scimgate/scim"
)

// Each benchmark runs as "store" and as "floor": the same statements over the
// same rows and bytes, index rows included, by one goroutine that does nothing
// else. Compare CPU, not wall time, where a disk is synced.

// measure runs f and reports the CPU that the process used for each of b.N, which
// is what to compare where others use the machine, or a disk is waited for.
func measure(b *testing.B, f func()) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	before := cpu(b)
	f()
	used := cpu(b) - before
	b.StopTimer()
	b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
}

func cpu(b *testing.B) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func benchUser(tb testing.TB, i int) *scim.Resource {
	return user(tb, newID(), fmt.Sprintf("user%06d@example.com", i), fmt.Sprintf(`,"externalId":"e%06d","active":true,
		"displayName":"User %d","name":{"givenName":"Given%d","familyName":"Family%d"},"title":"Engineer",
		"emails":[{"type":"work","value":"user%06d@example.com","primary":true}],
		"phoneNumbers":[{"type":"work","value":"+41 44 %06d"}],
		"addresses":[{"type":"work","streetAddress":"Street %d","locality":"Zürich","country":"CH","postalCode":"8%03d"}],
		%q:{"employeeNumber":"%d","department":"D%d","manager":{"value":"e%06d"}}`,
		i, i, i, i, i, i, i%100, i%1000, scim.EnterpriseUserURN, i, i%50, i/10))
}

func onBoth(b *testing.B, run func(b *testing.B, s *SQLite)) {
	for name, path := range map[string]string{"memory": inMemory, "file": filepath.Join(b.TempDir(), "bench.db")} {
		b.Run(name, func(b *testing.B) { run(b, openSQLite(b, path)) })
	}
}

// fill stores users from..to-1, many in one write.
func fill(b *testing.B, s *SQLite, from, to int) (refs []Ref) {
	b.Helper()
	for chunk := range slices.Chunk(make([]int, to-from), 500) {
		var all []*change
		for range chunk {
			c, err := creation(acme, benchUser(b, from+len(refs)), slot0, nil, time.Now())
			if err != nil {
				b.Fatal(err)
			}
			refs = append(refs, Ref{"User", c.after.ID})
			all = append(all, c)
		}
		err := s.apply(b.Context(), func(n *session) error {
			for _, c := range all {
				if err := c.create(n); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return refs
}

// alone runs one operation in a transaction of its own, with nothing around it.
func alone(b *testing.B, n *session, do func(*session) error) {
	results, err := transact(n, []*write{newWrite(do)})
	if err != nil || results[0] != nil {
		b.Fatal(err, results)
	}
}

func BenchmarkCreate(b *testing.B) {
	onBoth(b, func(b *testing.B, s *SQLite) {
		users := make([]*scim.Resource, 0, b.N)
		next := 0
		more := func(count int) []*scim.Resource {
			users = users[:0]
			for range count {
				r := benchUser(b, next)
				_ = r.Body()
				users = append(users, r)
				next++
			}
			return users
		}
		b.Run("store", func(b *testing.B) {
			users := more(b.N)
			measure(b, func() {
				for _, r := range users {
					if err := s.Create(b.Context(), acme, r, slot0); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
		b.Run("floor", func(b *testing.B) {
			var changes []*change
			for _, r := range more(b.N) {
				c, err := creation(acme, r, slot0, nil, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				changes = append(changes, c)
			}
			w := <-s.writer
			measure(b, func() {
				for _, c := range changes {
					alone(b, w, c.create)
				}
			})
			s.writer <- w
		})
		b.Run("store by 16", func(b *testing.B) {
			users := more(b.N)
			var at atomic.Int64
			b.SetParallelism(8)
			measure(b, func() {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if err := s.Create(b.Context(), acme, users[at.Add(1)-1], slot0); err != nil {
							b.Error(err)
						}
					}
				})
			})
		})
	})
}

func BenchmarkGet(b *testing.B) {
	onBoth(b, func(b *testing.B, s *SQLite) {
		refs := fill(b, s, 0, 1000)
		b.Run("store", func(b *testing.B) {
			measure(b, func() {
				for i := range b.N {
					if _, err := s.Get(b.Context(), acme, refs[i%len(refs)]); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
		b.Run("floor", func(b *testing.B) {
			read(b, s, getResource, func(i int) []any { return []any{resourceKey(acme, refs[i%len(refs)])} })
		})
	})
}

// read runs a statement over and over and reads its rows.
func read(b *testing.B, s *SQLite, q query, args func(i int) []any) {
	n := <-s.readers
	defer func() { s.readers <- n }()
	measure(b, func() {
		for i := range b.N {
			rows := 0
			err := n.each(q, func(r *resultRow) error {
				var rid, v, created, modified int64
				var key string
				var body []byte
				rows++
				return r.Scan(&rid, &key, &v, &created, &modified, &body)
			}, args(i)...)
			if err != nil || rows != 1 {
				b.Fatal(rows, err)
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	onBoth(b, func(b *testing.B, s *SQLite) {
		size := 0
		for _, want := range []int{1000, 100_000} {
			fill(b, s, size, want)
			size = want
			b.Run(fmt.Sprintf("store of %d", size), func(b *testing.B) {
				q := Query{Kind: "User", StartIndex: 1, Count: 100}
				measure(b, func() {
					for i := range b.N {
						q.Filter = bound(b, fmt.Sprintf("userName eq \"user%06d@example.com\"", i*7919%size))
						page, err := s.List(b.Context(), acme, q)
						if err != nil || page.Total != 1 {
							b.Fatal(page, err)
						}
					}
				})
			})
			b.Run(fmt.Sprintf("floor of %d", size), func(b *testing.B) {
				read(b, s, byName, func(i int) []any {
					return []any{fmt.Sprintf("acme/User/user%06d@example.com", i*7919%size)}
				})
			})
		}
	})
}

func BenchmarkUpdate(b *testing.B) {
	onBoth(b, func(b *testing.B, s *SQLite) {
		refs := fill(b, s, 0, 1000)
		b.Run("store", func(b *testing.B) {
			measure(b, func() {
				for i := range b.N {
					_, err := s.Update(b.Context(), acme, refs[i%len(refs)], slot0, set("title", fmt.Sprint("Title ", i)))
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		})
		b.Run("floor", func(b *testing.B) {
			var changes []*change
			for i := range min(b.N, len(refs)) {
				r, err := s.Get(b.Context(), acme, refs[i])
				if err != nil {
					b.Fatal(err)
				}
				c, err := edition(acme, r, slot0, set("title", fmt.Sprint("Floor ", b.N, i)), nil, time.Now())
				if err != nil {
					b.Fatal(err)
				}
				changes = append(changes, c)
			}
			w := <-s.writer
			measure(b, func() {
				for i := range b.N {
					again(b, w, changes[i%len(changes)], i >= len(changes))
				}
			})
			s.writer <- w
		})
	})
}

// again makes a change, and from the second time on undoes and redoes it.
func again(b *testing.B, w *session, c *change, undo bool) {
	row := []any{new(int64), new(string), new(int64), new(int64), new(int64), new([]byte)}
	if _, err := w.one(getResource, row, c.key); err != nil {
		b.Fatal(err)
	}
	if undo {
		c.was++
		c.row.version++
		c.add, c.drop = c.drop, c.add
	}
	alone(b, w, c.update)
}
