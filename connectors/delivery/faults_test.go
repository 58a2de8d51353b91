package delivery

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// captured keeps what applies a late change until the test lets it land.
type captured struct {
	mu    sync.Mutex
	apply func()
}

func (c *captured) keep(apply func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.apply = apply
}

func (c *captured) taken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.apply != nil
}

// once gives the first call that matches an answer, and no other.
func once(which func(call) bool, a *answer) func(context.Context, call) *answer {
	var used atomic.Bool
	return func(_ context.Context, c call) *answer {
		if which(c) && used.CompareAndSwap(false, true) {
			return a
		}
		return nil
	}
}

// An update times out, the next version is delivered, and then the old request
// lands: push now, verify after.
func TestLateUpdateNeverWins(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		var late captured
		h.account.told(once(puts, lost(late.keep)))
		h.retitle(acme, "u", "old")
		h.until("the update timed out", late.taken)
		h.retitle(acme, "u", "new")
		h.until("the newest is delivered", func() bool {
			item := h.delivery(acme, "u")
			return item.Delivery.Delivered == item.Version
		})
		h.holds(email(1), "new")
		if h.delivery(acme, "u").Delivery.State == directory.Clean {
			h.Fatal("clean, while an old request can still land")
		}
		late.apply()
		h.holds(email(1), "old")
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
	})
}

// The same with a target that cannot be asked: it is told once more when nothing
// of old can land any more, and that is all.
func TestLateUpdateNeverWinsWhereNobodyCanAsk(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.account.deaf = true
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		var late captured
		h.account.told(once(puts, lost(late.keep)))
		h.retitle(acme, "u", "old")
		h.until("the update timed out", late.taken)
		h.retitle(acme, "u", "new")
		h.until("the newest is delivered", func() bool {
			item := h.delivery(acme, "u")
			return item.Delivery.Delivered == item.Version
		})
		late.apply()
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
		calls := h.account.heard(puts) // the one lost may be tried again before the newest is there
		if n := len(calls); n < 4 || n > 5 || calls[n-2].Version != 3 || calls[n-1].Version != 3 || calls[n-3].Version != 2 {
			t.Errorf("puts %+v, want the creation, the one lost, the newest, and that once more", calls)
		}
	})
}

// The same, but the old request never lands: one comparison, nothing sent again.
func TestDoubtIsResolvedByLooking(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.account.told(once(puts, lost(nil)))
		h.retitle(acme, "u", "new")
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
		if n := len(h.account.heard(puts)); n != 3 {
			h.Errorf("%d puts, want the creation, the one lost and one more", n)
		}
		if n := len(h.account.heard(func(c call) bool { return c.method == "matches" })); n != 1 {
			h.Errorf("%d comparisons", n)
		}
	})
}

// A creation times out. Sent again at once it might land twice; so the worker
// waits until it has landed or died, looks, and takes what it finds for its own.
func TestLateCreationIsNotRepeated(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		var late captured
		h.account.told(once(puts, lost(late.keep)))
		h.start()
		h.create(acme, user("u", email(1), "old"))
		h.until("the creation timed out", late.taken)
		h.retitle(acme, "u", "new")
		h.quietly("nothing is sent meanwhile", func() bool { return len(h.account.heard(nil)) == 1 })
		late.apply()
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
		if n := len(h.account.users); n != 1 {
			h.Errorf("the account has %d users", n)
		}
	})
}

// An attempt that resolves nothing does not make a doubt forgotten: what an
// earlier one created stays ours.
func TestDoubtSurvivesAFailedAttempt(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		var n atomic.Int32
		h.account.told(func(context.Context, call) *answer {
			switch n.Add(1) {
			case 1:
				return lost(func(apply func()) { apply() })
			case 2, 3:
				return fails(connectors.Transient, 503)
			default:
				return nil
			}
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.until("it is settled", func() bool { return h.delivery(acme, "u").Delivery.State != directory.Due })
		h.untilState(acme, "u", directory.Clean)
	})
}

