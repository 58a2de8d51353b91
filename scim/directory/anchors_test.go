package directory

import (
	"fmt"
	"slices"
	"testing"
)

// Pages by index are those of the whole list, before and after some have gone.
func TestAnchors(t *testing.T) {
	const users = 3*anchorStep + 500
	s := openSQLite(t, inMemory)
	var refs []Ref
	err := s.apply(t.Context(), func(n *session) error {
		for i := range users {
			r := user(t, newID(), fmt.Sprintf("u%d@example.com", i), "")
			c, err := creation(acme, r, nil, nil, s.now())
			if err != nil {
				return err
			}
			if err := c.create(n); err != nil {
				return err
			}
			refs = append(refs, Ref{"User", r.ID})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		t.Helper()
		for _, from := range []int{0, 1, anchorStep - 1, anchorStep, anchorStep + 1, 2*anchorStep + 7, len(refs) - 3} {
			page, err := s.List(t.Context(), acme, Query{Kind: "User", StartIndex: from + 1, Count: 3})
			if err != nil || page.Total != len(refs) {
				t.Fatal(page, err)
			}
			for i, r := range page.Resources {
				if want := refs[from+i].ID; r.ID != want {
					t.Fatalf("%s, from %d: %s at %d, want %s", when, from, r.ID, i, want)
				}
			}
		}
	}
	check("at first")
	check("with anchors known")
	if n := len(s.anchors.known[part(acme, "User")]); n != 3 {
		t.Errorf("%d anchors", n)
	}
	for _, at := range []int{2*anchorStep + 100, anchorStep, anchorStep - 1, 0} {
		if err := s.Delete(t.Context(), acme, refs[at], nil, nil); err != nil {
			t.Fatal(err)
		}
		refs = slices.Delete(refs, at, at+1)
		check(fmt.Sprintf("without the %dth", at))
	}
	if err := s.Erase(t.Context(), acme); err != nil {
		t.Fatal(err)
	}
	refs = nil
	page, err := s.List(t.Context(), acme, Query{Kind: "User", StartIndex: 2001, Count: 3})
	if err != nil || page.Total != 0 || len(page.Resources) != 0 {
		t.Error(page, err)
	}
}

// What was counted while somebody went is not remembered.
func TestAnchorsLearnNothingStale(t *testing.T) {
	var a anchors
	_, _, mark := a.before("p", 5000)
	a.learn("p", anchorStep, 11, mark)
	_, _, mark = a.before("p", 5000)
	a.forget([]leaver{{"p", 50}})
	a.learn("p", 2*anchorStep, 22, mark)
	if skipped, rid, _ := a.before("p", 5000); skipped != anchorStep || rid != 11 {
		t.Errorf("%d, %d", skipped, rid)
	}
	a.forget([]leaver{{"p", 11}})
	if skipped, rid, _ := a.before("p", 5000); skipped != 0 || rid != 0 {
		t.Errorf("%d, %d after the anchor itself went", skipped, rid)
	}
}
