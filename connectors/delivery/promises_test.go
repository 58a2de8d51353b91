package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// The promises of reliability-and-security.md 9 that are delivery's and had no
// test of their own; .ci/mutants/README.md lists them all.

// counted tells how often a resource was asked for before.
type counted struct {
	mu    sync.Mutex
	times map[string]int
}

func (c *counted) next(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.times == nil {
		c.times = make(map[string]int)
	}
	c.times[id]++
	return c.times[id]
}

// dying makes the ends of workers cheap to wait for.
func (h *harness) dying() {
	h.worker.Tune.SendBy, h.worker.Tune.Timeout, h.worker.Tune.Grace = 200*time.Millisecond, 50*time.Millisecond, time.Millisecond
}

// Promise 1: what was acknowledged reaches the account, though each first attempt
// ends with its worker.
func TestKilledInMidPushLosesNothing(t *testing.T) {
	onEach(t, func(h *harness) {
		h.dying()
		var attempts counted
		h.account.told(func(_ context.Context, c call) *answer {
			if c.method == "put" && attempts.next(c.ID) == 1 {
				panic("killed") // the push ends with its claim unsettled, as after kill -9 (push.guarded)
			}
			return nil
		})
		h.start()
		const users = 30
		for i := range users {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "new"))
		}
		for i := range users {
			h.untilState(acme, fmt.Sprint("u", i), directory.Clean)
			h.holds(email(i), "new")
		}
	})
}

// Promise 2: what changes while it is being pushed is pushed once more.
func TestChangedDuringThePush(t *testing.T) {
	onEach(t, func(h *harness) {
		var changed atomic.Bool
		h.account.told(func(context.Context, call) *answer {
			if changed.CompareAndSwap(false, true) {
				h.retitle(acme, "u", "new")
			}
			return nil
		})
		h.start()
		h.create(acme, user("u", email(1), "old"))
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
	})
}

// Promise 3: what is sent is what the claim returned, not what was read before it.
// The worker's clock is ahead of the store's: else what is changed after it looked
// at its clock is not due yet, and not claimed at all.
func TestChangedJustBeforeTheClaim(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Now = func() time.Time { return time.Now().Add(time.Second) }
		var changed atomic.Bool
		h.worker.Work = &hooked{store: h.store, before: func() {
			if changed.CompareAndSwap(false, true) {
				h.retitle(acme, "u", "new")
			}
		}}
		h.start()
		h.create(acme, user("u", email(1), "old"))
		h.untilState(acme, "u", directory.Clean)
		h.holds(email(1), "new")
	})
}

// Promise 5: 50 workers die in mid-push, and the account refuses each resource
// twice besides: as often as a healthy one may be refused. None is parked.
func TestFiftyDeathsParkNothing(t *testing.T) {
	onEach(t, func(h *harness) {
		h.dying()
		var attempts counted
		h.account.told(func(_ context.Context, c call) *answer {
			switch attempts.next(c.ID) {
			case 1, 2:
				panic("killed")
			case 3, 4:
				return fails(connectors.Rejected, 400)
			default:
				return nil
			}
		})
		h.start()
		const users = 25
		for i := range users {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		for i := range users {
			id := fmt.Sprint("u", i)
			h.until(id+" is settled", func() bool { return h.delivery(acme, id).Delivery.State != directory.Due })
			h.untilState(acme, id, directory.Clean)
		}
	})
}

// Promise 5: two workers that both take a tenant for theirs, and take resources
// out of each other's hands all the time, are not dead.
func TestTwoAtOneTenantParkNothing(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		second := &Worker{Tenants: h, Work: h.store, Open: h.open, Rules: h.worker.Rules, Tune: h.worker.Tune}
		h.account.told(func(context.Context, call) *answer {
			<-time.After(time.Millisecond)
			return nil
		})
		h.start()
		ctx, cancel := context.WithCancel(h.Context())
		ended := make(chan error, 1)
		go func() { ended <- second.Run(ctx) }()
		const users, edits = 15, 5
		for n := range edits {
			for i := range users {
				id := fmt.Sprint("u", i)
				if n == 0 {
					h.create(acme, user(id, email(i), "0"))
				} else {
					h.retitle(acme, id, fmt.Sprint(n))
				}
				second.Wake(acme)
			}
		}
		for i := range users {
			id := fmt.Sprint("u", i)
			h.until(id+" is settled", func() bool { return h.delivery(acme, id).Delivery.State != directory.Due })
			h.untilState(acme, id, directory.Clean)
		}
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
	})
}

