package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// hooked is a store in which something happens around a claim.
type hooked struct {
	store
	before, after func()
	claims        atomic.Int64
	fault         error
}

func (s *hooked) Claim(ctx context.Context, t tenant.ID, slot tenant.Slot, ref directory.Ref, i directory.Intent, now time.Time) (*directory.Claim, error) {
	s.claims.Add(1)
	if s.before != nil {
		s.before()
	}
	if s.fault != nil {
		return nil, s.fault
	}
	c, err := s.store.Claim(ctx, t, slot, ref, i, now)
	if s.after != nil {
		s.after()
	}
	return c, err
}

// rename gives a user another name, address and all.
func (h *harness) rename(id, name string) {
	h.Helper()
	h.change(acme, id, "userName", value.NewText(name))
}

// unanswered starts the worker, and has the creation of u stay without an answer. It
// lands when it is told to.
func (h *harness) unanswered() *captured {
	h.Helper()
	h.quick()
	late := new(captured)
	h.account.told(once(puts, lost(late.keep)))
	h.start()
	h.create(acme, user("u", email(1), "0"))
	h.until("the creation timed out", late.taken)
	return late
}

// A user is deleted while nobody knows whether the account has it: it must leave
// all the same, and the deleted resource has no name any more to find it by.
func TestDeletedInDoubtLeaves(t *testing.T) {
	for _, policy := range []tenant.OnDelete{tenant.Suspend, tenant.Delete} {
		t.Run(string(policy), func(t *testing.T) {
			onEach(t, func(h *harness) {
				h.edit(acme, func(t *tenant.Tenant) { t.Settings.OnDelete = policy })
				late := h.unanswered()
				h.remove(acme, "u")
				late.apply()
				h.untilState(acme, "u", directory.Clean)
				if u := h.account.user(h.TB, email(1)); u != nil && (policy == tenant.Delete || activeIn(u.attributes)) {
					h.Errorf("it is still there: %+v", u)
				}
			})
		})
	}
}

// A user is renamed while nobody knows whether the account has it under the name
// before: it is found there, and renamed there.
func TestRenamedInDoubtIsFound(t *testing.T) {
	onEach(t, func(h *harness) {
		late := h.unanswered()
		h.rename("u", email(2))
		late.apply()
		h.untilState(acme, "u", directory.Clean)
		if u := h.account.user(h.TB, email(2)); u == nil || len(h.account.users) != 1 {
			h.Errorf("the account has %d users, and of that name %+v", len(h.account.users), u)
		}
	})
}

// A user is renamed in doubt, and another one takes its name: whoever is there
// under the name by then is left alone.
func TestNameOfAnotherIsLeftAlone(t *testing.T) {
	for what, end := range map[string]func(h *harness){
		"stays":  func(h *harness) { h.retitle(acme, "u", "1") },
		"leaves": func(h *harness) { h.remove(acme, "u") },
	} {
		t.Run(what, func(t *testing.T) {
			onEach(t, func(h *harness) {
				h.unanswered() // and never lands
				h.rename("u", email(2))
				h.create(acme, user("v", email(1), "0"))
				h.untilState(acme, "v", directory.Clean)
				end(h)
				h.untilState(acme, "u", directory.Clean)
				if v := h.account.user(h.TB, email(1)); v == nil || v.owner != "v" || !activeIn(v.attributes) {
					h.Errorf("of the other one the account has %+v", v)
				}
			})
		})
	}
}

// forgetful claims a resource as a worker that cannot read it does, and dies.
func (h *harness) forgetful(id string, op directory.Op) {
	h.Helper()
	h.until("it can be claimed", func() bool {
		now := time.Now()
		intent := directory.Intent{ID: fmt.Sprint("forgetful", rand.Int()), Op: op, QuietUntil: now}
		_, err := h.store.Claim(h.Context(), acme, 0, refOf(id), intent, now)
		return err == nil
	})
}

