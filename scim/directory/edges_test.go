package directory

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func group(id, name string, members ...string) *scim.Resource {
	r := scim.NewResource("Group", id, value.NewObject(
		value.Member{Name: "schemas", Value: value.List(value.NewText(scim.GroupURN))},
		value.Member{Name: "id", Value: value.NewText(id)},
		value.Member{Name: "displayName", Value: value.NewText(name)},
	))
	if len(members) > 0 {
		r.Members = &scim.MemberChange{Add: members}
	}
	return r
}

func groupRef(id string) Ref { return Ref{"Group", id} }

// move is an edit of members: "+u1 -u2", "reset +u3".
func move(words string) Edit {
	return func(r *scim.Resource) (bool, error) {
		r.Members = changeOf(words)
		return true, nil
	}
}

func changeOf(words string) *scim.MemberChange {
	c := new(scim.MemberChange)
	for _, w := range strings.Fields(words) {
		switch {
		case w == "reset":
			c.Reset = true
		case w[0] == '+':
			c.Add = append(c.Add, w[1:])
		default:
			c.Remove = append(c.Remove, w[1:])
		}
	}
	return c
}

// membersOf reads a whole group, a few at a time.
func membersOf(tb testing.TB, s Store, t tenant.ID, group string) (ids []string) {
	tb.Helper()
	for after := ""; ; {
		page, err := s.Members(tb.Context(), t, group, after, 3)
		if err != nil {
			tb.Fatal(err)
		}
		for _, m := range page {
			ids = append(ids, m.ID)
		}
		if len(page) < 3 {
			return ids
		}
		after = page[2].ID
	}
}

func wantMembers(tb testing.TB, s Store, t tenant.ID, group string, want ...string) {
	tb.Helper()
	if got := membersOf(tb, s, t, group); !slices.Equal(got, want) {
		tb.Errorf("members of %s: %v, want %v", group, got, want)
	}
}

// people makes users u0, u1, …
func people(tb testing.TB, s Store, t tenant.ID, n int) {
	tb.Helper()
	for i := range n {
		create(tb, s, t, user(tb, fmt.Sprintf("u%d", i), fmt.Sprintf("u%d@example.com", i), fmt.Sprintf(`,"displayName":"User %d"`, i)))
	}
}

func TestEdges(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		people(t, s, acme, 6)
		create(t, s, acme, group("g", "All", "u0", "u1"))
		wantMembers(t, s, acme, "g", "u0", "u1")
		for _, c := range []struct {
			words   string
			version uint64
			want    string
		}{
			{"+u2", 2, "u0 u1 u2"},
			{"+u2 +u0", 2, "u0 u1 u2"}, // they are there
			{"-u5", 2, "u0 u1 u2"},     // it is not
			{"-u0 +u3 +u1", 3, "u1 u2 u3"},
			{"reset +u3 +u2 +u1", 3, "u1 u2 u3"}, // as it is
			{"reset +u4", 4, "u4"},
			{"reset", 5, ""},
			{"reset", 5, ""},
			{"+u0 +u1 +u2 +u3 +u4 +u5", 6, "u0 u1 u2 u3 u4 u5"},
		} {
			r := update(t, s, acme, groupRef("g"), move(c.words))
			if r.Version != c.version || r.Members != nil {
				t.Errorf("%s: version %d, want %d", c.words, r.Version, c.version)
			}
			wantMembers(t, s, acme, "g", strings.Fields(c.want)...)
		}
		page, err := s.Members(t.Context(), acme, "g", "u3", 1)
		if err != nil || len(page) != 1 || page[0] != (Member{"User", "u4", "User 4"}) {
			t.Errorf("a page of one: %v, %v", page, err)
		}
		there, err := s.Among(t.Context(), acme, "g", []string{"u5", "nobody", "u1"})
		if slices.Sort(there); err != nil || !slices.Equal(there, []string{"u1", "u5"}) {
			t.Errorf("among: %v, %v", there, err)
		}
		if got := item(t, s, Ref{"User", "u0"}); got.State != Clean {
			t.Errorf("a user became due: %v", got)
		}
	})
}

