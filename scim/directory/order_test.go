package directory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// sortable are users with what sorts oddly: case, accents, numbers as text, several
// values, dates of different zones, nothing at all.
func sortable(t *testing.T, s Store, id tenant.ID, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	for i := range n {
		more := pick("", `,"title":"chef"`, `,"title":"Chef"`, `,"title":"Öl"`, `,"title":"Zoo"`) +
			pick("", `,"name":{"familyName":"b"}`, `,"name":{"familyName":"Ä","givenName":"x"}`, `,"name":{"givenName":"y"}`) +
			pick("", `,"emails":[{"value":"z@x.example"},{"value":"a@x.example","primary":true}]`, `,"emails":[{"value":"m@x.example"}]`) +
			pick("", `,"externalId":"B"`, `,"externalId":"a"`) + pick(`,"active":true`, `,"active":false`) +
			pick("", fmt.Sprintf(`,%q:{"floor":%s}`, scim.AppspaceUserURN, pick("9", `"10"`, "-2.5", `"x"`)))
		create(t, s, id, user(t, newID(), fmt.Sprintf("%cuser%d@example.com", 'a'+random.IntN(26), i), more))
	}
}

var sortPaths = []string{
	"userName", "id", "meta.created", "meta.lastModified", "title", "name.familyName", "emails", "emails.value", "externalId", "active",
	scim.AppspaceUserURN + ":floor", scim.UserURN + ":userName",
}

func sortBy(tb testing.TB, text string) *filter.Path {
	tb.Helper()
	p, err := definitions.Type("User").BindSort(text, scim.Mode{})
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return p
}

// expected is the whole answer to a query, in order, as one who reads everything
// and compares would give it.
func expected(t *testing.T, all []*scim.Resource, q Query) (ids []string) {
	t.Helper()
	var places []place
	for _, r := range all {
		if q.Filter != nil {
			if ok, err := r.Match(q.Filter); err != nil || !ok {
				continue
			}
		}
		p, err := placeOf(r, q)
		if err != nil {
			t.Fatal(err)
		}
		places = append(places, p)
	}
	slices.SortStableFunc(places, q.compare)
	for _, p := range places {
		ids = append(ids, p.id)
	}
	return ids
}

// pages walks a query by index, and by cursor.
func pages(t *testing.T, s Store, id tenant.ID, q Query, byCursor bool) (ids []string) {
	t.Helper()
	after := ""
	for q.StartIndex = 1; ; q.StartIndex += q.Count {
		if byCursor {
			q.After = &after
		}
		page, err := s.List(t.Context(), id, q)
		if err != nil {
			t.Fatalf("%+v: %v", q, err)
		}
		for _, r := range page.Resources {
			ids = append(ids, r.ID)
		}
		if byCursor && page.Next == "" || !byCursor && q.StartIndex+q.Count > page.Total {
			if page.Total != len(ids) {
				t.Fatalf("%d of %d seen", len(ids), page.Total)
			}
			return ids
		}
		if after = page.Next; len(ids) > 1000 {
			t.Fatal("it never ends")
		}
	}
}

func TestOrder(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		sortable(t, s, acme, 40)
		sortable(t, s, other, 5)
		page, err := s.List(t.Context(), acme, Query{Kind: "User", StartIndex: 1, Count: 100})
		if err != nil || len(page.Resources) != 40 {
			t.Fatal(len(page.Resources), err)
		}
		for _, path := range append(sortPaths, "") {
			for _, text := range []string{"", `active eq true`, `emails pr`, `title eq "nobody"`} {
				for _, descending := range []bool{false, true} {
					q := Query{Kind: "User", Count: 7, Descending: descending}
					if path != "" {
						q.SortBy = sortBy(t, path)
					}
					if text != "" {
						q.Filter = bound(t, text)
					}
					want := expected(t, page.Resources, q)
					for _, byCursor := range []bool{false, true} {
						if got := pages(t, s, acme, q, byCursor); !slices.Equal(got, want) {
							t.Errorf("sortBy %q, filter %q, descending %v, cursor %v:\n%v, want\n%v", path, text, descending, byCursor, got, want)
						}
					}
				}
			}
		}
	})
}