// Who claims in doubt and does not know the name makes nobody forget it.
func TestNameOutlivesAClaimWithoutIt(t *testing.T) {
	onEach(t, func(h *harness) {
		late := h.unanswered()
		h.until("its worker has said so", func() bool {
			i := h.delivery(acme, "u").Delivery.Intent
			return i != nil && i.Ended
		})
		h.stop()
		late.apply()
		h.forgetful("u", directory.Creating)
		h.remove(acme, "u")
		h.start()
		h.untilState(acme, "u", directory.Clean)
		if u := h.account.user(h.TB, email(1)); u != nil && activeIn(u.attributes) {
			h.Errorf("it is still there: %+v", u)
		}
	})
}

// What was never sent under any name needs not leave, however many workers died
// before they could say so.
func TestNeverSentNeedsNotLeave(t *testing.T) {
	onEach(t, func(h *harness) {
		h.create(acme, user("u", email(1), "0"))
		h.forgetful("u", directory.Creating)
		h.remove(acme, "u")
		h.forgetful("u", directory.Removing)
		h.start()
		h.untilState(acme, "u", directory.Clean)
		if calls := h.account.heard(nil); len(calls) != 0 {
			h.Errorf("the account was told %+v", calls)
		}
	})
}

// The name in the intent is the one that is sent, also if the user was renamed
// just before the claim.
func TestRenamedJustBeforeTheClaim(t *testing.T) {
	onEach(t, func(h *harness) {
		var renamed atomic.Bool
		h.worker.Work = &hooked{store: h.store, before: func() {
			if renamed.CompareAndSwap(false, true) {
				h.rename("u", email(2))
			}
		}}
		var sent, noted string
		h.account.told(func(_ context.Context, c call) *answer {
			sent, noted = foldedName(c.Attributes), h.delivery(acme, "u").Delivery.Intent.Name
			return nil
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		if sent != email(2) || noted != email(2) {
			h.Errorf("%s was sent under the intent of %s", sent, noted)
		}
	})
}

// A worker that was paused after its claim finds its time over and sends nothing:
// the time is taken before the claim, and checked at the socket.
func TestPausedWorkerSendsNothing(t *testing.T) {
	onEach(t, func(h *harness) {
		var requests atomic.Int64
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
		h.Cleanup(server.Close)
		client := connectors.NewClient(connectors.Guard{Loopback: true})
		h.Cleanup(client.CloseIdleConnections)
		h.worker.Tune.SendBy = 20 * time.Millisecond
		h.worker.Work = &hooked{store: h.store, after: func() { <-time.After(40 * time.Millisecond) }}
		h.account.told(func(ctx context.Context, _ call) *answer {
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader("{}"))
			if err != nil {
				h.Error(err)
				return nil
			}
			response, err := client.Do(r)
			if err != nil {
				return &answer{fault: *connectors.AsError(err)}
			}
			return &answer{fault: connectors.Error{Fault: connectors.Transient}, land: func(func()) { _ = response.Body.Close() }}
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.until("it was tried", func() bool { return h.delivery(acme, "u").Delivery.Attempts > 1 })
		if n := requests.Load(); n != 0 {
			h.Errorf("%d requests were sent", n)
		}
		if d := h.delivery(acme, "u").Delivery; d.Intent != nil && d.Intent.Ended {
			h.Errorf("what was not sent is in doubt: %+v", d.Intent)
		}
	})
}

// Somebody newer owns the resource: a late commit changes nothing.
func TestSupersededCommit(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		began := time.Now()
		var stolen atomic.Bool
		h.account.told(func(context.Context, call) *answer {
			if stolen.CompareAndSwap(false, true) {
				h.retitle(acme, "u", "2")
				h.abandon("u", directory.Updating)
			}
			return nil
		})
		h.retitle(acme, "u", "1")
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "2")
		if took := time.Since(began); took > commitTime {
			h.Errorf("it took %v: a refused commit was tried again", took)
		}
	})
}