// Promise 6: the account always refuses 5 % of the users; the other 95 % reach it
// as fast as without them.
func TestPoisonSlowsNobody(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Backoff = Backoff{Least: 100 * time.Millisecond, Most: time.Second}
		var poisoned sync.Map
		h.account.told(func(_ context.Context, c call) *answer {
			if _, bad := poisoned.Load(c.ID); bad {
				return fails(connectors.Rejected, 422)
			}
			return nil
		})
		h.start()
		const users, rounds = 200, 3
		var alone, beside []time.Duration
		for round := range rounds {
			alone = append(alone, h.timeToDeliver(fmt.Sprint("alone", round), users, nil))
			beside = append(beside, h.timeToDeliver(fmt.Sprint("beside", round), users, func(i int, id string) bool {
				if i%20 == 0 {
					poisoned.Store(id, true)
				}
				return i%20 == 0
			}))
		}
		slices.Sort(alone)
		slices.Sort(beside)
		h.Logf("p99 of the others: %v alone, %v beside 5 %% that are refused (medians of %d)", alone[rounds/2], beside[rounds/2], rounds)
		if most := 3*alone[rounds/2]/2 + 50*time.Millisecond; beside[rounds/2] > most {
			h.Errorf("p99 of the others is %v, alone it was %v", beside[rounds/2], alone[rounds/2])
		}
	})
}

// timeToDeliver creates users and returns the 99th percentile of the times until
// those that are not bad are at the account.
func (h *harness) timeToDeliver(prefix string, users int, bad func(i int, id string) bool) time.Duration {
	h.Helper()
	var took []time.Duration
	for i := range users {
		id := fmt.Sprint(prefix, "-", i)
		ill := bad != nil && bad(i, id)
		began := time.Now()
		h.create(acme, user(id, id+"@example.com", "0"))
		if ill {
			continue
		}
		h.untilState(acme, id, directory.Clean)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)*99/100]
}

// Promise 13: a user is deleted while the account is away, and tombstones are
// purged meanwhile: the user leaves all the same.
func TestDeletedWhileTheAccountIsAway(t *testing.T) {
	onEach(t, func(h *harness) {
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		h.account.told(func(context.Context, call) *answer { return fails(connectors.Transient, 503) })
		h.remove(acme, "u")
		h.until("it was tried", func() bool { return h.delivery(acme, "u").Delivery.Attempts > 0 })
		if n, err := h.store.Purge(h.Context(), time.Now().Add(time.Hour), 100); err != nil || n != 0 {
			h.Errorf("%d purged that are still owed, %v", n, err)
		}
		h.account.told(nil)
		h.untilState(acme, "u", directory.Clean)
		if u := h.account.user(h.TB, email(1)); u != nil && activeIn(u.attributes) {
			h.Errorf("it is still there: %+v", u)
		}
	})
}

// Promise 34: whatever a target asks for, no request comes inside the window.
func TestNothingIsSentInTheWindow(t *testing.T) {
	for _, asked := range []string{"0", "5", "99999", "-1", "abc", "", "date"} {
		t.Run(asked, func(t *testing.T) {
			inBubble(t, func(h *harness) { h.throttledFor(asked) })
		})
	}
}

func (h *harness) throttledFor(asked string) {
	h.Helper()
	if asked == "date" {
		asked = time.Now().UTC().Add(40 * time.Second).Format("Mon, 02 Jan 2006 15:04:05 GMT")
	}
	wait := max(connectors.ParseRetryAfter(asked, time.Now()), time.Second)
	var (
		mu      sync.Mutex
		refused time.Time
		inside  int
	)
	h.account.told(func(context.Context, call) *answer {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case refused.IsZero():
			refused = time.Now()
			a := fails(connectors.Throttled, 429)
			a.fault.RetryAfter = connectors.ParseRetryAfter(asked, time.Now())
			return a
		case time.Since(refused) < wait:
			inside++
		}
		return nil
	})
	h.create(acme, user("first", email(0), "0"))
	h.start()
	h.worker.Wake(acme)
	h.until("it was refused", func() bool { return len(h.account.heard(nil)) > 0 })
	ids := []string{"first"}
	for i := range 20 {
		ids = append(ids, fmt.Sprint("u", i))
		h.create(acme, user(ids[i+1], email(i+1), "0"))
	}
	(&lateness{harness: h}).settle(ids)
	h.Logf("%q: all delivered after %v", asked, time.Since(refused))
	if inside != 0 || time.Since(refused) < wait {
		h.Errorf("%d requests came inside the %v that %q asks for", inside, wait, asked)
	}
}

// Vector 77: whatever the account answers us, what is accepted stays accepted and
// owed.
func TestRefusedByTheAccountIsStillOwed(t *testing.T) {
	for _, a := range []*answer{
		fails(connectors.Unauthorized, 401), fails(connectors.Unauthorized, 404), fails(connectors.Transient, 500),
		fails(connectors.Throttled, 503), fails(connectors.Protocol, 200), lost(nil),
	} {
		t.Run(fmt.Sprint(a.fault.Fault, a.fault.Status), func(t *testing.T) {
			inBubble(t, func(h *harness) {
				h.account.check = errors.New("refused")
				h.account.told(func(context.Context, call) *answer { return a })
				h.start()
				h.create(acme, user("u0", email(0), "0"))
				<-time.After(6 * time.Hour)
				if d := h.delivery(acme, "u0").Delivery; d.State != directory.Due {
					h.Errorf("after six hours it is %+v", d)
				}
				h.account.told(nil)
				h.edit(acme, func(*tenant.Tenant) {})
				(&lateness{harness: h}).settle([]string{"u0"})
				h.holds(email(0), "0")
			})
		})
	}
}
