package delivery

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func TestConvergesToTheLatest(t *testing.T) {
	onEach(t, func(h *harness) {
		const users, edits = 40, 10
		h.start()
		var clients sync.WaitGroup
		for i := range users {
			clients.Go(func() {
				id := fmt.Sprintf("u%d", i)
				h.create(acme, user(id, email(i), "0"))
				for n := range edits {
					h.retitle(acme, id, fmt.Sprint(n+1))
				}
			})
		}
		clients.Wait()
		for i := range users {
			h.untilState(acme, fmt.Sprintf("u%d", i), directory.Clean)
			h.holds(email(i), fmt.Sprint(edits))
		}
		if h.account.twice {
			h.Error("one resource was pushed twice at a time")
		}
		if h.account.peak > 8 {
			h.Errorf("%d pushes at a time", h.account.peak)
		}
	})
}

func TestHundredEditsWhileTheTargetIsDownAreOnePush(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Transient, 503) })
		for n := range 100 {
			h.retitle(acme, "u", fmt.Sprint(n+1))
		}
		h.until("an attempt failed since", func() bool { return h.delivery(acme, "u").Delivery.Attempts > 0 })
		h.account.told(nil)
		before := len(h.account.heard(puts))
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "100")
		if n := len(h.account.heard(puts)) - before; n > 1 {
			h.Errorf("it took %d pushes", n)
		}
	})
}

func TestPoisonIsParkedAloneAndFreedByANewVersion(t *testing.T) {
	onEach(t, func(h *harness) {
		h.account.told(func(_ context.Context, c call) *answer {
			if v, _ := c.Attributes.Get("title"); v.Text() == "poison" {
				return fails(connectors.Rejected, 400)
			}
			return nil
		})
		h.start()
		h.create(acme, user("bad", email(0), "poison"))
		for i := 1; i < 10; i++ {
			h.create(acme, user(fmt.Sprint("good", i), email(i), "fine"))
		}
		for i := 1; i < 10; i++ {
			h.untilState(acme, fmt.Sprint("good", i), directory.Clean)
		}
		d := h.untilState(acme, "bad", directory.Parked)
		if d.Failure == nil || d.Failure.Class != string(connectors.Rejected) || d.Failure.Status != 400 {
			h.Errorf("parked for %+v", d.Failure)
		}
		if n := len(h.account.heard(func(c call) bool { return c.ID == "bad" })); n != tries {
			h.Errorf("tried %d times, want %d", n, tries)
		}
		h.retitle(acme, "bad", "cured")
		h.untilState(acme, "bad", directory.Clean)
		h.holds(email(0), "cured")
	})
}

func TestSomebodyElsesUserParksAtOnce(t *testing.T) {
	onEach(t, func(h *harness) {
		h.account.users["theirs"] = &accountUser{name: email(1), attributes: &value.Object{}}
		h.start()
		h.create(acme, user("u", email(1), "0"))
		d := h.untilState(acme, "u", directory.Parked)
		if d.Failure.Class != string(connectors.Conflict) || len(h.account.heard(nil)) != 1 {
			h.Errorf("parked for %+v after %d calls", d.Failure, len(h.account.heard(nil)))
		}
	})
}

func TestNoProjectionParksAtOnce(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u", "no-address", "0"))
		d := h.untilState(acme, "u", directory.Parked)
		if d.Failure.Class != classMapping || d.Failure.Reason == "" {
			h.Errorf("parked for %+v", d.Failure)
		}
		h.change(acme, "u", "userName", value.NewText(email(1)))
		h.untilState(acme, "u", directory.Clean)
	})
}

// A lost hint costs one sweep, nothing else.
func TestSweeperFindsWhatNobodyToldOf(t *testing.T) {
	onEach(t, func(h *harness) {
		if err := h.store.Create(h.Context(), acme, user("before", email(1), "0"), owed); err != nil {
			h.Fatal(err)
		}
		h.start()
		h.untilState(acme, "before", directory.Clean)
		if err := h.store.Create(h.Context(), acme, user("after", email(2), "0"), owed); err != nil {
			h.Fatal(err)
		}
		h.untilState(acme, "after", directory.Clean)
	})
}

// A hint reaches a tenant whose account is busy as fast as an idle one: no timer
// is waited for.
func TestHintIsFollowedAtOnce(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Sweep = time.Hour
		release := make(chan struct{})
		h.account.told(func(ctx context.Context, c call) *answer {
			if c.ID == "slow" {
				return hold(ctx, release)
			}
			return nil
		})
		h.start()
		h.create(acme, user("slow", email(0), "0"))
		h.until("the slow one is under way", func() bool { return len(h.account.heard(nil)) == 1 })
		for i := range 5 {
			began, id := time.Now(), fmt.Sprint("u", i)
			h.create(acme, user(id, email(i+1), "0"))
			h.untilState(acme, id, directory.Clean)
			if took := time.Since(began); took > peek/2 {
				h.Errorf("it took %v", took)
			}
		}
		close(release)
	})
}

