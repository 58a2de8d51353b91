package connectortest

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"scimgate/connectors"
)

// lines are faults between us and the account.
var lines = []test{
	{"a cut line leaves a change unknown, and nothing else", func(s *scene) {
		s.each(cut, func(name string, e *connectors.Error) {
			if e.Unknown != s.tells(name) {
				s.Errorf("%s: unknown is %v", name, e.Unknown)
			}
		})
	}},
	{"an account that never answers is given up", func(s *scene) {
		start := time.Now()
		s.eachBy(s.hasty, hang, func(name string, e *connectors.Error) {
			if e.Fault != connectors.Transient {
				s.Errorf("%s: %+v", name, e)
			}
		})
		if took := time.Since(start); took > patience {
			s.Errorf("took %v", took)
		}
	}},
	{"an answer that trickles is given up", func(s *scene) {
		s.eachBy(s.hasty, trickle, func(name string, e *connectors.Error) {
			if e.Fault != connectors.Transient {
				s.Errorf("%s: %+v", name, e)
			}
		})
	}},
	{"an endless answer is not read to its end", func(s *scene) {
		s.each(endless, func(name string, e *connectors.Error) {
			if e.Fault != connectors.Protocol {
				s.Errorf("%s: %+v", name, e)
			}
		})
	}},
	{"a cancelled call ends at once", func(s *scene) {
		r := s.put(ana())
		s.front.fail(all, hang)
		for _, call := range s.calls() {
			ctx, cancel := context.WithTimeout(s.Context(), 20*time.Millisecond)
			err := call.run(ctx, s.connector, known(ana(), r))
			cancel()
			s.fault(err, connectors.Transient)
		}
	}},
	{"nothing is sent after its time", func(s *scene) {
		r := s.put(ana())
		late := connectors.WithSendBy(s.Context(), time.Now())
		s.front.heal() // counts from here
		for _, call := range s.calls() {
			err := call.run(late, s.connector, known(ana(), r))
			if looks(call.name) {
				s.done(err)
				s.front.heal() // a check of who only listens is a POST too
				continue
			}
			if e := s.typed(err); e == nil || e.Unknown || e.Fault != connectors.Transient {
				s.Errorf("%s: %+v", call.name, e)
			}
			if n := s.front.changed(); n != 0 {
				s.Errorf("%s: %d changes were sent", call.name, n)
			}
		}
	}},
}

func drain(r *http.Request) (int64, error) { return io.Copy(io.Discard, r.Body) }

// hang answers nothing until the caller is gone.
func hang(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = drain(r)
	<-r.Context().Done()
}

// trickle begins an answer and sends a byte now and then.
func trickle(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = drain(r)
	tick := time.NewTicker(impatience / 10)
	defer tick.Stop()
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, " "); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-tick.C:
		case <-r.Context().Done():
		}
	}
}

// endless sends what never ends.
func endless(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	_, _ = drain(r)
	chunk := strings.Repeat(" ", 1<<16)
	for r.Context().Err() == nil {
		if _, err := io.WriteString(w, chunk); err != nil {
			return
		}
	}
}
