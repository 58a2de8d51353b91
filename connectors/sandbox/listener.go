package sandbox

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"sync"
)

// Listener makes a listener of the account's speak TLS to who begins with it, and
// plain HTTP to all others, so that the fault "certificate" can be set and
// cleared on a running account, and never locks anybody out of /faults.
func (s *Sandbox) Listener(l net.Listener) net.Listener {
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: s.line.certificate}
	return &listener{l, config}
}

// Authority is the certificate, in PEM, that vouches for the account's own. Who
// trusts it connects, until the fault "certificate" is set.
func (s *Sandbox) Authority() ([]byte, error) {
	all, err := makeCertificates()
	if err != nil {
		return nil, err
	}
	return all.authority, nil
}

type listener struct {
	net.Listener
	config *tls.Config
}

// Accept implements net.Listener. It waits for no byte of the client's.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &eitherConn{Conn: c, config: l.config}, nil
}

// eitherConn finds out at the first byte that it reads whether it is TLS. Servers
// write nothing before that.
type eitherConn struct {
	net.Conn
	config *tls.Config

	once   sync.Once
	spoken net.Conn // plain or TLS; set by the first Read
	err    error
}

// handshake is the first byte of a TLS connection (RFC 8446 §5.1).
const handshake = 22

// Read implements net.Conn.
func (c *eitherConn) Read(p []byte) (int, error) {
	c.once.Do(c.listen)
	if c.err != nil {
		return 0, c.err
	}
	return c.spoken.Read(p)
}

func (c *eitherConn) listen() {
	first := make([]byte, 1)
	if _, c.err = io.ReadFull(c.Conn, first); c.err != nil {
		return
	}
	plain := &begunConn{Conn: c.Conn, rest: io.MultiReader(bytes.NewReader(first), c.Conn)}
	c.spoken = plain
	if first[0] == handshake {
		c.spoken = tls.Server(plain, c.config)
	}
}

// Write implements net.Conn.
func (c *eitherConn) Write(p []byte) (int, error) {
	if c.spoken == nil {
		return c.Conn.Write(p)
	}
	return c.spoken.Write(p)
}

// NetConn is the connection below TLS. That alone is closed, without TLS's
// goodbye: every answer of ours has its length.
func (c *eitherConn) NetConn() net.Conn { return c.Conn }

// begunConn is a connection whose first byte was read already.
type begunConn struct {
	net.Conn
	rest io.Reader
}

// Read implements net.Conn.
func (c *begunConn) Read(p []byte) (int, error) { return c.rest.Read(p) }
