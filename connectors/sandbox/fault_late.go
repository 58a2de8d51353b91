package sandbox

import (
	"context"
	"net/http"
	"time"
)

// late closes the connection and applies the request afterwards. It goes to the
// account itself: it has passed all other faults, and has no connection left for
// them to fail on.
func late(a arguments) behaviour {
	return func(s strike) {
		s.keepBody()
		landing := s.r.Clone(context.WithoutCancel(s.r.Context()))
		gone := make(chan struct{})
		defer close(gone)
		s.afterwards(func() {
			<-gone
			s.land(landing, s.spread(a))
		})
		s.cut()
	}
}

// afterwards starts what outlives its request, unless the account is closing:
// net/http waits for no handler that has given its connection away, so this may
// still be running then.
func (l *line) afterwards(work func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.counts.expect()
		l.late.Go(work)
	}
}

// land applies a request in its time, unless the account is closed before: then
// it is lost, as it would be in a process that ends.
func (l *line) land(r *http.Request, in time.Duration) {
	timer := time.NewTimer(in)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-l.closing:
		l.counts.land(false)
		return
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	l.account.ServeHTTP(a, r)
	l.counts.land(a.ok())
}
