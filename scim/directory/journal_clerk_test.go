package directory

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// desk is a Journal that counts what a Clerk does with it.
type desk struct {
	Journal
	mu      sync.Mutex
	broken  error
	old     int // entries that may expire
	relays  int
	keep    time.Duration
	before  time.Time
	added   map[tenant.ID]int
	expired []int
}

func (d *desk) RelayJournal(_ context.Context, keep time.Duration) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.relays, d.keep = d.relays+1, keep
	return 0, d.broken
}

func (d *desk) AddToJournal(_ context.Context, t tenant.ID, entries []Entry) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.added[t] += len(entries)
	return nil
}

func (d *desk) ExpireJournal(_ context.Context, before time.Time, limit int) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := min(d.old, limit)
	d.old, d.before, d.expired = d.old-n, before, append(d.expired, n)
	return n, nil
}

// A clerk relays every few seconds and removes what is old every hour, in pieces.
func TestClerkRhythm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{added: map[tenant.ID]int{}, old: 2500}
		c := &Clerk{Store: d}
		ctx, cancel := context.WithCancel(t.Context())
		go c.Run(ctx)
		time.Sleep(10 * time.Minute) //nolint:forbidigo // a bubble's time
		cancel()
		synctest.Wait()
		if d.relays < 200 || d.relays > 400 || d.keep != KeepJournal {
			t.Errorf("relayed %d times in 10 minutes, keeping %v", d.relays, d.keep)
		}
		if len(d.expired) != 3 || d.expired[2] != 500 {
			t.Errorf("removed %v", d.expired)
		}
	})
}

// What changed nothing waits while nobody can relay, and is then added; what is too
// much is dropped, and told in numbers.
func TestClerkAsides(t *testing.T) {
	d := &desk{added: map[tenant.ID]int{}, broken: errors.New("away")}
	log := new(strings.Builder)
	c := &Clerk{Store: d, Log: slog.New(slog.NewTextHandler(log, nil))}
	for range maxAsides + 7 {
		c.Aside(acme, Entry{Change: &scim.Note{}})
	}
	c.Finish(t.Context())
	if len(d.added) != 0 || !strings.Contains(log.String(), "away") {
		t.Errorf("added %v\n%s", d.added, log)
	}
	d.broken = nil
	c.Finish(t.Context())
	if d.added[acme] != maxAsides || !strings.Contains(log.String(), "dropped=7") {
		t.Errorf("added %v\n%s", d.added, log)
	}
	c.Aside(other, Entry{})
	c.Finish(t.Context())
	if d.added[other] != 1 || d.added[acme] != maxAsides {
		t.Errorf("added %v", d.added)
	}
}
