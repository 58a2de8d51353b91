package directory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// noted makes a resource that a request makes.
func noted(r *scim.Resource, request string) *scim.Resource {
	r.Note = &scim.Note{Request: request, Method: "POST", Status: 201, Actor: "key00001"}
	return r
}

// notedEdit is an edit that a request makes.
func notedEdit(edit Edit, request string) Edit {
	return func(r *scim.Resource) (bool, error) {
		r.Note = &scim.Note{Request: request, Method: "PATCH", Status: 200, Steps: []scim.NotedOperation{{Op: "replace", Path: "title"}}}
		return edit(r)
	}
}

func journal(tb testing.TB, s Journal, t tenant.ID, q JournalQuery) *JournalPage {
	tb.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	page, err := s.ReadJournal(tb.Context(), t, q)
	if err != nil {
		tb.Fatal(err)
	}
	return page
}

// lines are entries as "version request what".
func lines(entries []Entry) (all []string) {
	for _, e := range entries {
		what := ""
		switch {
		case e.Attempt != nil:
			what = string(e.Attempt.Op) + " " + string(e.Attempt.Outcome)
		case e.Change.Class != "":
			what = "refused " + e.Change.Class
		default:
			what = e.Change.Method
		}
		all = append(all, fmt.Sprintf("%d %s %s", e.Version, e.Request, what))
	}
	return all
}

func told(tb testing.TB, s Journal, q JournalQuery, want ...string) {
	tb.Helper()
	if got := lines(journal(tb, s, acme, q).Entries); !slices.Equal(got, want) {
		tb.Errorf("%+v\ngot  %q\nwant %q", q, got, want)
	}
}

func relay(tb testing.TB, s Journal) int {
	tb.Helper()
	n, err := s.RelayJournal(tb.Context(), time.Hour)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// One request is followed through: the change, an attempt that failed, one that
// went well, a change that came between, the deletion. All of it is there at once,
// and is the same when it has been relayed.
func TestJournalTellsAStory(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
		c := claim(t, s, ref, intent("one", Creating, now), now)
		if c.Request != "r-1" {
			t.Errorf("the claim's request: %q", c.Request)
		}
		update(t, s, acme, ref, notedEdit(set("title", "x"), "r-2"), 0)
		failure := Failure{Class: "transient", Status: 500, Reason: "x", At: now}
		commit(t, s, c, Outcome{
			Retry:   &Retry{At: now, Failure: failure},
			Attempt: &Attempt{Connection: "appspace", Op: ToCreate, Outcome: WillRetry, Class: "transient", Status: 500, Millis: 12},
		})
		c = claim(t, s, ref, intent("two", Creating, now.Add(time.Minute)), now.Add(time.Minute))
		o := delivered("r1")
		o.Attempt = &Attempt{Connection: "appspace", Op: ToCreate, Outcome: WasDone, RulesRev: 3}
		commit(t, s, c, o)
		check := func(r *scim.Resource) error { r.Note = &scim.Note{Request: "r-3", Method: "DELETE"}; return nil }
		if err := s.Delete(t.Context(), acme, ref, slot0, check); err != nil {
			t.Fatal(err)
		}
		want := []string{"1 r-1 POST", "1 r-1 create retry", "2 r-2 PATCH", "2 r-2 create done", "3 r-3 DELETE"}
		for range 2 {
			got := journal(t, s, acme, JournalQuery{Ref: ref}).Entries
			if text := lines(got); !sameLines(text, want) {
				t.Fatalf("got %q", text)
			}
			for i, e := range got {
				if e.Ref != ref || e.ID == "" || i > 0 && e.At.Before(got[i-1].At) {
					t.Errorf("entry %d: %+v", i, e)
				}
			}
			told(t, s, JournalQuery{Class: "transient"}, "1 r-1 create retry")
			told(t, s, JournalQuery{Request: "r-2"}, "2 r-2 PATCH", "2 r-2 create done")
			relay(t, s)
		}
		first := journal(t, s, acme, JournalQuery{Ref: ref}).Entries[0]
		if first.Change.Actor != "key00001" || first.Change.Status != 201 || first.Change.Request != "r-1" {
			t.Errorf("%+v", first.Change)
		}
	})
}

