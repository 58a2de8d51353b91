package telemetry

import (
	"sync/atomic"
	"time"
)

// relay is how the journal's clerk of this process is doing.
type relay struct{ last atomic.Int64 } // ns; when everything was last in its place

// Worked takes what a directory.Clerk tells of its rounds.
func (t *Telemetry) Worked() func(relayed, dropped int, err error) {
	if t == nil {
		return nil
	}
	t.relay.last.Store(time.Now().UnixNano())
	return func(relayed, dropped int, err error) {
		if err == nil {
			t.relay.last.Store(time.Now().UnixNano())
		}
		t.it.relayed.count(int64(relayed), none{})
		t.it.dropped.count(int64(dropped), none{})
	}
}
