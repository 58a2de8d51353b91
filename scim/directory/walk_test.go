package directory

import (
	"errors"
	"testing"
	"time"

	"scimgate/scim"
)

// What is replayed is sent whatever the account is believed to hold; what is not
// picked stays as it is.
func TestReplay(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		refs := map[string]Ref{}
		for _, name := range []string{"clean", "parked", "due", "other", "left", "vanished"} {
			r := user(t, newID(), name, "")
			refs[name] = Ref{"User", r.ID}
			create(t, s, acme, r, 0)
		}
		one := func(name string) *Claim { return claim(t, s, refs[name], intent(name, Updating, now), now) }
		for _, name := range []string{"clean", "other"} {
			commit(t, s, one(name), delivered("r"))
		}
		commit(t, s, one("parked"), Outcome{Park: &Failure{Class: "rejected", At: now}})
		remove(t, s, refs["left"], now, "r")
		remove(t, s, refs["vanished"], now, "")
		seen := map[string]Item{}
		pick := func(i Item, r *scim.Resource) (bool, error) {
			seen[i.Ref.ID] = i
			name := scim.NameKey(r)
			return i.Deleted || name != "other", nil
		}
		if n, err := s.Replay(t.Context(), acme, 0, users, pick, now); err != nil || n != 3 {
			t.Errorf("%d replayed, %v", n, err) // clean, parked, left; due is due already
		}
		if i := seen[refs["parked"].ID]; i.Delivery.State != Parked || i.Delivery.Failure.Class != "rejected" {
			t.Errorf("the pick saw %+v", i)
		}
		if d := item(t, s, refs["clean"]); d.State != Due || d.Delivered != 0 || d.RemoteID != "r" {
			t.Errorf("clean: %+v", d)
		}
		if d := item(t, s, refs["other"]); d.State != Clean || d.Delivered != 1 {
			t.Errorf("not picked: %+v", d)
		}
		if d := item(t, s, refs["left"]); d.State != Due || d.RemoteID != "r" {
			t.Errorf("left: %+v", d)
		}
		fault := errors.New("cannot tell")
		_, err := s.Replay(t.Context(), acme, 0, users, func(Item, *scim.Resource) (bool, error) { return false, fault }, now)
		if !errors.Is(err, fault) {
			t.Errorf("the pick's error became %v", err)
		}
		if n, err := s.Replay(t.Context(), "globex", 0, users, pick, now); n != 0 || err != nil {
			t.Errorf("another tenant: %d, %v", n, err)
		}
	})
}

func TestResync(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		states := map[string]Ref{}
		for _, name := range []string{"clean", "parked", "later", "due", "flying", "left", "vanished", "unsent"} {
			r := user(t, newID(), name, "")
			if states[name] = (Ref{"User", r.ID}); name == "unsent" {
				create(t, s, acme, r)
			} else {
				create(t, s, acme, r, 0)
			}
		}
		one := func(name string) *Claim {
			return claim(t, s, states[name], intent(name, Updating, now), now)
		}
		commit(t, s, one("clean"), delivered("r"))
		commit(t, s, one("parked"), Outcome{Park: &Failure{At: now}})
		commit(t, s, one("later"), Outcome{Retry: &Retry{At: now.Add(time.Hour)}})
		flying := one("flying")
		remove(t, s, states["left"], now, "r")
		remove(t, s, states["vanished"], now, "")
		if n, err := s.Resync(t.Context(), acme, 0, users, now); err != nil || n != 6 {
			t.Errorf("resync touched %d, %v", n, err) // clean, parked, later, flying, left, unsent
		}
		if got := due(t, s, now); len(got) != 7 {
			t.Errorf("%d due after resync", len(got))
		}
		if d := item(t, s, states["parked"]); d.Attempts != 0 || d.Failure != nil {
			t.Errorf("freed: %+v", d)
		}
		commit(t, s, flying, delivered("r")) // by the old rules
		if d := item(t, s, states["flying"]); d.State != Due || d.Delivered != 1 {
			t.Errorf("an attempt hid the resync: %+v", d)
		}
		commit(t, s, one("flying"), delivered("r"))
		if d := item(t, s, states["flying"]); d.State != Clean {
			t.Errorf("by the new rules: %+v", d)
		}
		if err := s.Forget(t.Context(), acme, 0); err != nil {
			t.Fatal(err)
		}
		if got := due(t, s, now); len(got) != 0 {
			t.Errorf("forgotten, but due: %v", got)
		}
		if d := item(t, s, states["clean"]); d.State != Clean || d.RemoteID != "" || d.Delivered != 0 {
			t.Errorf("forgotten: %+v", d)
		}
	})
}
