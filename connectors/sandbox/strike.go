package sandbox

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	"scimgate/scim"
)

// strike is a request that a fault has met.
type strike struct {
	*line
	w    http.ResponseWriter
	r    *http.Request
	next http.Handler // the faults behind this one, then the account
	luck *rand.Rand   // of this request alone
}

// behaviour is what a fault does to a request.
type behaviour func(strike)

// arguments are checked, and complete.
type arguments map[string]string

func completed(kind FaultKind, given map[string]string) arguments {
	all := arguments{}
	for _, a := range kind.Arguments {
		all[a.Name] = a.Default
		if value, ok := given[a.Name]; ok {
			all[a.Name] = value
		}
	}
	return all
}

func (a arguments) duration(name string) time.Duration {
	d, _ := time.ParseDuration(a[name])
	return d
}

func (a arguments) status() int {
	n, _ := strconv.Atoi(a["status"])
	return n
}

// pass lets the request through.
func (s strike) pass() { s.next.ServeHTTP(s.w, s.r) }

// spread is delay and a random part of jitter.
func (s strike) spread(a arguments) time.Duration {
	return a.duration("delay") + time.Duration(s.luck.Float64()*float64(a.duration("jitter")))
}

// keepBody reads the body into memory. Only then does net/http notice a client
// that goes, and only so can the body be read after the connection is gone.
// Longer ones than the account accepts it will refuse, without our help.
func (s strike) keepBody() {
	const most = 5 << 20
	kept, _ := io.ReadAll(io.LimitReader(s.r.Body, most)) // an error comes again behind what was read
	s.r.Body = body{io.MultiReader(bytes.NewReader(kept), s.r.Body), s.r.Body}
}

type body struct {
	io.Reader
	io.Closer
}

// wait reports whether the time passed with the client still there. The server's
// own deadline is lifted: no answer could be written once it has passed.
func (s strike) wait(d time.Duration) bool {
	_ = http.NewResponseController(s.w).SetWriteDeadline(time.Time{})
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.r.Context().Done():
	case <-s.closing:
	}
	return false
}

// cut closes the connection without an answer, and does not return.
func (s strike) cut() { s.hangUp(func(*net.TCPConn) error { return nil }) }

// hangUp takes the connection away from net/http and closes it, after a last
// word with its socket. It ends the handler, so that no fault in front of this
// one answers; where there was no connection to take, that cuts it.
func (s strike) hangUp(last func(*net.TCPConn) error) {
	defer panic(http.ErrAbortHandler)
	conn, _, err := http.NewResponseController(s.w).Hijack()
	if err != nil {
		return
	}
	if socket := socketOf(conn); socket != nil {
		_ = last(socket)
		_ = socket.Close() // not through TLS, which would say goodbye
		return
	}
	_ = conn.Close()
}

// socketOf finds the socket below TLS and whatever else is around it.
func socketOf(conn net.Conn) *net.TCPConn {
	for {
		if socket, ok := conn.(*net.TCPConn); ok {
			return socket
		}
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		conn = wrapper.NetConn()
	}
}

// apply lets the request through and keeps the answer.
func (s strike) apply() *answer {
	a := &answer{ResponseWriter: s.w, header: http.Header{}, status: http.StatusOK}
	s.next.ServeHTTP(a, s.r)
	return a
}

// refuse answers with a SCIM error (RFC 7644 §3.12).
func (s strike) refuse(status int, detail string) {
	s.keepBody() // a body that nobody reads would cost the connection
	s.w.Header().Set("Content-Type", mediaType)
	s.w.WriteHeader(status)
	_, _ = s.w.Write(scim.AppendError(nil, scim.Statusf(status, "%s", detail)))
}

// mediaType is that of SCIM (RFC 7644 §3.1).
const mediaType = "application/scim+json;charset=utf-8"
