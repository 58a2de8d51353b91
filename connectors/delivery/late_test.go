package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/scim"
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
		h.worker.Tune, h.patience = Tuning{}, time.Minute // which is a moment
		test(h)
		h.stop()
	})
}

// An account that gives up on requests and applies them up to a minute later
// never ends stale, whatever else of the same user was delivered meanwhile, and
// whoever left and came back.
func TestLateByAMinuteNeverWins(t *testing.T) {
	for seed := range uint64(size(15, 40)) {
		for _, policy := range []tenant.OnDelete{tenant.Suspend, tenant.Delete} {
			t.Run(fmt.Sprint(policy, seed), func(t *testing.T) {
				inBubble(t, func(h *harness) {
					h.edit(acme, func(t *tenant.Tenant) { t.Settings.OnDelete = policy })
					h.withGroups()
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
	l.createGroup("g", "cooks", last...)
	for n := range acts {
		l.wait(time.Minute / 2)
		for i := range users {
			last[i] = l.act(i, n, last[i])
		}
		l.regroup(last[l.chance(users)])
	}
	l.account.told(nil)
	l.settle(last)
	l.withinADay("the group is settled", func() bool { return l.groupClean("g") })
	l.landing.Wait()
	for i, id := range last {
		l.same(i, id)
	}
	l.sameMembers()
}

// regroup lets a user join the group, or leave it.
func (l *lateness) regroup(id string) {
	if l.chance(2) == 0 {
		l.move("g", scim.MemberChange{Add: []string{id}})
	} else {
		l.move("g", scim.MemberChange{Remove: []string{id}})
	}
}

// sameMembers compares account and store for the group.
func (l *lateness) sameMembers() {
	l.Helper()
	members, err := l.store.Members(l.Context(), acme, "g", "", 100)
	if err != nil {
		l.Fatal(err)
	}
	var names []string
	for _, m := range members {
		r, err := l.store.Get(l.Context(), acme, refOf(m.ID))
		if err != nil {
			l.Fatal(err)
		}
		attributes, err := r.Attributes()
		if err != nil {
			l.Fatal(err)
		}
		names = append(names, foldedName(attributes))
	}
	slices.Sort(names)
	if got, want := l.account.membersOf("cooks"), strings.Join(names, " "); got != want {
		l.Errorf("the group at the account holds %q, in the store %q", got, want)
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

func (l *lateness) groupClean(id string) bool {
	item, err := l.store.Delivery(l.Context(), acme, 0, groupRef(id))
	if err != nil {
		l.Fatal(err)
	}
	return item.Delivery.State == directory.Clean
}

// settle waits until nothing is owed of these.
func (l *lateness) settle(ids []string) {
	l.Helper()
	l.withinADay("all are clean", func() bool {
		return !slices.ContainsFunc(ids, func(id string) bool {
			return l.delivery(acme, id).Delivery.State != directory.Clean
		})
	})
}

// withinADay waits for something to become true, which takes a moment.
func (l *lateness) withinADay(what string, done func() bool) {
	l.Helper()
	for began := time.Now(); !done(); <-time.After(time.Second) {
		if time.Since(began) > 24*time.Hour {
			l.Fatalf("after a day still not: %s", what)
		}
	}
}