// A rename that fails takes its members with it.
func TestEdgesChangeWholeOrNotAtAll(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		people(t, s, acme, 2)
		create(t, s, acme, group("g", "All", "u0"))
		create(t, s, acme, group("h", "Others"))
		_, err := s.Update(t.Context(), acme, groupRef("h"), nil, func(r *scim.Resource) (bool, error) {
			_, _ = set("displayName", "ALL")(r)
			r.Members = changeOf("+u1")
			return true, nil
		})
		if e := new(scim.Error); !errors.As(err, &e) || e.Type != scim.Uniqueness {
			t.Errorf("renamed into a name that is taken: %v", err)
		}
		wantMembers(t, s, acme, "h")
		err = s.Create(t.Context(), acme, group("i", "all", "u1"), nil)
		if e := new(scim.Error); !errors.As(err, &e) || e.Type != scim.Uniqueness {
			t.Errorf("created under a name that is taken: %v", err)
		}
		wantMembers(t, s, acme, "i")
		if groups, err := s.GroupsOf(t.Context(), acme, []string{"u0", "u1"}); err != nil || len(groups) != 1 {
			t.Errorf("groups: %v, %v", groups, err)
		}
	})
}

func TestEdgesOfTwoTenants(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for _, id := range []tenant.ID{acme, other} {
			people(t, s, id, 3)
			create(t, s, id, group("g", "All"))
		}
		update(t, s, acme, groupRef("g"), move("+u0 +u1"))
		update(t, s, other, groupRef("g"), move("+u1 +u2"))
		wantMembers(t, s, acme, "g", "u0", "u1")
		wantMembers(t, s, other, "g", "u1", "u2")
		for id, want := range map[tenant.ID][]string{acme: {"u0", "u1"}, other: {"u1", "u2"}} {
			groups, err := s.GroupsOf(t.Context(), id, []string{"u0", "u1", "u2"})
			if err != nil || len(groups) != 2 || groups[want[0]] == nil || groups[want[1]] == nil {
				t.Errorf("%s: %v, %v", id, groups, err)
			}
			page := list(t, s, id, "User", `groups.value eq "g"`)
			if !slices.Equal(page, want) {
				t.Errorf("%s: users in the group: %v", id, page)
			}
		}
		if err := s.Erase(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		wantMembers(t, s, acme, "g")
		wantMembers(t, s, other, "g", "u1", "u2")
		people(t, s, acme, 2)
		create(t, s, acme, group("g", "All"))
		wantMembers(t, s, acme, "g")
	})
}