// Nor does an account that refuses to tell: whom it may hold has to leave when the
// resource is deleted, though that was parked.
func TestDoubtSurvivesParking(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.worker.Tune.Backoff.Most = 10 * time.Millisecond
		var n atomic.Int32
		h.account.told(func(context.Context, call) *answer {
			if n.Add(1) == 1 {
				return lost(func(apply func()) { apply() })
			}
			return fails(connectors.Rejected, 400)
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Parked)
		h.account.told(nil)
		h.remove(acme, "u")
		h.untilState(acme, "u", directory.Clean)
		if u := h.account.user(h.TB, email(1)); u != nil && activeIn(u.attributes) {
			h.Errorf("it is still there: %+v", u)
		}
	})
}

// abandon leaves a resource as a worker that was killed in mid-push does.
func (h *harness) abandon(id string, op directory.Op) {
	h.Helper()
	now := time.Now()
	intent := directory.Intent{ID: fmt.Sprint("dead", rand.Int()), Op: op, QuietUntil: now, Name: email(1)}
	if _, err := h.store.Claim(h.Context(), acme, 0, refOf(id), intent, now); err != nil {
		h.Fatal(err)
	}
}

func TestCrashIsNoAttempt(t *testing.T) {
	onEach(t, func(h *harness) {
		if err := h.store.Create(h.Context(), acme, user("u", email(1), "0"), owed); err != nil {
			h.Fatal(err)
		}
		h.abandon("u", directory.Creating)
		entered, release := make(chan struct{}), make(chan struct{})
		h.account.told(func(ctx context.Context, c call) *answer {
			if c.method == "put" {
				close(entered)
				return hold(ctx, release)
			}
			return nil
		})
		h.start()
		<-entered
		if d := h.delivery(acme, "u").Delivery; d.Crashes != 1 || d.Attempts != 0 {
			h.Errorf("%d crashes and %d attempts", d.Crashes, d.Attempts)
		}
		if c := h.account.heard(nil)[0]; !c.Doubt {
			h.Error("the account was not told that the user may be ours")
		}
		close(release)
		if d := h.untilState(acme, "u", directory.Clean); d.Crashes != 0 {
			h.Errorf("%d crashes after a success", d.Crashes)
		}
	})
}

func TestWorkerKillerIsParked(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.SendBy, h.worker.Tune.Timeout, h.worker.Tune.Grace = 200*time.Millisecond, 50*time.Millisecond, time.Millisecond
		h.account.told(func(_ context.Context, c call) *answer {
			if c.ID == "killer" {
				panic("told to") // a connector's own mistake: push.guarded catches it, and a crash is counted
			}
			return nil
		})
		h.start()
		h.create(acme, user("killer", email(1), "0"))
		h.create(acme, user("u", email(2), "0"))
		h.untilState(acme, "u", directory.Clean)
		d := h.untilState(acme, "killer", directory.Parked)
		if n := len(h.account.heard(func(c call) bool { return c.ID == "killer" })); n != crashes || d.Failure.Class != classKiller {
			h.Errorf("parked for %+v after %d calls", d.Failure, n)
		}
	})
}

func TestReHireWaitsAndTakesOver(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("old", email(1), "0"))
		was := h.untilState(acme, "old", directory.Clean)
		leaving, release := make(chan struct{}), make(chan struct{})
		h.account.told(func(ctx context.Context, c call) *answer {
			if c.method == "suspend" {
				close(leaving)
				return hold(ctx, release)
			}
			return nil
		})
		h.remove(acme, "old")
		<-leaving
		h.create(acme, user("new", email(1), "back"))
		h.until("the re-hire waits", func() bool {
			f := h.delivery(acme, "new").Delivery.Failure
			return f != nil && f.Class == classWaiting
		})
		if n := len(h.account.heard(func(c call) bool { return c.ID == "new" })); n != 0 {
			h.Errorf("%d calls for the re-hire before the leaver has left", n)
		}
		close(release)
		now := h.untilState(acme, "new", directory.Clean)
		if now.RemoteID != was.RemoteID || now.Attempts != 0 {
			h.Errorf("the re-hire is %+v, want the account user %s", now, was.RemoteID)
		}
		u := h.account.user(h.TB, email(1))
		if !activeIn(u.attributes) || u.owner != "new" {
			h.Errorf("the account has %+v", u)
		}
		if n, err := h.store.Resync(h.Context(), acme, 0, []string{"User"}, time.Now()); err != nil {
			h.Fatal(n, err)
		}
		h.worker.Wake(acme)
		h.untilState(acme, "new", directory.Clean)
		h.untilState(acme, "old", directory.Clean)
		if !activeIn(h.account.user(h.TB, email(1)).attributes) {
			h.Error("the leaver took the re-hire along")
		}
	})
}

