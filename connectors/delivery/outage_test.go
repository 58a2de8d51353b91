package delivery

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// However many changes an outage meets, the backlog is one entry for each user,
// and one push each ends it: a week without the account, 1,000,000 changes to
// 10,000 users.
func TestOutageIsAPushForEachUser(t *testing.T) {
	h := newHarness(t, openSQLite(t))
	h.worker.Tune.Backoff = Backoff{Least: 50 * time.Millisecond, Most: time.Second}
	users, changes := size(200, 10_000), size(20_000, 1_000_000)
	h.start()
	h.each(users, func(i int) {
		h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
	})
	h.untilCalm(users)
	var away atomic.Bool
	var failed, pushed atomic.Int64
	away.Store(true)
	h.account.told(func(context.Context, call) *answer {
		if away.Load() {
			failed.Add(1)
			return fails(connectors.Transient, 503)
		}
		pushed.Add(1)
		return nil
	})
	began := time.Now()
	for n := range changes / users {
		h.each(users, func(i int) { h.change(acme, fmt.Sprint("u", i), "title", value.NewText(fmt.Sprint(n))) })
	}
	changed := time.Since(began)
	owing, err := h.store.Deliveries(h.Context(), acme, 0, directory.Due, 2*users)
	if err != nil || len(owing) != users {
		t.Errorf("the backlog is %d, %v; want %d", len(owing), err, users)
	}
	tried := failed.Load()
	away.Store(false)
	began = time.Now()
	h.untilCalm(users)
	if n := int(pushed.Load()); n != users {
		t.Errorf("%d pushes for %d users", n, users)
	}
	last := fmt.Sprint(changes/users - 1)
	if wrong := h.account.titledOtherwise(last); wrong > 0 {
		t.Errorf("%d users of the account are not what they were changed to last", wrong)
	}
	t.Logf("%d changes to %d users in %v, %d attempts meanwhile; the backlog is %d; as many pushes end it, in %v",
		changes, users, changed.Round(time.Millisecond), tried, len(owing), time.Since(began).Round(time.Millisecond))
}

// Pushes that hang since before the breaker opened neither take the place of a trial,
// or of what follows it, nor tell of the account when they time out at last: it is back
// when the first trial says so.
func TestATrialWaitsForNobody(t *testing.T) {
	const hung = 2 * rateAttempts
	onEach(t, func(h *harness) {
		h.worker.Tune.Pushes = hung + 12
		h.worker.Tune.Backoff = Backoff{Least: 50 * time.Millisecond, Most: 100 * time.Millisecond}
		var hanging, tried atomic.Int64
		var late atomic.Bool
		release := make(chan struct{})
		h.account.told(func(ctx context.Context, c call) *answer {
			switch {
			case c.ID[0] == 'h' && !late.Load():
				hanging.Add(1)
				defer hanging.Add(-1)
				hold(ctx, release)
				return fails(connectors.Transient, 504)
			case c.ID[0] == 'u' && tried.Add(1) <= rateAttempts:
				return fails(connectors.Transient, 503)
			}
			return nil
		})
		h.start()
		for i := range hung {
			h.create(acme, user(fmt.Sprint("h", i), fmt.Sprint("h", i, "@example.com"), "0"))
		}
		h.until("all of them hang", func() bool { return hanging.Load() == hung })
		for i := range 20 {
			h.create(acme, user(fmt.Sprint("u", i), email(i), "0"))
		}
		for i := range 20 {
			h.untilState(acme, fmt.Sprint("u", i), directory.Clean)
		}
		if hanging.Load() != hung {
			h.Error("what hung does so no more: it was waited for")
		}
		strikes := h.strikes()
		late.Store(true)
		close(release)
		for i := range hung {
			h.untilState(acme, fmt.Sprint("h", i), directory.Clean)
		}
		if now := h.strikes(); now > strikes {
			h.Errorf("the breaker opened for what had hung: %d openings in a row", now)
		}
	})
}

// strikes is how often the breaker has opened in a row.
func (h *harness) strikes() (n int) {
	for _, s := range h.worker.States(acme) {
		n += s.Strikes
	}
	return n
}

// each does something for every number below n, several at a time, as gateways do.
func (h *harness) each(n int, do func(i int)) {
	h.Helper()
	var working sync.WaitGroup
	var next atomic.Int64
	for range 16 {
		working.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && !h.Failed(); i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	working.Wait()
	if h.Failed() {
		h.FailNow()
	}
}

// untilCalm waits until nothing is due and the account has so many users.
func (h *harness) untilCalm(users int) {
	h.Helper()
	deadline := time.Now().Add(time.Duration(size(60, 300)) * time.Second)
	for ; ; <-time.After(20 * time.Millisecond) {
		due, err := h.store.Deliveries(h.Context(), acme, 0, directory.Due, 1)
		if err == nil && len(due) == 0 {
			break
		}
		if time.Now().After(deadline) {
			h.Fatal("the backlog does not end")
		}
	}
	if n := h.account.actives(); n != users {
		h.Fatalf("the account has %d users, want %d", n, users)
	}
}

// titledOtherwise counts the users whose title is another one.
func (f *fakeAccount) titledOtherwise(title string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range f.users {
		if got, _ := u.attributes.Get("title"); got.Text() != title {
			n++
		}
	}
	return n
}
