package directory

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// pagingUsers is a large tenant.
const pagingUsers = 250_000

// BenchmarkPaging measures pages of 100 among 250,000 users: the first, the
// 2,500th by index, and a deep one by cursor, and reports how they compare.
//
//	go test ./scim/directory -run '^$' -bench Paging -benchtime 200x
func BenchmarkPaging(b *testing.B) {
	s := openSQLite(b, filepath.Join(b.TempDir(), "paging.db"))
	refs := fill(b, s, 0, pagingUsers)
	deep := place{id: refs[pagingUsers-150].ID}.position()
	begin := ""
	took := map[string]time.Duration{}
	for _, c := range []struct {
		name string
		q    Query
	}{
		{"index/1", Query{StartIndex: 1}},
		{"index/2500", Query{StartIndex: pagingUsers - 99}},
		{"cursor/1", Query{StartIndex: 1, After: &begin}},
		{"cursor/2500", Query{StartIndex: 1, After: &deep}},
		{"sorted/1", Query{StartIndex: 1, After: &begin, SortBy: sortBy(b, "userName")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			c.q.Kind, c.q.Count = "User", 100
			for range b.N {
				page, err := s.List(b.Context(), acme, c.q)
				if err != nil || len(page.Resources) != 100 || page.Total != pagingUsers {
					b.Fatal(fmt.Sprint(len(page.Resources)), err)
				}
			}
			took[c.name] = b.Elapsed() / time.Duration(b.N)
		})
	}
	b.Run("compared", func(b *testing.B) {
		b.ReportMetric(float64(took["index/2500"])/float64(took["index/1"]), "x-index")
		b.ReportMetric(float64(took["cursor/2500"])/float64(took["cursor/1"]), "x-cursor")
		b.ReportMetric(0, "ns/op")
	})
}