func TestWhoLeavesGoesFirst(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Pushes = 1
		h.start()
		h.create(acme, user("leaver", email(0), "0"))
		h.create(acme, user("disabled", email(1), "0"))
		h.untilState(acme, "leaver", directory.Clean)
		h.untilState(acme, "disabled", directory.Clean)
		release, entered := make(chan struct{}), make(chan struct{}, 1)
		h.account.told(func(ctx context.Context, c call) *answer {
			if c.ID == "first" {
				entered <- struct{}{}
				return hold(ctx, release)
			}
			return nil
		})
		h.create(acme, user("first", email(2), "0"))
		<-entered
		for i := 3; i < 8; i++ {
			h.create(acme, user(fmt.Sprint("joiner", i), email(i), "0"))
		}
		<-time.After(5 * time.Millisecond) // what happens later is due later, by the store's clock
		h.remove(acme, "leaver")
		h.change(acme, "disabled", "active", value.Truth(false))
		before := len(h.account.heard(nil))
		close(release)
		h.untilState(acme, "joiner7", directory.Clean)
		var order []string
		for _, c := range h.account.heard(nil)[before:] {
			order = append(order, c.ID)
		}
		if got := order[:2]; !slices.Contains(got, "leaver") || !slices.Contains(got, "disabled") {
			h.Errorf("the order was %v", order)
		}
	})
}

// An account that hangs holds up its own tenant only.
func TestHangingAccountStopsNobodyElse(t *testing.T) {
	onEach(t, func(h *harness) {
		h.account.told(func(ctx context.Context, _ call) *answer {
			<-ctx.Done()
			return lost(nil)
		})
		h.worker.Tune.Drain = 50 * time.Millisecond
		well := newFakeAccount()
		h.add("well", well)
		h.start()
		for i := range 20 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		h.until("eight pushes hang", func() bool { return len(h.account.heard(nil)) == 8 })
		for i := range 20 {
			h.create("well", user(fmt.Sprint("u", i), email(i), "0"))
		}
		for i := range 20 {
			h.untilState("well", fmt.Sprint("u", i), directory.Clean)
		}
		if n := len(h.account.heard(nil)); n != 8 {
			h.Errorf("the hanging account got %d calls", n)
		}
	})
}