// Who is there all the time is seen exactly once, whatever comes and goes.
func TestCursorAmongChanges(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for _, path := range []string{"", "userName", "title"} {
			id := tenant.ID("walk-" + strings.ToLower(path) + "x")
			sortable(t, s, id, 30)
			all, err := s.List(t.Context(), id, Query{Kind: "User", StartIndex: 1, Count: 100})
			if err != nil {
				t.Fatal(err)
			}
			q, seen, gone := Query{Kind: "User", Count: 4}, map[string]int{}, map[string]bool{}
			if path != "" {
				q.SortBy = sortBy(t, path)
			}
			for after, i := "", 0; (i == 0 || after != "") && i < 100; i++ {
				q.After = &after
				page, err := s.List(t.Context(), id, q)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range page.Resources {
					seen[r.ID]++
				}
				if n := len(page.Resources); n > 0 { // the very one that the cursor names, and another
					for _, r := range []*scim.Resource{page.Resources[n-1], all.Resources[(i*7)%30]} {
						if !gone[r.ID] {
							gone[r.ID] = true
							if err := s.Delete(t.Context(), id, Ref{"User", r.ID}, nil, nil); err != nil {
								t.Fatal(err)
							}
						}
					}
				}
				create(t, s, id, user(t, newID(), fmt.Sprintf("a%d@new.example", i), ""))
				after = page.Next
			}
			for _, r := range all.Resources {
				if n := seen[r.ID]; n > 1 || n == 0 && !gone[r.ID] {
					t.Errorf("%s: %s was seen %d times", path, r.ID, n)
				}
			}
		}
	})
}

// Who wants no total reads the same pages.
func TestPagesWithoutATotal(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		sortable(t, s, acme, 7)
		for after, read := "", 0; read < 7; {
			q := Query{Kind: "User", StartIndex: 1, Count: 3, After: &after}
			counted, err := s.List(t.Context(), acme, q)
			if err != nil {
				t.Fatal(err)
			}
			q.Uncounted = true
			page, err := s.List(t.Context(), acme, q)
			if err != nil || len(page.Resources) == 0 || len(page.Resources) != len(counted.Resources) || page.Next != counted.Next {
				t.Fatalf("after %q: %+v, counted %+v, %v", after, page, counted, err)
			}
			read, after = read+len(page.Resources), page.Next
		}
	})
}

func TestPositionsThatWereNeverGiven(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		sortable(t, s, acme, 3)
		for _, path := range []string{"", "userName", "title"} {
			for _, after := range []string{"x", "[]", `{"a":1}`, `["a"]x`} {
				q := Query{Kind: "User", Count: 2, After: &after}
				if path != "" {
					q.SortBy = sortBy(t, path)
				}
				_, err := s.List(t.Context(), acme, q)
				if e, ok := err.(*scim.Error); after != "[]" && (!ok || e.Type != scim.InvalidCursor) { //nolint:errorlint // its own
					t.Errorf("sortBy %q after %s: %v", path, after, err)
				}
			}
		}
	})
}

func TestSortKeys(t *testing.T) {
	for _, c := range []struct {
		t    filter.Type
		less []string // JSON, ascending
	}{
		{filter.FoldedText, []string{`"a"`, `"B"`, `"c"`, `null`}},
		{filter.ExactText, []string{`"B"`, `"a"`, `null`}},
		{filter.Numeric, []string{`-10`, `-2.5`, `0`, `"9"`, `10`, `null`}},
		{filter.Time, []string{`"2026-01-01T02:00:00+02:00"`, `"2026-01-01T00:00:01Z"`, `null`}},
	} {
		for i := 1; i < len(c.less); i++ {
			a, b := parsed(t, c.less[i-1]), parsed(t, c.less[i])
			if sortKey(a, c.t) >= sortKey(b, c.t) {
				t.Errorf("%s is not before %s", c.less[i-1], c.less[i])
			}
		}
	}
}

func parsed(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
