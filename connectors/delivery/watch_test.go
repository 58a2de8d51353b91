package delivery

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
)

// onlooker writes down the attempts that it sees.
type onlooker struct {
	mu    sync.Mutex
	began []string // requests
	ended []Pushed
}

type lookedKey struct{}

func (o *onlooker) Begin(ctx context.Context, c *directory.Claim) context.Context {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.began = append(o.began, c.Request+" "+c.Trace)
	return context.WithValue(ctx, lookedKey{}, c.Request)
}

func (o *onlooker) End(ctx context.Context, p Pushed) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if ctx.Value(lookedKey{}) == nil {
		return
	}
	o.ended = append(o.ended, p)
}

func (o *onlooker) seen() []Pushed {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.ended)
}

// Whoever watches sees each attempt with what made the version, what became of it,
// and how long it had been owed, those that failed first included.
func TestWatch(t *testing.T) {
	onEach(t, func(h *harness) {
		o := new(onlooker)
		h.worker.Watch = o
		var failed atomic.Int64
		h.account.script = func(context.Context, call) *answer {
			if failed.Add(1) <= 3 {
				return fails(connectors.Transient, 500)
			}
			return nil
		}
		r := user("ana", email(1), "x")
		r.Note = &scim.Note{Request: "r-1", Trace: "t-1"}
		began := time.Now()
		h.create(acme, r)
		h.start()
		h.untilState(acme, "ana", directory.Clean)
		h.until("all attempts were seen", func() bool { return len(o.seen()) == 4 })
		for i, p := range o.seen() {
			want := directory.WillRetry
			if i == 3 {
				want = directory.WasDone
			}
			if p.Kind != "appspace" || !p.Settled || p.Took <= 0 || p.Attempt.Outcome != want || (p.Waited > 0) != (i == 3) {
				h.Errorf("attempt %d: %+v, %+v", i, p, p.Attempt)
			}
		}
		if last := o.seen()[3]; last.Waited > time.Since(began)+time.Millisecond || last.Waited < 12*time.Millisecond {
			h.Errorf("owed for %v of %v", last.Waited, time.Since(began))
		}
		for _, request := range o.began {
			if request != "r-1 t-1" {
				h.Errorf("made by %q", request)
			}
		}
		if s := h.worker.Standing(); s.Serving != 1 || s.Flying != 0 || len(s.Stopped) != 0 {
			h.Errorf("standing %+v", s)
		}
		h.stop()
		if s := h.worker.Standing(); s.Serving != 0 {
			h.Errorf("ended, and standing %+v", s)
		}
	})
}

// A connection whose breaker is open is counted by its kind.
func TestStandingCountsBreakers(t *testing.T) {
	onEach(t, func(h *harness) {
		h.account.script = func(context.Context, call) *answer { return fails(connectors.Throttled, 429) }
		h.worker.Tune.Backoff = Backoff{Least: time.Minute, Most: time.Hour}
		h.create(acme, user("ana", email(1), "x"))
		h.start()
		key := StoppedKey{"appspace", BreakerOpen, CauseThrottled}
		h.until("it is counted", func() bool { return h.worker.Standing().Stopped[key] == 1 })
	})
}
