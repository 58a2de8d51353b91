package directory

import (
	"errors"
	"fmt"
	"testing"

	"scimgate/scim"
)

func TestPaging(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		var ids []string
		for i := range 25 {
			r := user(t, newID(), fmt.Sprintf("u%02d@example.com", i), fmt.Sprintf(`,"title":"t%d"`, i%2))
			ids = append(ids, create(t, s, acme, r).ID)
		}
		if err := s.Delete(t.Context(), acme, Ref{"User", ids[3]}, nil, nil); err != nil {
			t.Fatal(err)
		}
		ids = append(ids[:3], ids[4:]...)
		for _, f := range []string{"", `userName pr`, `userName sw "u"`, `userName co "example"`, `title eq "t0" or title eq "t1"`, `not (title eq "t9")`} {
			q := Query{Kind: "User", Count: 7}
			if f != "" {
				q.Filter = bound(t, f)
			}
			var got []string
			for q.StartIndex = 1; q.StartIndex <= 24; q.StartIndex += 7 {
				page, err := s.List(t.Context(), acme, q)
				if err != nil || page.Total != 24 {
					t.Fatalf("%q from %d: total %d, %v", f, q.StartIndex, page.Total, err)
				}
				for _, r := range page.Resources {
					got = append(got, r.ID)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(ids) {
				t.Errorf("%q pages through\n%v\nnot\n%v", f, got, ids)
			}
			for _, at := range []struct{ start, count, want int }{{1, 0, 0}, {25, 5, 0}, {1000, 5, 0}, {24, 5, 1}} {
				q.StartIndex, q.Count = at.start, at.count
				page, err := s.List(t.Context(), acme, q)
				if err != nil || page.Total != 24 || len(page.Resources) != at.want {
					t.Errorf("%q at %+v: %d of %d, %v", f, at, len(page.Resources), page.Total, err)
				}
			}
		}
	})
}

// A filter that no index answers is refused beyond the bound, and answered below.
func TestTooMany(t *testing.T) {
	if testing.Short() {
		t.Log("the bound is checked on a small collector only")
	}
	c := collector{query: Query{Filter: bound(t, `userName pr`), StartIndex: 1}, examined: maxExamined - 1}
	if err := c.see(user(t, "a", "a", "")); err != nil {
		t.Errorf("the last one allowed: %v", err)
	}
	var e *scim.Error
	if err := c.see(user(t, "b", "b", "")); !errors.As(err, &e) || e.Type != scim.TooMany || e.Status != 400 {
		t.Errorf("the first one too many: %v", err)
	}
}