func TestWhatIsUnderWayEndsProperly(t *testing.T) {
	onEach(t, func(h *harness) {
		release, entered := make(chan struct{}), make(chan struct{})
		h.account.told(func(ctx context.Context, _ call) *answer {
			close(entered)
			return hold(ctx, release)
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		<-entered
		go func() {
			<-time.After(30 * time.Millisecond)
			close(release)
		}()
		h.stop()
		if d := h.delivery(acme, "u").Delivery; d.State != directory.Clean || d.RemoteID == "" {
			h.Errorf("after the end it is %+v", d)
		}
		h.create(acme, user("v", email(2), "0"))
		h.quietly("nothing runs", func() bool { return len(h.account.heard(nil)) == 1 })
	})
}

func TestWhatWillNotEndIsCutAndStaysInDoubt(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Drain = 30 * time.Millisecond
		entered := make(chan struct{})
		h.account.told(func(ctx context.Context, _ call) *answer {
			close(entered)
			<-ctx.Done()
			return lost(nil)
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		<-entered
		h.stop()
		d := h.delivery(acme, "u").Delivery
		if d.State != directory.Due || d.Intent == nil || !d.Intent.Ended || d.Intent.Op != directory.Creating {
			h.Errorf("after the end it is %+v with intent %+v", d, d.Intent)
		}
	})
}

func TestWhatTheAccountHoldsIsNotSentAgain(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.create(acme, user("gone", email(2), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.untilState(acme, "gone", directory.Clean)
		h.remove(acme, "gone")
		h.untilState(acme, "gone", directory.Clean)
		before := len(h.account.heard(nil))
		h.edit(acme, func(t *tenant.Tenant) { t.RulesRev++ })
		if n, err := h.store.Resync(h.Context(), acme, 0, []string{"User"}, time.Now()); err != nil || n != 2 {
			h.Fatalf("resync touched %d, %v", n, err)
		}
		h.worker.Wake(acme)
		h.untilState(acme, "u", directory.Clean)
		h.untilState(acme, "gone", directory.Clean)
		h.change(acme, "u", "schemas", value.List()) // not projected
		d := h.untilState(acme, "u", directory.Clean)
		if n := len(h.account.heard(nil)) - before; n != 0 {
			h.Errorf("%d calls for nothing new", n)
		}
		if d.RulesRev != 2 || d.RemoteID == "" || len(d.Sent) == 0 {
			h.Errorf("the delivery forgot: %+v", d)
		}
	})
}

func TestNeverDeliveredNeedsNoLeaving(t *testing.T) {
	onEach(t, func(h *harness) {
		h.edit(acme, func(t *tenant.Tenant) { t.Connections[0].Paused = true })
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.remove(acme, "u")
		h.create(acme, user("v", email(2), "0"))
		h.change(acme, "v", "active", value.Truth(false))
		h.quietly("a paused connection gets nothing", func() bool {
			return len(h.account.heard(nil)) == 0 && h.delivery(acme, "v").Delivery.Failure == nil
		})
		h.edit(acme, func(t *tenant.Tenant) {
			t.Connections = []tenant.Connection{{ID: "appspace", Kind: "appspace"}}
		})
		h.untilState(acme, "u", directory.Clean)
		h.untilState(acme, "v", directory.Clean)
		if calls := h.account.heard(nil); len(calls) != 1 || calls[0].ID != "v" {
			h.Errorf("the account heard %+v", calls)
		}
		if activeIn(h.account.user(h.TB, email(2)).attributes) {
			h.Error("a user disabled before it was delivered must be created disabled")
		}
	})
}

func TestOnDelete(t *testing.T) {
	for _, policy := range []tenant.OnDelete{"", tenant.Suspend, tenant.Delete} {
		t.Run(string(policy), func(t *testing.T) {
			onEach(t, func(h *harness) {
				h.start()
				h.create(acme, user("u", email(1), "0"))
				h.untilState(acme, "u", directory.Clean)
				h.edit(acme, func(t *tenant.Tenant) { t.Settings.OnDelete = policy })
				h.remove(acme, "u")
				d := h.untilState(acme, "u", directory.Clean)
				u := h.account.user(h.TB, email(1))
				if policy == tenant.Delete {
					if u != nil || d.RemoteID != "" {
						h.Errorf("it is still there: %+v, %+v", u, d)
					}
					return
				}
				if u == nil || activeIn(u.attributes) || d.RemoteID == "" {
					h.Errorf("it is not suspended: %+v, %+v", u, d)
				}
			})
		})
	}
}

// A connection is opened once for a version of its tenant, and a tenant that has
// nothing to do for a while costs nothing.
func TestOpenedOnceAndLetGo(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Linger = 500 * time.Millisecond
		h.start()
		for i := range 5 {
			id := fmt.Sprint("u", i)
			h.create(acme, user(id, email(i), "0"))
			h.untilState(acme, id, directory.Clean)
		}
		h.mu.Lock()
		if h.opened != 1 {
			h.Errorf("opened %d times", h.opened)
		}
		h.mu.Unlock()
		h.until("it is let go", func() bool {
			h.worker.mu.Lock()
			defer h.worker.mu.Unlock()
			return len(h.worker.accounts) == 0
		})
		h.create(acme, user("v", email(9), "0"))
		h.untilState(acme, "v", directory.Clean)
	})
}

// Rules that are published while a push is under way are not forgotten.
func TestRulesPublishedDuringAPush(t *testing.T) {
	onEach(t, func(h *harness) {
		release, entered := make(chan struct{}), make(chan struct{}, 10)
		h.account.told(func(ctx context.Context, _ call) *answer {
			entered <- struct{}{}
			return hold(ctx, release)
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		<-entered
		h.edit(acme, func(t *tenant.Tenant) { t.RulesRev = 2 })
		if _, err := h.store.Resync(h.Context(), acme, 0, []string{"User"}, time.Now()); err != nil {
			h.Fatal(err)
		}
		h.worker.Wake(acme)
		close(release)
		h.until("the new rules were used", func() bool {
			d := h.delivery(acme, "u").Delivery
			return d.State == directory.Clean && d.RulesRev == 2
		})
	})
}

func TestWakeBeforeAndAfterRun(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Wake(acme)
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		if err := h.worker.Run(h.Context()); err == nil {
			h.Error("a second Run must be refused")
		}
		h.stop()
		h.worker.Wake(acme)
		h.create(acme, user("v", email(2), "0"))
		h.start() // again
		h.untilState(acme, "v", directory.Clean)
	})
}
