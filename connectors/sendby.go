package connectors

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"
)

type sendByKey struct{}

// WithSendBy returns a context under which the client starts no mutating request
// (any but GET and HEAD) after t: neither before it looks for a connection nor,
// after a slow dial, at the first byte. What is refused so is known not to have
// been sent: a Transient *Error with Unknown false. A request once begun is
// finished. Delivery sets t before it claims, so that a paused worker cannot
// wake up and push what is no longer its own (reliability-and-security.md 3.4).
//
// t should carry a monotonic reading, as time.Now().Add(d) does.
func WithSendBy(ctx context.Context, t time.Time) context.Context {
	return context.WithValue(ctx, sendByKey{}, t)
}

// InTime reports whether a mutating request that is about to be made in a while
// may start then. Without a bound it may at any time.
func InTime(ctx context.Context, while time.Duration) bool {
	by, ok := ctx.Value(sendByKey{}).(time.Time)
	return !ok || by.IsZero() || time.Now().Add(while).Before(by)
}

func mutates(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != ""
}

// sending follows one request to the socket: whether it may still start, and
// whether any of it got there. That is what a failure's Unknown rests on.
type sending struct {
	mutating bool
	by       time.Time // no start after this; zero: no bound
	begun    atomic.Bool
	late     atomic.Bool // refused at the socket
}

func newSending(req *http.Request) *sending {
	s := &sending{mutating: mutates(req.Method)}
	if by, ok := req.Context().Value(sendByKey{}).(time.Time); ok && s.mutating {
		s.by = by
	}
	return s
}

// admit reports whether the request may start now.
func (s *sending) admit() error {
	if s.by.IsZero() || time.Now().Before(s.by) {
		return nil
	}
	return tooLate()
}

func tooLate() *Error {
	return &Error{Fault: Transient, Reason: "the request was not sent, because its time had passed"}
}

// begin is asked at each write to the socket.
func (s *sending) begin() error {
	if s.begun.Load() {
		return nil
	}
	if err := s.admit(); err != nil {
		s.late.Store(true)
		return err
	}
	s.begun.Store(true)
	return nil
}

// unknown reports whether a change may have been applied.
func (s *sending) unknown() bool { return s.mutating && s.begun.Load() }

// failure is the *Error of an exchange that ended without an answer.
func (s *sending) failure(err error) *Error {
	if s.late.Load() {
		return tooLate()
	}
	return broken(err, s.unknown())
}

// watch hands the request to the connection that was found for it.
func (s *sending) watch(info httptrace.GotConnInfo) {
	c := info.Conn
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	if watched, ok := c.(*watchedConn); ok {
		watched.request.Store(s)
	}
}

// watchedConn asks the request that uses it before each write. With HTTP/1.1
// there is one at a time.
type watchedConn struct {
	net.Conn
	request atomic.Pointer[sending]
}

func (c *watchedConn) Write(b []byte) (int, error) {
	if s := c.request.Load(); s != nil {
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	return c.Conn.Write(b)
}