// list returns the ids that a filter finds.
func list(tb testing.TB, s Store, t tenant.ID, kind, text string) (ids []string) {
	tb.Helper()
	e, err := definitions.Type(kind).BindFilter(text, scim.Mode{})
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	page, err := s.List(tb.Context(), t, Query{Kind: kind, Filter: e, StartIndex: 1, Count: 100})
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	for _, r := range page.Resources {
		ids = append(ids, r.ID)
		if strings.Contains(string(r.Body()), "members") || len(scim.AppendResource(nil, r, "", nil)) > len(r.Body())+250 {
			tb.Errorf("%s: what was evaluated is left on %s", text, r.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// Whoever is not there yet, or is gone, is not shown, and nothing is rewritten.
func TestEdgesToNobody(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		people(t, s, acme, 2)
		fresh := group("g", "All", "u0", "early", "late")
		wanted := fresh.Members
		create(t, s, acme, fresh)
		if wanted.Unresolved != 2 {
			t.Errorf("%d unresolved in a new group", wanted.Unresolved)
		}
		change := changeOf("+u1 +ghost")
		update(t, s, acme, groupRef("g"), func(r *scim.Resource) (bool, error) {
			r.Members = change
			return true, nil
		})
		if change.Unresolved != 1 {
			t.Errorf("%d unresolved in a change", change.Unresolved)
		}
		wantMembers(t, s, acme, "g", "u0", "u1")
		create(t, s, acme, user(t, "early", "early@example.com", ""))
		create(t, s, acme, group("late", "Late"))
		wantMembers(t, s, acme, "g", "early", "late", "u0", "u1")
		if groups, err := s.GroupsOf(t.Context(), acme, []string{"early", "late"}); err != nil || len(groups) != 2 || groups["late"][0] != (Member{"Group", "g", "All"}) {
			t.Errorf("groups: %v, %v", groups, err)
		}
		for _, ref := range []Ref{{"User", "u0"}, groupRef("late")} {
			if err := s.Delete(t.Context(), acme, ref, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		wantMembers(t, s, acme, "g", "early", "u1")
		if there, err := s.Among(t.Context(), acme, "g", []string{"u0", "u1", "ghost"}); err != nil || !slices.Equal(there, []string{"u1"}) {
			t.Errorf("among: %v, %v", there, err)
		}
		if err := s.Delete(t.Context(), acme, groupRef("g"), nil, nil); err != nil {
			t.Fatal(err)
		}
		wantMembers(t, s, acme, "g")
		if groups, err := s.GroupsOf(t.Context(), acme, []string{"early", "u1"}); err != nil || len(groups) != 0 {
			t.Errorf("groups of a deleted group: %v, %v", groups, err)
		}
		create(t, s, acme, group("g2", "All"))
		wantMembers(t, s, acme, "g2")
		for {
			n, err := s.Purge(t.Context(), time.Now().Add(time.Hour), 100)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
		}
		wantMembers(t, s, acme, "g")
	})
}

// Many members are replaced by few at the price of the few.
func TestEdgesOfAnOlderEpoch(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		people(t, s, acme, 3)
		crowd := make([]string, fewEdges+500)
		for i := range crowd {
			crowd[i] = fmt.Sprintf("x%d", i)
		}
		create(t, s, acme, group("g", "All", append(crowd, "u0", "u1")...))
		update(t, s, acme, groupRef("g"), move("reset +u1 +u2"))
		wantMembers(t, s, acme, "g", "u1", "u2")
		if groups, err := s.GroupsOf(t.Context(), acme, []string{"u0", "u1"}); err != nil || len(groups) != 1 || groups["u1"] == nil {
			t.Errorf("groups: %v, %v", groups, err)
		}
		if ids := list(t, s, acme, "Group", `members eq "u0"`); len(ids) != 0 {
			t.Errorf("found by a member of before: %v", ids)
		}
		update(t, s, acme, groupRef("g"), move("+u0 -u1"))
		wantMembers(t, s, acme, "g", "u0", "u2")
		for range 3 {
			if _, err := s.Purge(t.Context(), time.Time{}, 10); err != nil {
				t.Fatal(err)
			}
		}
		wantMembers(t, s, acme, "g", "u0", "u2")
	})
}

// Entra sends memberships in parallel: not one may be lost.
func TestEdgesInParallel(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		const n = 200
		people(t, s, acme, n)
		create(t, s, acme, group("g", "All"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var writers sync.WaitGroup
		for i := range n {
			writers.Go(func() {
				if _, err := s.Update(ctx, acme, groupRef("g"), nil, move(fmt.Sprintf("+u%d", i))); err != nil {
					t.Error(err)
				}
			})
		}
		writers.Wait()
		if got := membersOf(t, s, acme, "g"); len(got) != n {
			t.Errorf("%d members", len(got))
		}
		r, err := s.Get(t.Context(), acme, groupRef("g"))
		if err != nil || r.Version != n+1 {
			t.Errorf("version %d, %v", r.Version, err)
		}
	})
}

// A change of several members is seen whole or not at all.
func TestEdgesSeenWhole(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		people(t, s, acme, 6)
		create(t, s, acme, group("g", "All", "u0", "u1", "u2"))
		ctx, stop := context.WithCancel(t.Context())
		var writer sync.WaitGroup
		writer.Go(func() {
			for i := 0; ctx.Err() == nil && i < 50; i++ {
				words := "-u0 -u1 -u2 +u3 +u4 +u5"
				if i%2 == 1 {
					words = "+u0 +u1 +u2 -u3 -u4 -u5"
				}
				if _, err := s.Update(t.Context(), acme, groupRef("g"), nil, move(words)); err != nil {
					t.Error(err)
				}
			}
		})
		for range 100 {
			page, err := s.Members(t.Context(), acme, "g", "", 10)
			if err != nil || len(page) != 3 || page[0].ID != "u0" && page[0].ID != "u3" || page[2].ID != "u2" && page[2].ID != "u5" {
				t.Fatalf("a reader saw %v, %v", page, err)
			}
		}
		stop()
		writer.Wait()
	})
}

// Filters on members and groups answer as the evaluator does over resources that
// show all of theirs.
func TestEdgesInFilters(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		w := newEdgeWorld(t, s)
		for _, text := range edgeFilters {
			w.check(t, text)
		}
		random := rand.New(rand.NewPCG(1, 2))
		for range 100 {
			w.check(t, edgeFilters[random.IntN(len(edgeFilters))]+" "+
				[]string{"and", "or"}[random.IntN(2)]+" not ("+edgeFilters[random.IntN(len(edgeFilters))]+")")
		}
	})
}

