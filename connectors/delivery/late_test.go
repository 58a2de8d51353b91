package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// inBubble runs a test of the worker in earnest, with the tuning that `serve` has,
// and with time that passes as soon as everybody waits: an hour takes a moment,
// at the scale of 1:1.
func inBubble(t *testing.T, test func(h *harness)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, openSQLite(t))
		h.worker.Tune = Tuning{}
		test(h)
		h.stop()
	})
}

// An account that gives up on requests and applies them up to a minute later
// never ends stale, whatever else of the same user was delivered meanwhile, and
// whoever left and came back.
func TestLateByAMinuteNeverWins(t *testing.T) {
	for seed := range uint64(15) {
		for _, policy := range []tenant.OnDelete{tenant.Suspend, tenant.Delete} {
			t.Run(fmt.Sprint(policy, seed), func(t *testing.T) {
				inBubble(t, func(h *harness) {
					h.edit(acme, func(t *tenant.Tenant) { t.Settings.OnDelete = policy })
					(&lateness{harness: h, random: rand.New(rand.NewPCG(seed, 7))}).play()
				})
			})
		}
	}
}

// lateness is a run of that test. All chances come from one source, so that a
// seed tells nearly the same story again.
type lateness struct {
	*harness
	mu      sync.Mutex
	random  *rand.Rand
	landing sync.WaitGroup
}

func (l *lateness) chance(n int64) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.random.Int64N(n)
}

func (l *lateness) wait(most time.Duration) { <-time.After(time.Duration(l.chance(int64(most)))) }

// land applies a request when its time has come.
func (l *lateness) land(apply func()) {
	l.landing.Go(func() {
		l.wait(time.Minute)
		apply()
	})
}

func (l *lateness) answer(_ context.Context, c call) *answer {
	if c.method != "matches" && l.chance(2) == 0 {
		return lost(l.land)
	}
	return nil
}

func (l *lateness) play() {
	const users, acts = 5, 10
	l.account.told(l.answer)
	l.start()
	last := make([]string, users)
	for i := range users {
		last[i] = fmt.Sprintf("u%d", i)
		l.create(acme, user(last[i], email(i), "0"))
	}
	for n := range acts {
		l.wait(time.Minute / 2)
		for i := range users {
			last[i] = l.act(i, n, last[i])
		}
	}
	l.account.told(nil)
	l.settle(last)
	l.landing.Wait()
	for i, id := range last {
		l.same(i, id)
	}
}

// act changes one user, and returns the id it has then.
func (l *lateness) act(i, n int, id string) string {
	switch l.chance(6) {
	case 0:
		l.remove(acme, id)
		id = fmt.Sprintf("u%d-%d", i, n)
		l.create(acme, user(id, email(i), fmt.Sprint(n)))
	case 1:
		l.change(acme, id, "active", value.Truth(n%2 == 0))
	default:
		l.retitle(acme, id, fmt.Sprint(n))
	}
	return id
}

// settle waits, up to a day, until nothing is owed of these.
func (l *lateness) settle(ids []string) {
	for began := time.Now(); ; <-time.After(time.Second) {
		owed := slices.DeleteFunc(slices.Clone(ids), func(id string) bool {
			return l.delivery(acme, id).Delivery.State == directory.Clean
		})
		if len(owed) == 0 {
			return
		}
		if time.Since(began) > 24*time.Hour {
			l.Fatalf("after a day these are still owed: %v", owed)
		}
	}
}
