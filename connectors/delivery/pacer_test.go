package delivery

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/connectors"
	"scimgate/ratelimit"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// when notes at what times the account was sent something.
func (h *harness) when() (times func() []time.Time) {
	var mu sync.Mutex
	var all []time.Time
	h.account.told(func(context.Context, call) *answer {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, time.Now())
		return nil
	})
	return func() []time.Time {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

// due makes users that are owed.
func (h *harness) due(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprint("u", i))
		h.create(acme, user(ids[i], email(i), "0"))
	}
	return ids
}

// A connection that has a pace is sent no more than that, and no less.
func TestPaceOfAConnection(t *testing.T) {
	for _, l := range []ratelimit.Limit{{Rate: 20, Burst: 5}, {Rate: 1, Burst: 1}} {
		t.Run(fmt.Sprint(l.Rate), func(t *testing.T) {
			inBubble(t, func(h *harness) {
				times := h.when()
				h.worker.Pacer = ratelimit.NewLocal()
				h.edit(acme, func(t *tenant.Tenant) { t.Connections[0].Pace = l })
				const n = 60
				ids := h.due(n)
				began := time.Now()
				h.start()
				for _, id := range ids {
					h.untilState(acme, id, directory.Clean)
				}
				took, want := time.Since(began).Seconds(), float64(n-l.Burst)/l.Rate
				if took < want || took > want*1.2+1 {
					h.Errorf("%d users took %.1f s at %+v, want %.1f s", n, took, l, want)
				}
				all := times()
				for i, from := range all {
					sent := 0
					for _, at := range all[i:] {
						if at.Sub(from) < time.Second {
							sent++
						}
					}
					if most := l.Burst + int(l.Rate); sent > most {
						h.Fatalf("%d within a second, most are %d", sent, most)
					}
				}
			})
		})
	}
}

// mute is a pacer that cannot be asked.
type mute struct{}

func (mute) Take(context.Context, string, ratelimit.Limit, int) (ratelimit.Decision, error) {
	return ratelimit.Decision{}, errors.New("away")
}

// Nothing rests on the pace: without it everything is delivered.
func TestNoPacerNoPace(t *testing.T) {
	inBubble(t, func(h *harness) {
		h.worker.Pacer = mute{}
		h.edit(acme, func(t *tenant.Tenant) { t.Connections[0].Pace = ratelimit.Limit{Rate: 1e-3, Burst: 1} })
		h.start()
		for _, id := range h.due(10) {
			h.untilState(acme, id, directory.Clean)
		}
	})
}

// An account that asked one worker for patience has it from the others too, and what
// one worker is asked it tells.
func TestPatienceIsShared(t *testing.T) {
	inBubble(t, func(h *harness) {
		times := h.when()
		h.start()
		h.create(acme, user("first", email(99), "0"))
		h.untilState(acme, "first", directory.Clean)
		asked := time.Now()
		h.worker.Hold(acme, 0, 10*time.Second)
		h.worker.Hold("nobody", 0, time.Second)
		h.worker.Hold(acme, 3, time.Second)
		<-time.After(time.Millisecond)
		for _, id := range h.due(10) {
			h.untilState(acme, id, directory.Clean)
		}
		for _, at := range times() {
			if at.After(asked) && at.Sub(asked) < 10*time.Second {
				h.Errorf("sent after %v", at.Sub(asked))
			}
		}
		if took := time.Since(asked); took > 15*time.Second {
			h.Errorf("delivered after %v", took)
		}
	})
	inBubble(t, func(h *harness) {
		told := make(chan time.Duration, 100)
		h.worker.Throttled = func(id tenant.ID, slot tenant.Slot, d time.Duration) {
			if id != acme || slot != 0 {
				h.Errorf("told of %s %d", id, slot)
			}
			told <- d
		}
		first := true
		h.account.told(func(context.Context, call) *answer {
			if !first {
				return nil
			}
			first = false
			a := fails(connectors.Throttled, 429)
			a.fault.RetryAfter = 40 * time.Second
			return a
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		h.untilState(acme, "u", directory.Clean)
		if d := <-told; d < 39*time.Second || d > 60*time.Second || len(told) > 0 {
			h.Errorf("told of %v", d)
		}
	})
}

// Another worker's word may come while this one ends and its last push is under way.
func TestPatienceAtTheEnd(t *testing.T) {
	inBubble(t, func(h *harness) {
		release, entered := make(chan struct{}), make(chan struct{})
		h.account.told(func(ctx context.Context, _ call) *answer {
			close(entered)
			return hold(ctx, release)
		})
		h.start()
		h.create(acme, user("u", email(1), "0"))
		<-entered
		ended := make(chan struct{})
		go func() { h.stop(); close(ended) }()
		synctest.Wait() // nothing new begins
		func() {
			defer close(release)
			h.worker.Hold(acme, 0, time.Second)
		}()
		<-ended
		if d := h.delivery(acme, "u").Delivery; d.State != directory.Clean {
			h.Errorf("after the end it is %+v", d)
		}
	})
}

// What another worker tells is no strike, and an administrator's change ends it.
func TestGateOfAnotherWorkersPatience(t *testing.T) {
	g := gate{most: 8}
	g.changed(3)
	g.hold(atSecond(10), atSecond(0))
	g.check(t, 9, 0)
	g.check(t, 10, 1)
	g.hold(atSecond(5), atSecond(1)) // shorter than what is known
	g.check(t, 9, 0)
	g.hold(atSecond(20), atSecond(1))
	g.check(t, 15, 0)
	if g.strikes != 0 || g.cause != CauseThrottled {
		t.Errorf("%+v", g)
	}
	g.changed(3)
	g.check(t, 15, 0)
	g.changed(4)
	g.check(t, 15, 1)
	g.passed(atSecond(15))
	g.check(t, 15, 5)
}