// edgeFilters are for groups; "members" becomes "groups" for users.
var edgeFilters = []string{
	`members eq "1"`, `members.value eq "2"`, `members[value eq "3"]`, `members.value eq "nobody"`, `members eq ""`,
	`members[value eq "1" or value eq "2"]`, `members[value eq "1" and type eq "User"]`, `members[value eq "2" and display co "x"]`,
	`members[value eq "1"].display sw "n"`, `members pr`, `members.display pr`, `members.value ne "1"`, `members.value sw "1"`, `members.value co "2"`,
	`members.display ew "3"`, `members.type eq "User"`, `members.type eq "direct"`, `members[not (value eq "1")]`, `members[value eq "1" or display pr]`,
	`id eq "1"`, `id eq "2" and members eq "1"`, `displayName eq "n3"`, `displayName co "n"`, `members.value gt "1"`, `members[value pr]`,
	`members eq null`, `members.value ne "nobody"`,
}

// inWorld fits a filter to the ids of a kind's edgeWorld.
var inWorld = map[string]*strings.Replacer{
	"Group": strings.NewReplacer(`id eq "1"`, `id eq "5"`, `id eq "2"`, `id eq "6"`),
	"User": strings.NewReplacer("members", "groups", `id eq "1"`, `id eq "1"`, `id eq "2"`, `id eq "2"`,
		`"1"`, `"5"`, `"2"`, `"6"`, `"3"`, `"7"`),
}

// edgeWorld is a directory whose users 1 to 4 and groups 5 to 8 are known in full.
type edgeWorld struct {
	store subject
	full  map[string][]*scim.Resource // by kind, with members or groups
}

func newEdgeWorld(tb testing.TB, s subject) *edgeWorld {
	tb.Helper()
	w := &edgeWorld{store: s, full: map[string][]*scim.Resource{}}
	in := map[string][]Member{}
	for i := 1; i <= 4; i++ {
		id, name := fmt.Sprint(i), fmt.Sprintf("n%d", i)
		create(tb, s, acme, user(tb, id, name+"@example.com", `,"displayName":"`+name+`"`))
	}
	for i, members := range []string{"1 2 3", "1", "", "2 4 nobody"} {
		id, name := fmt.Sprint(i+5), fmt.Sprintf("n%d", i+1)
		create(tb, s, acme, group(id, name, strings.Fields(members)...))
		r := group(id, name)
		var ends []Member
		for _, m := range strings.Fields(members) {
			if m != "nobody" {
				ends = append(ends, Member{"User", m, "n" + m})
				in[m] = append(in[m], Member{"Group", id, name})
			}
		}
		attach(r, ends)
		w.full["Group"] = append(w.full["Group"], r)
	}
	for i := 1; i <= 4; i++ {
		r := user(tb, fmt.Sprint(i), fmt.Sprintf("n%d@example.com", i), fmt.Sprintf(`,"displayName":"n%d"`, i))
		attach(r, in[r.ID])
		w.full["User"] = append(w.full["User"], r)
	}
	return w
}

func (w *edgeWorld) check(t *testing.T, text string) {
	t.Helper()
	for kind, all := range w.full {
		own := inWorld[kind].Replace(text)
		e, err := definitions.Type(kind).BindFilter(own, scim.Mode{})
		if err != nil {
			t.Fatalf("%s: %v", own, err)
		}
		var want []string
		for _, r := range all {
			if ok, err := r.Match(e); err != nil {
				t.Fatal(err)
			} else if ok {
				want = append(want, r.ID)
			}
		}
		if got := list(t, w.store, acme, kind, own); !slices.Equal(got, want) {
			t.Errorf("%s %s: %v, want %v", kind, own, got, want)
		}
	}
}

// A store that is opened again knows who is in which group.
func TestEdgesAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []tenant.ID{acme, other, "zeta"} {
		people(t, s, id, 1)
		create(t, s, id, group("g", "All", "u0"))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openSQLite(t, path)
	for _, id := range []tenant.ID{acme, other, "zeta"} {
		if groups, err := s.GroupsOf(t.Context(), id, []string{"u0"}); err != nil || len(groups["u0"]) != 1 {
			t.Errorf("%s: %v, %v", id, groups, err)
		}
	}
}