// sameLines compares without regard to order: a test writes faster than a clock ticks.
func sameLines(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// Two tenants never meet, not even in one another's positions, and erasing one
// leaves the other.
func TestJournalsNeverMeet(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for _, id := range []tenant.ID{acme, other} {
			create(t, s, id, noted(user(t, "same", "ana", ""), "of-"+string(id)), 0)
			add := []Entry{{At: time.Now(), Ref: Ref{"User", "same"}, Request: "aside-" + string(id), Change: &scim.Note{Class: "noTarget"}}}
			if err := s.AddToJournal(t.Context(), id, add); err != nil {
				t.Fatal(err)
			}
		}
		relay(t, s)
		for _, id := range []tenant.ID{acme, other} {
			for _, q := range []JournalQuery{{}, {Ref: Ref{"User", "same"}}, {Newest: true}} {
				entries := journal(t, s, id, q).Entries
				if len(entries) != 2 || !strings.HasSuffix(entries[0].Request, string(id)) || !strings.HasSuffix(entries[1].Request, string(id)) {
					t.Errorf("%s %+v: %q", id, q, lines(entries))
				}
			}
		}
		foreign := journal(t, s, other, JournalQuery{}).Entries[0].ID
		for _, bad := range []string{foreign, "x", "acme/User/same#1", "acme/User/same#" + strings.Repeat("x", 30)} {
			if _, err := s.ReadJournal(t.Context(), acme, JournalQuery{After: bad, Limit: 1}); !errors.Is(err, ErrPosition) {
				t.Errorf("position %q: %v", bad, err)
			}
		}
		create(t, s, acme, noted(user(t, "waits", "bob", ""), "untold"), 0)
		if err := s.Erase(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if got := journal(t, s, acme, JournalQuery{}).Entries; len(got) != 0 {
			t.Errorf("after erasing: %q", lines(got))
		}
		if got := journal(t, s, other, JournalQuery{}).Entries; len(got) != 2 {
			t.Errorf("of the other: %q", lines(got))
		}
	})
}

// Pages follow each other in both directions, whether or not events are relayed
// between them.
func TestJournalPages(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r1"), 0)
		for i := range 9 {
			update(t, s, acme, ref, notedEdit(set("title", fmt.Sprint(i)), fmt.Sprintf("r%d", i+2)), 0)
			if i == 4 {
				relay(t, s)
			}
		}
		all := journal(t, s, acme, JournalQuery{Ref: ref}).Entries
		for _, q := range []JournalQuery{{Ref: ref, Limit: 3}, {Limit: 3}, {Limit: 3, Newest: true}, {Ref: ref, Limit: 10, Newest: true}, {Limit: 1, Request: "r7"}} {
			want := slices.Clone(all)
			if q.Newest {
				slices.Reverse(want)
			}
			if q.Request != "" {
				want = want[6:7]
			}
			var got []Entry
			for n := 0; n < 20; n++ {
				page := journal(t, s, acme, q)
				got = append(got, page.Entries...)
				if q.After = page.Next; q.After == "" {
					break
				}
				relay(t, s)
			}
			if !slices.Equal(lines(got), lines(want)) {
				t.Errorf("%+v\ngot  %q\nwant %q", q, lines(got), lines(want))
			}
		}
		middle := all[5].At
		since := journal(t, s, acme, JournalQuery{Since: middle}).Entries
		until := journal(t, s, acme, JournalQuery{Until: middle}).Entries
		if len(since)+len(until) != 10 || since[0].At.Before(middle) || len(until) > 0 && !until[len(until)-1].At.Before(middle) {
			t.Errorf("%d since and %d until", len(since), len(until))
		}
	})
}

// What changes nothing adds nothing, and what has no note is not told.
func TestJournalOfNothing(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		ref := create(t, s, acme, noted(user(t, newID(), "ana", `,"title":"x"`), "r-1"), 0)
		update(t, s, acme, ref, notedEdit(set("title", "x"), "r-2"), 0)
		if err := s.Create(t.Context(), acme, noted(user(t, newID(), "ANA", ""), "r-3"), nil); err == nil {
			t.Error("two of a name")
		}
		refused := errors.New("no")
		_, err := s.Update(t.Context(), acme, ref, nil, notedEdit(func(*scim.Resource) (bool, error) { return false, refused }, "r-4"))
		if !errors.Is(err, refused) {
			t.Error(err)
		}
		update(t, s, acme, ref, set("title", "y"), 0)
		told(t, s, JournalQuery{}, "1 r-1 POST")
		now := soon()
		if c := claim(t, s, ref, intent("i", Updating, now), now); c.Request != "" {
			t.Errorf("made by nobody known, the claim says %q", c.Request)
		}
	})
}