// What a re-hire took over stays its own when its first attempt fails.
func TestReHireAfterAFailedAttempt(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.start()
		h.create(acme, user("old", email(1), "0"))
		h.untilState(acme, "old", directory.Clean)
		h.remove(acme, "old")
		h.untilState(acme, "old", directory.Clean)
		h.account.told(once(puts, fails(connectors.Transient, 500)))
		back := user("new", email(1), "back")
		attributes, err := back.Attributes()
		if err != nil {
			h.Fatal(err)
		}
		attributes.Set("externalId", value.NewText("another"))
		h.create(acme, back)
		h.until("it is settled", func() bool { return h.delivery(acme, "new").Delivery.State != directory.Due })
		h.untilState(acme, "new", directory.Clean)
		if u := h.account.user(h.TB, email(1)); u == nil || u.owner != "new" || !activeIn(u.attributes) {
			h.Errorf("the account has %+v", u)
		}
	})
}

// lostAnswer is a store that takes over and says that it could not, once.
type lostAnswer struct {
	store
	once sync.Once
}

func (s *lostAnswer) TakeOver(ctx context.Context, t tenant.ID, slot tenant.Slot, ref directory.Ref, remoteID string) (taken bool, err error) {
	taken, err = s.store.TakeOver(ctx, t, slot, ref, remoteID)
	s.once.Do(func() { taken, err = false, errors.New("the connection was cut") })
	return taken, err
}

// What the store took over for a re-hire stays its own when the store's answer is
// lost.
func TestReHireWhenTheStoresAnswerIsLost(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Work = &lostAnswer{store: h.store}
		h.start()
		h.create(acme, user("old", email(1), "0"))
		was := h.untilState(acme, "old", directory.Clean)
		h.remove(acme, "old")
		h.untilState(acme, "old", directory.Clean)
		back := user("new", email(1), "back")
		attributes, err := back.Attributes()
		if err != nil {
			h.Fatal(err)
		}
		attributes.Set("externalId", value.NewText("another"))
		h.create(acme, back)
		h.until("it is settled", func() bool { return h.delivery(acme, "new").Delivery.State != directory.Due })
		if now := h.untilState(acme, "new", directory.Clean); now.RemoteID != was.RemoteID {
			h.Errorf("the re-hire is %+v, want the account user %s", now, was.RemoteID)
		}
	})
}

func TestRefusedCredentialHoldsTheConnection(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{} // in earnest: 15 s
		h.account.check = errors.New("refused")
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Unauthorized, 401) })
		h.start()
		for i := range 30 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		h.until("it was refused", func() bool { return len(h.account.heard(nil)) > 0 })
		h.quietly("the connection waits", func() bool { return len(h.account.heard(nil)) <= 8 })
		for i := range 30 {
			if d := h.delivery(acme, fmt.Sprint("u", i)).Delivery; d.Attempts != 0 || d.State != directory.Due {
				h.Errorf("an attempt was burnt: %+v", d)
			}
		}
		h.account.told(nil)
		h.edit(acme, func(*tenant.Tenant) {}) // a new token, say: at once
		for i := range 30 {
			h.untilState(acme, fmt.Sprint("u", i), directory.Clean)
		}
	})
}

// One user that we may not touch, an administrator of the account, is parked by
// itself; nobody else waits for it.
func TestForbiddenUserHoldsNobodyUp(t *testing.T) {
	onEach(t, func(h *harness) {
		h.account.told(func(_ context.Context, c call) *answer {
			if c.ID == "admin" {
				return fails(connectors.Unauthorized, 403)
			}
			return nil
		})
		h.start()
		h.create(acme, user("admin", email(0), "0"))
		h.until("it was refused", func() bool { return len(h.account.heard(nil)) > 2*tries })
		if d := h.delivery(acme, "admin").Delivery; d.State != directory.Due {
			h.Errorf("parked, though nothing else ever succeeded: %+v", d)
		}
		for i := 1; i < 100 && h.delivery(acme, "admin").Delivery.State == directory.Due; i++ {
			id := fmt.Sprint("u", i)
			h.create(acme, user(id, email(i), "0"))
			h.untilState(acme, id, directory.Clean)
		}
		if d := h.delivery(acme, "admin").Delivery; d.State != directory.Parked || d.Failure.Status != 403 {
			h.Errorf("the user is %+v", d)
		}
	})
}

