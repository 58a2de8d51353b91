package connectors

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"
)

// MaxAnswer is how many bytes of an answer's body are read.
const MaxAnswer = 1 << 20

// ErrTooLong is the cause of the error of an answer that is longer.
var ErrTooLong = errors.New("the answer is longer than MaxAnswer")

// NewClient returns the client that every connector is handed. It goes only
// where g lets it, verifies certificates, uses no proxy, follows no redirect
// (credentials would follow with it), reads at most MaxAnswer bytes and gives up
// after g.Timeout. Its errors are *Error, also those of reading a body, and say
// exactly whether a change may have reached the target.
//
// It speaks HTTP/1.1: one request at a time on a connection is what lets
// WithSendBy hold at the socket, and keeps a stalled connection from stalling
// the requests beside it.
func NewClient(g Guard) *http.Client {
	return &http.Client{Transport: &transport{guard: g, base: baseTransport(g)}}
}

func baseTransport(g Guard) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  nil,
		DialContext:            g.dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: g.RootCAs},
		TLSHandshakeTimeout:    g.timeout() / 2,
		Protocols:              protocols,
		DisableCompression:     true, // an answer is as long as what is sent
		MaxIdleConnsPerHost:    64,   // many tenants share one host
		IdleConnTimeout:        45 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// dial connects to target, if its address passes the guard.
func (g Guard) dial(ctx context.Context, network, target string) (net.Conn, error) {
	d, err := g.dialer(target)
	if err != nil {
		return nil, err
	}
	c, err := d.DialContext(ctx, network, target)
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: c}, nil
}

// transport puts the guard, the deadlines and the bounds around an
// http.Transport.
type transport struct {
	guard Guard
	base  *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	s := newSending(req)
	if err := t.admit(req, s); err != nil {
		if req.Body != nil {
			_ = req.Body.Close()
		}
		return nil, err
	}
	ctx, cancel := context.WithTimeout(req.Context(), t.guard.timeout())
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: s.watch})
	res, err := t.base.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, s.failure(err)
	}
	res.Body = &answer{body: res.Body, status: res.StatusCode, left: MaxAnswer, sending: s, cancel: cancel}
	if res.StatusCode >= 300 && res.StatusCode < 400 {
		_ = res.Body.Close()
		return nil, Classify(res, s.mutating, time.Now())
	}
	return res, nil
}

func (t *transport) admit(req *http.Request, s *sending) error {
	if err := t.guard.allow(req); err != nil {
		return err
	}
	return s.admit()
}

// CloseIdleConnections lets http.Client.CloseIdleConnections reach the base.
func (t *transport) CloseIdleConnections() { t.base.CloseIdleConnections() }

// answer is a response body that ends the exchange's deadline when it is closed,
// and whose errors are *Error.
type answer struct {
	body    io.ReadCloser
	status  int
	left    int64 // bytes that may still be read
	sending *sending
	cancel  context.CancelFunc
}

func (a *answer) Read(p []byte) (int, error) {
	if a.left < 0 {
		return 0, a.tooLong()
	}
	if int64(len(p)) > a.left+1 {
		p = p[:a.left+1]
	}
	n, err := a.body.Read(p)
	a.left -= int64(n)
	switch {
	case a.left < 0:
		return n - 1, a.tooLong()
	case err == nil || err == io.EOF:
		return n, err
	}
	failure := a.sending.failure(err)
	failure.Status = a.status
	return n, failure
}

func (a *answer) tooLong() *Error {
	return &Error{
		Fault: Protocol, Status: a.status, Unknown: a.sending.unknown(),
		Reason: "the target's answer is longer than 1 MiB", Err: ErrTooLong,
	}
}

func (a *answer) Close() error {
	err := a.body.Close()
	a.cancel()
	return err
}
