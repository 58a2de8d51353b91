package main

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"
)

// long is how long a test in its long form goes on (.ci/long), 0 in the short one.
func long(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SCIMGATE_LONG")
	if text == "" {
		return 0
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestCrashLoop kills -9 the processes of a whole cluster at random, under load
// and with trouble on all links. At rest nothing acknowledged is lost, and every
// account is what its tenant is.
func TestCrashLoop(t *testing.T) {
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		over, least, most := 10*time.Second, 500*time.Millisecond, 1500*time.Millisecond
		if d := long(t); d > 0 {
			over, least, most = d, 2*time.Second, 5*time.Second
		}
		c := newCluster(t, 4, "--outbound.late", "1s")
		b := newBook(c, 60)
		ctx, cancel := context.WithTimeout(t.Context(), over)
		defer cancel()
		var acting sync.WaitGroup
		var killed map[string]int
		var troubled int
		acting.Go(func() { b.write(ctx, 24) })
		acting.Go(func() { killed = c.massacre(ctx, least, most) })
		acting.Go(func() { troubled = c.troubles.plague(ctx, t, time.Second) })
		acting.Wait()
		t.Logf("in %v killed -9: %v; troubles on links: %d", over, killed, troubled)
		b.rest(2 * time.Minute)
	})
}
