package directory

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/tenant"
)

// owedShares describes what a group owes: "+ana=R1" is to be added, "-ben=R2" to be
// removed, "+eva=?" waits for the account's id.
func owedShares(tb testing.TB, s subject, t tenant.ID, slot tenant.Slot, group string) string {
	tb.Helper()
	shares, err := s.OwedShares(tb.Context(), t, slot, group, "", 100)
	if err != nil {
		tb.Fatal(err)
	}
	var words []string
	for _, share := range shares {
		word := "-" + share.Member + "=" + share.Held
		if share.Wanted {
			word = "+" + share.Member + "=" + share.RemoteID
		}
		if strings.HasSuffix(word, "=") {
			word += "?"
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

// settleShares sends all that a group owes.
func settleShares(tb testing.TB, s subject, group string, sure bool) {
	tb.Helper()
	shares, err := s.OwedShares(tb.Context(), acme, 0, group, "", 500)
	if err == nil {
		err = s.AskShares(tb.Context(), acme, 0, group, shares)
	}
	if err == nil {
		err = s.SettleShares(tb.Context(), acme, 0, group, shares, sure)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// remote makes users that the account knows as R0, R1, …
func remote(tb testing.TB, s subject, n int) {
	tb.Helper()
	for i := range n {
		id := fmt.Sprint("u", i)
		ref := create(tb, s, acme, user(tb, id, id+"@example.com", ""), 0)
		commit(tb, s, claim(tb, s, ref, intent("c"+id, Creating, soon()), soon()), delivered(fmt.Sprint("R", i)))
	}
}

func moved(tb testing.TB, s Store, words string, slots ...tenant.Slot) {
	tb.Helper()
	if _, err := s.Update(tb.Context(), acme, groupRef("g"), slots, move(words)); err != nil {
		tb.Fatal(err)
	}
}

func wantShares(tb testing.TB, s subject, want string) {
	tb.Helper()
	if got := owedShares(tb, s, acme, 0, "g"); got != want {
		tb.Errorf("owed %q, want %q", got, want)
	}
}

func TestShares(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 3)
		create(t, s, acme, user(t, "new", "new@example.com", ""), 0)
		create(t, s, acme, group("g", "Cooks", "u0", "new", "nobody"), 0)
		wantShares(t, s, "+new=? -nobody=? +u0=R0")
		settleShares(t, s, "g", true)
		wantShares(t, s, "")

		moved(t, s, "+u1 -u0", 0)
		wantShares(t, s, "-u0=R0 +u1=R1")
		shares, err := s.OwedShares(t.Context(), acme, 0, "g", "", 1)
		if err != nil || len(shares) != 1 || shares[0].Member != "u0" {
			t.Fatalf("%+v, %v", shares, err)
		}
		moved(t, s, "+u0", 0) // while it is being removed
		if err := s.SettleShares(t.Context(), acme, 0, "g", shares, true); err != nil {
			t.Fatal(err)
		}
		wantShares(t, s, "+u0=R0 +u1=R1")
		settleShares(t, s, "g", true)

		moved(t, s, "+u2", 1) // another connection's
		wantShares(t, s, "")
		if got := owedShares(t, s, acme, 1, "g"); got != "+u2=?" {
			t.Errorf("the other slot owes %q", got)
		}
		if got := owedShares(t, s, other, 0, "g"); got != "" {
			t.Errorf("another tenant owes %q", got)
		}
	})
}

// What was asked without an answer is owed once more, and who was to be added then
// is to be removed now under the id that the account may know.
func TestSharesInDoubt(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 2)
		create(t, s, acme, group("g", "Cooks", "u0", "u1"), 0)
		shares, err := s.OwedShares(t.Context(), acme, 0, "g", "", 10)
		if err == nil {
			err = s.AskShares(t.Context(), acme, 0, "g", shares)
		}
		if err != nil {
			t.Fatal(err)
		}
		moved(t, s, "-u0", 0)
		settleShares(t, s, "g", false)
		wantShares(t, s, "")
		if owed, err := s.RecheckShares(t.Context(), acme, 0, "g"); err != nil || !owed {
			t.Fatalf("owed %v, %v", owed, err)
		}
		wantShares(t, s, "-u0=R0 +u1=R1")
		settleShares(t, s, "g", true)
		if owed, err := s.RecheckShares(t.Context(), acme, 0, "g"); err != nil || owed {
			t.Fatalf("owed %v, %v", owed, err)
		}
	})
}

func TestSharesOfAReplacedGroup(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 1)
		ids := make([]string, 2*fewEdges+500)
		for i := range ids {
			ids[i] = fmt.Sprintf("x%05d", i)
		}
		create(t, s, acme, group("g", "Cooks", append(ids, "u0")...), 0)
		for owedShares(t, s, acme, 0, "g") != "" {
			settleShares(t, s, "g", true)
		}
		moved(t, s, "reset", 0)
		wantShares(t, s, "-u0=R0") // nobody else was ever there
		settleShares(t, s, "g", true)

		moved(t, s, "+u0", 0)
		settleShares(t, s, "g", true)
		if err := s.RenewShares(t.Context(), acme, 0, "g"); err != nil {
			t.Fatal(err)
		}
		wantShares(t, s, "+u0=R0")
		settleShares(t, s, "g", true)

		moved(t, s, "-u0") // while the connection is sent no groups
		wantShares(t, s, "")
		if n, err := s.Resync(t.Context(), acme, 0, []string{"Group"}, soon()); err != nil || n != 1 {
			t.Fatalf("%d, %v", n, err)
		}
		wantShares(t, s, "-u0=R0")
	})
}