// What is added aside is about resources that there are, tombstones too.
func TestAddToJournal(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		ref := create(t, s, acme, user(t, newID(), "ana", ""), 0)
		if err := s.Delete(t.Context(), acme, ref, nil, nil); err != nil {
			t.Fatal(err)
		}
		entry := Entry{At: time.Now(), Ref: ref, Version: 2, Request: "r", Change: &scim.Note{Method: "PATCH", Status: 400, Class: "invalidPath"}}
		stranger := entry
		stranger.Ref.ID = "nobody"
		if err := s.AddToJournal(t.Context(), acme, []Entry{entry, stranger}); err != nil {
			t.Fatal(err)
		}
		told(t, s, JournalQuery{}, "2 r refused invalidPath")
		told(t, s, JournalQuery{Class: "invalidPath", Ref: ref}, "2 r refused invalidPath")
		if err := s.AddToJournal(t.Context(), acme, nil); err != nil {
			t.Error(err)
		}
	})
}

// A verification is told, by the request that made what was delivered.
func TestJournalOfVerification(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		ref := create(t, s, acme, noted(user(t, newID(), "ana", ""), "r-1"), 0)
		claim(t, s, ref, intent("lost", Updating, now), now)
		commit(t, s, claim(t, s, ref, intent("again", Updating, now), now), delivered("r1"))
		nonce := item(t, s, ref).Verify.Nonce
		if err := s.Verified(t.Context(), acme, 0, ref, nonce, false, now); err != nil {
			t.Fatal(err)
		}
		told(t, s, JournalQuery{}, "1 r-1 POST", "1 r-1 verify resent")
	})
}

// Old entries go, a bounded number at a time, of every tenant.
func TestExpireJournal(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for _, id := range []tenant.ID{acme, other, "zeta"} {
			for i := range 4 {
				create(t, s, id, noted(user(t, newID(), fmt.Sprint(i), ""), "r"), 0)
			}
		}
		relay(t, s)
		if n, err := s.ExpireJournal(t.Context(), time.Now().Add(-time.Minute), 100); n != 0 || err != nil {
			t.Errorf("nothing is old: %d, %v", n, err)
		}
		later := time.Now().Add(time.Minute)
		for _, want := range []int{5, 5, 2, 0} {
			if n, err := s.ExpireJournal(t.Context(), later, 5); n != want || err != nil {
				t.Errorf("%d, %v; want %d", n, err, want)
			}
		}
		if got := journal(t, s, other, JournalQuery{}).Entries; len(got) != 0 {
			t.Errorf("left: %q", lines(got))
		}
	})
}

// Whoever has a name is found by it, and whoever had it.
func TestNamed(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		name := func() []Bearer {
			all, err := s.Named(t.Context(), acme, "User", " Ana@x.example ")
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		create(t, s, other, user(t, newID(), "ana@x.example", ""))
		if all := name(); len(all) != 0 {
			t.Errorf("another tenant's: %+v", all)
		}
		var refs []Ref
		for range 3 {
			if len(refs) > 0 {
				if err := s.Delete(t.Context(), acme, refs[0], nil, nil); err != nil {
					t.Fatal(err)
				}
			}
			refs = slices.Insert(refs, 0, create(t, s, acme, user(t, newID(), "ana@x.example", "")))
		}
		all := name()
		if len(all) != 3 || all[0].Ref != refs[0] || all[0].Deleted || !all[1].Deleted || !all[2].Deleted || all[1].Version != 2 {
			t.Errorf("%+v", all)
		}
	})
}

// However many write, relay and read at once, each entry is there exactly once.
func TestJournalUnderLoad(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		const users, changes = 8, 12
		ctx := t.Context()
		var writers, relays sync.WaitGroup
		stop := make(chan struct{})
		for range 2 {
			relays.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := s.RelayJournal(ctx, time.Hour); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for u := range users {
			writers.Go(func() {
				r := noted(user(t, newID(), fmt.Sprint(u), ""), fmt.Sprintf("u%d-0", u))
				if err := s.Create(ctx, acme, r, slot0); err != nil {
					t.Error(err)
				}
				for i := range changes {
					edit := notedEdit(set("title", fmt.Sprint(i)), fmt.Sprintf("u%d-%d", u, i+1))
					if _, err := s.Update(ctx, acme, Ref{"User", r.ID}, slot0, edit); err != nil {
						t.Error(err)
					}
					if i%4 == 0 {
						if _, err := s.ReadJournal(ctx, acme, JournalQuery{Ref: Ref{"User", r.ID}, Limit: 5}); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		writers.Wait()
		close(stop)
		relays.Wait()
		relay(t, s)
		seen := map[string]int{}
		for _, e := range journal(t, s, acme, JournalQuery{Limit: 1000}).Entries {
			seen[e.Request]++
		}
		for u := range users {
			for i := range changes + 1 {
				if n := seen[fmt.Sprintf("u%d-%d", u, i)]; n != 1 {
					t.Errorf("u%d-%d is there %d times", u, i, n)
				}
			}
		}
	})
}