func TestThrottledWaits(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{Least: 100 * time.Millisecond, Most: time.Second}
		var refused atomic.Int64
		h.account.told(func(context.Context, call) *answer {
			if refused.CompareAndSwap(0, time.Now().UnixNano()) {
				return fails(connectors.Throttled, 429)
			}
			return nil
		})
		h.worker.Tune.Pushes = 1
		h.start()
		for i := range 5 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		h.until("it was refused", func() bool { return refused.Load() != 0 })
		h.quietly("the connection waits", func() bool { return len(h.account.heard(nil)) == 1 })
		for i := range 5 {
			h.untilState(acme, fmt.Sprint("u", i), directory.Clean)
		}
	})
}

func TestUnusableSettingsHold(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{}
		h.openErr = errors.New("no such kind")
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.until("it was tried", func() bool { return h.delivery(acme, "u").Delivery.Failure != nil })
		h.quietly("the connection waits", func() bool {
			h.mu.Lock()
			defer h.mu.Unlock()
			return h.opened <= 2
		})
		if d := h.delivery(acme, "u").Delivery; d.Attempts != 0 || d.Failure.Class != string(Unusable) {
			h.Errorf("it is %+v for %+v", d, d.Failure)
		}
		h.mu.Lock()
		h.openErr = nil
		h.mu.Unlock()
		h.edit(acme, func(*tenant.Tenant) {})
		h.untilState(acme, "u", directory.Clean)
	})
}

// Everything at once: an account that loses, delays, refuses and answers as it
// likes, while clients create, change, disable, delete and hire again. When it
// has calmed down, account and store are equal.
func TestStorm(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.worker.Tune.Drain = time.Second
		var landing sync.WaitGroup
		late := func(apply func()) {
			wait := rand.N(h.worker.Tune.Timeout)
			landing.Go(func() {
				<-time.After(wait)
				apply()
			})
		}
		h.account.told(func(context.Context, call) *answer {
			<-time.After(rand.N(3 * time.Millisecond))
			switch rand.IntN(12) {
			case 0:
				return lost(nil)
			case 1:
				return lost(late)
			case 2:
				return lost(func(apply func()) { apply() })
			case 3:
				return fails(connectors.Transient, 500)
			case 4:
				return fails(connectors.Throttled, 429)
			case 5:
				return fails(connectors.Protocol, 200)
			default:
				return nil
			}
		})
		h.start()
		const clients, acts = 12, 25
		last := make([]string, clients)
		var working sync.WaitGroup
		for i := range clients {
			working.Go(func() { last[i] = h.live(i, acts) })
		}
		working.Wait()
		h.account.told(nil)
		landing.Wait()
		for i, id := range last {
			h.untilState(acme, id, directory.Clean)
			h.same(i, id)
		}
	})
}

// live is what a client does to one user; it returns the id the user ended with.
func (h *harness) live(i, acts int) string {
	id := fmt.Sprintf("u%d-0", i)
	h.create(acme, user(id, email(i), "0"))
	for n := range acts {
		<-time.After(rand.N(20 * time.Millisecond))
		switch rand.IntN(8) {
		case 0:
			h.remove(acme, id)
			id = fmt.Sprintf("u%d-%d", i, n+1)
			h.create(acme, user(id, email(i), fmt.Sprint(n)))
		case 1:
			h.change(acme, id, "active", value.Truth(n%2 == 0))
		default:
			h.retitle(acme, id, fmt.Sprint(n))
		}
	}
	return id
}

// same compares account and store for one user.
func (h *harness) same(i int, id string) {
	h.Helper()
	r, err := h.store.Get(h.Context(), acme, refOf(id))
	if err != nil {
		h.Fatal(err)
	}
	attributes, err := r.Attributes()
	if err != nil {
		h.Fatal(err)
	}
	u := h.account.user(h.TB, email(i))
	if u == nil {
		h.Errorf("the account does not have %s", id)
		return
	}
	for _, name := range []string{"title", "active"} {
		want, _ := attributes.Get(name)
		if got, _ := u.attributes.Get(name); !value.Equal(got, want) {
			h.Errorf("%s of %s is %s at the account, %s in the store", name, id, got.Text(), want.Text())
		}
	}
}