// stalled is a store in which the first commit waits.
type stalled struct {
	store
	once    sync.Once
	entered chan struct{}
	release chan struct{}
}

func (s *stalled) Commit(ctx context.Context, c *directory.Claim, o directory.Outcome) error {
	s.once.Do(func() {
		close(s.entered)
		<-s.release
	})
	return s.store.Commit(ctx, c, o)
}

// A worker is paused between its creation and its commit, for so long that
// somebody newer claims the resource, and dies. The late commit must not settle
// the other one's claim.
func TestLateCommitSettlesNothingOfOthers(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		work := &stalled{store: h.store, entered: make(chan struct{}), release: make(chan struct{})}
		h.worker.Work = work
		h.start()
		h.create(acme, user("u", email(1), "old"))
		<-work.entered
		h.retitle(acme, "u", "new")
		h.until("the newer one has claimed", func() bool { return h.claims("u", directory.Creating) })
		close(work.release)
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
	})
}

// claims reports whether a resource can be claimed, and leaves it claimed.
func (h *harness) claims(id string, op directory.Op) bool {
	h.Helper()
	now := time.Now()
	intent := directory.Intent{ID: "newer", Op: op, QuietUntil: now.Add(50 * time.Millisecond), Name: email(1)}
	_, err := h.store.Claim(h.Context(), acme, 0, refOf(id), intent, now)
	if err != nil && !errors.Is(err, directory.ErrNotDue) {
		h.Fatal(err)
	}
	return err == nil
}

// A connection that is paused between look and claim gets nothing.
func TestPausedJustBeforeTheClaim(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Work = &hooked{store: h.store, before: func() {
			h.edit(acme, func(t *tenant.Tenant) {
				t.Connections = []tenant.Connection{{ID: "appspace", Kind: "appspace", Paused: true}}
			})
		}}
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.until("it was claimed", func() bool { return h.delivery(acme, "u").Delivery.Failure != nil })
		if n := len(h.account.heard(nil)); n != 0 {
			h.Errorf("%d calls", n)
		}
	})
}

// What the list has due and cannot be claimed is not asked for in a loop.
func TestNothingSpins(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{}
		work := &hooked{store: h.store, fault: directory.ErrNotDue}
		h.worker.Work = work
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.quietly("few claims", func() bool { return work.claims.Load() < 10 })
	})
}

// What rules write only on creation is neither sent nor cleared later.
func TestOnCreateRules(t *testing.T) {
	rules, err := mapping.Compile([]byte(`{"rules":[
		{"target":"userName","type":"Direct","source":"userName"},
		{"target":"displayName","type":"Direct","source":"title"},
		{"target":"title","type":"Direct","source":"title","apply":"OnCreate"}]}`), scim.Define(nil).Type("User"))
	if err != nil {
		t.Fatal(err)
	}
	onEach(t, func(h *harness) {
		h.rules = func(*tenant.Tenant) (*mapping.Rules, error) { return rules, nil }
		h.start()
		h.create(acme, user("u", email(1), "first"))
		h.untilState(acme, "u", directory.Clean)
		h.retitle(acme, "u", "second")
		h.untilState(acme, "u", directory.Clean)
		calls := h.account.heard(puts)
		if len(calls) != 2 {
			h.Fatalf("%d puts", len(calls))
		}
		if _, ok := calls[0].Attributes.Get("title"); !ok {
			h.Error("the creation lacks what applies on creation")
		}
		if _, ok := calls[1].Attributes.Get("title"); ok || slices.Contains(calls[1].Sent, "title") {
			h.Errorf("the update touches it: %v, sent before %v", calls[1].Attributes, calls[1].Sent)
		}
		if !slices.Contains(calls[1].Sent, "displayName") {
			h.Errorf("the update does not know what the account holds: %v", calls[1].Sent)
		}
	})
}
