package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// settledUsers delivers the users 0 to n-1 of acme.
func (h *harness) settledUsers(n int) {
	h.Helper()
	for i := range n {
		h.create(acme, user(fmt.Sprint(i), email(i), "same"))
	}
	h.settled(0, n)
}

// audit runs one, and returns its findings as "kind id remoteID paths".
func (h *harness) audit() (*AuditReport, []string) {
	h.Helper()
	r, err := h.worker.Audit(h.Context(), acme, "appspace", nil)
	if err != nil {
		h.Fatal(err)
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Kind, f.ID, strings.Join(f.Paths, ","))))
	}
	return r, found
}

func (h *harness) finds(want ...string) *AuditReport {
	h.Helper()
	r, found := h.audit()
	if !slices.Equal(found, want) {
		h.Errorf("found %q\nwant  %q", found, want)
	}
	return r
}

// repair replays what an audit found missing or different, as the operator's API
// does.
func (h *harness) repair(r *AuditReport) {
	h.Helper()
	only := func(i directory.Item, _ *scim.Resource) (bool, error) {
		return slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.ID == i.Ref.ID && (f.Kind == Missing || f.Kind == Different)
		}), nil
	}
	if _, err := h.store.Replay(h.Context(), acme, 0, []string{"User"}, only, time.Now()); err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(acme)
}

// An account that was changed behind our back in each of the five ways: all is
// found, what is ours is repaired, what is not is left alone.
func TestAuditFindsAndRepairs(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.settledUsers(12)
		h.remove(acme, "11")
		h.settled(0, 12)
		if r := h.finds(); r.Same != 11 || r.Stored != 11 || r.Held != 12 || r.Owed != 0 {
			h.Errorf("%+v", r)
		}

		h.account.drop(h, email(1))
		h.account.retitle(h, email(2), "changed")
		h.account.plant("x-extra", "stranger@example.com", "")
		h.account.plant("x-twin", "other.name@example.com", "for "+email(3))
		h.account.plant("x-conflict", "late@example.com", "")
		h.create(acme, user("late", "late@example.com", "x"))
		h.untilState(acme, "late", directory.Parked)
		left := h.account.idOf(h, email(11))
		h.account.meddle(func(users map[string]*accountUser) { users[left].attributes.Delete("active") }) // lets who left in again

		r := h.finds("conflict late", "different 11 active", "different 2 title", "duplicate 3", "extra", "missing 1")
		if r.Same != 9 || r.Counts[Extra] != 1 {
			h.Errorf("%+v", r)
		}
		for _, f := range r.Findings {
			if named := f.Kind == Extra || f.Kind == Duplicate || f.Kind == Conflict; named != (f.UserName != "") {
				h.Errorf("%+v", f)
			}
		}
		before := len(h.account.heard(puts))
		h.repair(r)
		h.settled(0, 12)
		h.finds("conflict late", "duplicate 3", "extra")
		h.holds(email(2), "same")
		h.holds(email(1), "same")
		if n := len(h.account.heard(puts)) - before; n != 2 {
			h.Errorf("%d puts for two repairs", n)
		}
		if u := h.account.user(h, "stranger@example.com"); u == nil || !activeIn(u.attributes) {
			h.Error("the extra user was touched")
		}
	})
}

// A user that the account made anew by another hand under the same name is
// missing and a conflict, not taken over by a repair.
func TestAuditOfAUserMadeAnewByAnother(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.settledUsers(2)
		h.account.drop(h, email(1))
		h.account.plant("x", email(1), "")
		r := h.finds("conflict 1", "missing 1")
		h.repair(r)
		h.untilState(acme, "1", directory.Parked)
		h.finds("conflict 1")
	})
}

// What is owed is counted and not compared.
func TestAuditLeavesAloneWhatIsOwed(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.settledUsers(4)
		h.account.told(func(context.Context, call) *answer { return nil })
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = slices.Clone(t.Connections)
			t.Connections[0].Paused = true
		})
		h.retitle(acme, "0", "newer")
		h.create(acme, user("new", "new@example.com", "x"))
		h.account.plant("x", "new@example.com", "for new@example.com") // our creation's, say, whose answer is on its way
		h.create(acme, user("fresh", "fresh@example.com", "x"))
		if r := h.finds("match new"); r.Owed != 1 || r.New != 1 || r.Same != 3 || r.Stored != 6 {
			h.Errorf("%+v", r)
		}
	})
}

// Changes between the reading of the store and that of the account are no
// findings, nor is a user whom the pages skip because another one left.
func TestAuditOfAMovingAccount(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.settledUsers(9)
		first := true
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "list" && first {
				first = false
				h.retitle(acme, "5", "newer")
				h.remove(acme, "6")
				h.create(acme, user("new", "new@example.com", "x"))
				h.until("all is delivered", func() bool {
					return h.delivery(acme, "5").Delivery.State == directory.Clean && h.delivery(acme, "6").Delivery.State == directory.Clean &&
						h.delivery(acme, "new").Delivery.State == directory.Clean
				})
			}
			if c.method == "list" && c.Version == 0 && len(h.account.heard(lists)) == 2 { // the first page is read
				h.account.meddle(func(users map[string]*accountUser) { delete(users, "remote-1") })
			}
			return nil
		})
		r, found := h.audit()
		if len(found) > 0 { // who was removed had been seen
			h.Errorf("found %q", found)
		}
		if r.Owed != 2 {
			h.Errorf("%+v", r)
		}
	})
}

func lists(c call) bool { return c.method == "list" }

// An account that is not itself is asked again, a while; one that cannot be asked
// is not.
func TestAuditOfASickAccount(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.start()
	h.settledUsers(4)
	fails3 := 0
	h.account.told(func(_ context.Context, c call) *answer {
		if fails3++; c.method == "list" && fails3 <= 3 {
			return fails(connectors.Throttled, 429)
		}
		return nil
	})
	h.finds()
	h.account.told(func(context.Context, call) *answer { return fails(connectors.Unauthorized, 401) })
	before := len(h.account.heard(nil))
	var e *connectors.Error
	if _, err := h.worker.Audit(t.Context(), acme, "appspace", nil); !errors.As(err, &e) || e.Fault != connectors.Unauthorized {
		t.Error(err)
	}
	if n := len(h.account.heard(nil)) - before; n != 1 {
		t.Errorf("asked %d times", n)
	}
	if _, err := h.worker.Audit(t.Context(), acme, "nope", nil); !errors.Is(err, tenant.ErrNotFound) {
		t.Error(err)
	}
	if _, err := h.worker.Audit(t.Context(), "nobody", "appspace", nil); !errors.Is(err, tenant.ErrNotFound) {
		t.Error(err)
	}
	h.stop()
	h.worker.Open = func(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
		return alone{h.account}, nil
	}
	if _, err := h.worker.Audit(t.Context(), acme, "appspace", nil); !errors.Is(err, connectors.ErrCannotAsk) {
		t.Error(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.worker.Audit(ended, acme, "appspace", nil); err == nil {
		t.Error("an audit ran beyond its end")
	}
}
