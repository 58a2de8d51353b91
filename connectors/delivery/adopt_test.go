package delivery

import (
	"slices"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// conflicting parks a user because the account has one of its name.
func (h *harness) conflicting(id, remoteID, name string) {
	h.Helper()
	h.account.plant(remoteID, name, "")
	h.create(acme, user(id, name, "new"))
	if d := h.untilState(acme, id, directory.Parked); d.Failure.Class != string(connectors.Conflict) {
		h.Fatalf("%+v", d.Failure)
	}
}

func (h *harness) adopt(id, remoteID string) {
	h.Helper()
	ok, err := h.store.Adopt(h.Context(), acme, 0, refOf(id), "", remoteID, time.Now())
	if err != nil || !ok {
		h.Fatal(ok, err)
	}
	h.worker.Wake(acme)
}

// What a person chose is taken over by one push, and ours from then on.
func TestAdoptionThatWasChosen(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.conflicting("u", "x", email(1))
		h.adopt("u", "x")
		d := h.untilState(acme, "u", directory.Clean)
		if d.RemoteID != "x" || d.Adopting || h.account.user(h, email(1)).owner != "u" {
			h.Errorf("%+v", d)
		}
		h.holds(email(1), "new")
		h.retitle(acme, "u", "newer")
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "newer")
		h.remove(acme, "u")
		h.untilState(acme, "u", directory.Clean)
		if activeIn(h.account.user(h, email(1)).attributes) {
			h.Error("who was adopted and left is active")
		}
	})
}

// An adoption whose answer was lost is one all the same when it is sent again,
// also if the user changed meanwhile.
func TestAdoptionInDoubt(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.start()
		h.conflicting("u", "x", email(1))
		h.account.told(once(func(c call) bool { return c.Adopting }, lost(func(apply func()) { apply() })))
		h.adopt("u", "x")
		h.until("it was lost", func() bool { return len(h.account.heard(func(c call) bool { return c.Adopting })) == 1 })
		h.retitle(acme, "u", "newer")
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "newer")
		if calls := h.account.heard(puts); !calls[len(calls)-1].Adopting && calls[len(calls)-1].RemoteID != "x" {
			h.Errorf("the last push: %+v", calls[len(calls)-1])
		}
	})
}

// An administrator of the account is never taken over: not by choice, not by the
// rule, not by somebody who was renamed.
func TestAdministratorsAreNeverAdopted(t *testing.T) {
	onEach(t, func(h *harness) {
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = slices.Clone(t.Connections)
			t.Connections[0].Adopt = tenant.AdoptUserName
		})
		h.start()
		h.account.plant("boss", "boss@example.com", "")
		h.account.meddle(func(users map[string]*accountUser) { users["boss"].protected = true })
		h.account.plant("x", email(1), "")
		h.create(acme, user("u", email(1), "new"))
		h.untilState(acme, "u", directory.Clean) // the rule at work
		h.holds(email(1), "new")

		h.create(acme, user("evil", "boss@example.com", "owned"))
		h.untilState(acme, "evil", directory.Parked)
		h.adopt("evil", "boss")
		if d := h.untilState(acme, "evil", directory.Parked); d.RemoteID != "" || d.Adopting {
			h.Errorf("%+v", d)
		}
		h.adopt("evil", "boss")
		h.untilState(acme, "evil", directory.Parked)
		h.remove(acme, "evil")
		h.untilState(acme, "evil", directory.Clean)
		boss := h.account.user(h, "boss@example.com")
		if title, ok := boss.attributes.Get("title"); ok || !activeIn(boss.attributes) || boss.owner != "" {
			h.Errorf("the administrator was touched: %v %+v", title, boss)
		}
		if r := h.finds("extra"); !r.Findings[0].Protected {
			h.Errorf("%+v", r.Findings)
		}
	})
}

// The rule of the connection goes along with each push.
func TestPushesKnowTheRule(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.edit(acme, func(t *tenant.Tenant) {
		t.Connections = slices.Clone(t.Connections)
		t.Connections[0].Adopt = tenant.AdoptExternalID
	})
	h.start()
	h.settledUsers(1)
	if calls := h.account.heard(puts); calls[0].Adopt != tenant.AdoptExternalID || calls[0].Adopting {
		t.Errorf("%+v", calls[0])
	}
}

// An account that holds users already is taken on: with the connection paused an
// audit tells what matches, what is new and what conflicts; a person chooses; and
// when it is resumed, just that comes to be.
func TestAccountThatHoldsUsersIsTakenOn(t *testing.T) {
	onEach(t, func(h *harness) {
		paused := func(paused bool) {
			h.edit(acme, func(t *tenant.Tenant) {
				t.Connections = slices.Clone(t.Connections)
				t.Connections[0].Paused = paused
			})
		}
		paused(true)
		h.start()
		for _, id := range []string{"match", "chosen", "left", "new"} {
			h.create(acme, user(id, id+"@example.com", "ours"))
		}
		h.account.plant("x-match", "match@example.com", "for match@example.com")
		h.account.plant("x-chosen", "chosen@example.com", "")
		h.account.plant("x-left", "left@example.com", "")
		h.account.plant("x-extra", "extra@example.com", "")
		r := h.finds("conflict chosen", "conflict left", "extra", "match match")
		if r.New != 1 || r.Owed != 0 || r.Stored != 4 || r.Held != 4 {
			h.Errorf("%+v", r)
		}
		done, err := h.worker.Adopt(t.Context(), acme, "appspace", r.Findings[:1])
		if err != nil || !slices.Equal(done.Adopted, []string{"chosen"}) || len(done.Refused) > 0 {
			h.Fatal(done, err)
		}
		h.quietly("nothing is sent", func() bool { return len(h.account.heard(puts)) == 0 })
		paused(false)
		for _, id := range []string{"match", "chosen", "new"} {
			h.untilState(acme, id, directory.Clean)
			h.holds(id+"@example.com", "ours")
		}
		h.untilState(acme, "left", directory.Parked)
		if u := h.account.user(h, "left@example.com"); u.owner != "" {
			h.Errorf("%+v", u)
		}
		h.finds("conflict left", "extra")
	})
}