// A member who is another one at the account now, or none, is told of everywhere.
func TestSharesMove(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 2)
		ref := create(t, s, acme, group("g", "Cooks", "u0", "u1"), 0)
		settleShares(t, s, "g", true)
		commit(t, s, claim(t, s, ref, intent("i", Creating, soon()), soon()), delivered("G"))
		later := soon().Add(time.Hour)
		if err := s.MoveShares(t.Context(), acme, 0, "u0", "R0", later); err != nil {
			t.Fatal(err)
		}
		if d := item(t, s, ref); d.State != Clean {
			t.Errorf("nothing has moved, and the group is %s", d.State)
		}
		if err := s.MoveShares(t.Context(), acme, 0, "u0", "R9", later); err != nil {
			t.Fatal(err)
		}
		if d := item(t, s, ref); d.State != Due || !d.Due.Equal(later) || d.Priority != Grouping {
			t.Errorf("%+v", d)
		}
		now := soon()
		if err := s.MoveShares(t.Context(), acme, 0, "u1", "", now); err != nil {
			t.Fatal(err)
		}
		if d := item(t, s, ref); d.State != Due || !d.Due.Equal(now) || d.Priority != Leaving {
			t.Errorf("%+v", d)
		}
		wantShares(t, s, "+u0=R0 +u1=R1")
	})
}

// Who comes back and has the account user of who has left has its memberships, too:
// wanted or not, they are one membership there.
func TestSharesAreInherited(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 2)
		ref := create(t, s, acme, group("g", "Cooks", "u0", "u1"), 0)
		settleShares(t, s, "g", true)
		commit(t, s, claim(t, s, ref, intent("i", Creating, soon()), soon()), delivered("G"))
		create(t, s, acme, user(t, "new", "new@example.com", ""), 0)
		later := soon().Add(time.Hour)
		for range 2 {
			if err := s.InheritShares(t.Context(), acme, 0, "new", "R0", later); err != nil {
				t.Fatal(err)
			}
		}
		wantShares(t, s, "-new=R0") // it is no member here
		if d := item(t, s, ref); d.State != Due || !d.Due.Equal(later) {
			t.Errorf("%+v", d)
		}
		moved(t, s, "+new", 0)
		wantShares(t, s, "+new=?")
		moved(t, s, "-u0", 0)
		wantShares(t, s, "+new=? -u0=?") // nothing of it is held
		if err := s.InheritShares(t.Context(), acme, 1, "new", "R1", later); err != nil {
			t.Fatal(err)
		}
		if err := s.InheritShares(t.Context(), other, 0, "new", "R1", later); err != nil {
			t.Fatal(err)
		}
		settleShares(t, s, "g", true)
		moved(t, s, "-u1", 0)
		wantShares(t, s, "-u1=R1")
	})
}

// What the account holds that we did not put there is taken out once it is noted.
func TestSharesAreHeld(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		remote(t, s, 2)
		ref, later := create(t, s, acme, group("g", "Cooks", "u0"), 0), soon().Add(time.Hour)
		settleShares(t, s, "g", true)
		commit(t, s, claim(t, s, ref, intent("i", Creating, soon()), soon()), delivered("G"))
		for range 2 {
			if err := s.HoldShares(t.Context(), acme, 0, "g", []Share{{Member: "u1", RemoteID: "R1"}, {Member: "u0", RemoteID: "R0"}}, later); err != nil {
				t.Fatal(err)
			}
		}
		if d := item(t, s, ref); d.State != Due || !d.Due.Equal(later) {
			t.Errorf("%+v", d)
		}
		if err := s.HoldShares(t.Context(), acme, 0, "nobody", []Share{{Member: "u1", RemoteID: "R1"}}, later); err != nil {
			t.Fatal(err)
		}
		wantShares(t, s, "+u0=R0 -u1=R1")
		settleShares(t, s, "g", true)
		wantShares(t, s, "")
	})
}

// A group that loses somebody goes first, and still does when somebody else joins;
// users come before groups that only gain.
func TestOrderOfGroups(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		create(t, s, acme, group("g", "Cooks", "u0"), 0)
		create(t, s, acme, user(t, "u0", "u0@example.com", ""), 0)
		if got := due(t, s, soon()); !slices.Equal(got, []Ref{{"User", "u0"}, groupRef("g")}) {
			t.Errorf("due %v", got)
		}
		moved(t, s, "-u0", 0)
		moved(t, s, "+u0", 0)
		if got := due(t, s, soon()); !slices.Equal(got, []Ref{groupRef("g"), {"User", "u0"}}) {
			t.Errorf("due %v", got)
		}
	})
}

// What an account holds is forgotten with the connection, and with the tenant.
func TestSharesAreForgotten(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		for name, forget := range map[string]func() error{
			"connection": func() error { return s.Forget(t.Context(), acme, 0) },
			"tenant":     func() error { return s.Erase(t.Context(), acme) },
		} {
			remote(t, s, 1)
			create(t, s, acme, group("g", "Cooks", "u0"), 0)
			settleShares(t, s, "g", true)
			moved(t, s, "-u0", 0)
			wantShares(t, s, "-u0=R0")
			if err := forget(); err != nil {
				t.Fatal(err)
			}
			if got := owedShares(t, s, acme, 0, "g"); got != "" {
				t.Errorf("%s: owed %q", name, got)
			}
			if err := s.Erase(t.Context(), acme); err != nil {
				t.Fatal(err)
			}
		}
	})
}
