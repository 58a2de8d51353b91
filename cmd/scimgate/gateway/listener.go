package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"

	"golang.org/x/net/netutil"

	"scimgate/cmd/scimgate/config"
)

// listener is one of the two that a process has; empty where its role has none.
type listener struct {
	net.Listener
	server      *http.Server
	certificate *certificate // nil: plain HTTP
}

// listenOn opens a listener that holds up to most connections at once: others wait
// in the kernel's queue until one ends. Without files it speaks plain HTTP.
func listenOn(ctx context.Context, address, certFile, keyFile string, most int, log *slog.Logger) (l listener, err error) {
	if certFile != "" {
		l.certificate, err = openCertificate(certFile, keyFile, log)
		if err != nil {
			return listener{}, err
		}
	}
	var config net.ListenConfig
	open, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return listener{}, err
	}
	l.Listener = netutil.LimitListener(open, most)
	return l, nil
}

func (g *Gateway) listen(ctx context.Context, c *config.Config) (err error) {
	g.operator, err = listenOn(ctx, c.AdminListen, c.AdminTLSCertFile, c.AdminTLSKeyFile, c.MaxConnections, g.log)
	if err != nil {
		return fmt.Errorf("admin-listen: %w", err)
	}
	g.AdminURL = g.operator.url()
	if !answers(c.Role) {
		return nil
	}
	g.public, err = listenOn(ctx, c.Listen, c.TLSCertFile, c.TLSKeyFile, c.MaxConnections, g.log)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), g.operator.close())
	}
	g.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if g.PublicURL == "" {
		g.PublicURL = g.public.url()
	}
	return nil
}

// serve serves until the server is shut down; a listener that the role does not
// have is served at once.
func (l listener) serve() error {
	if l.Listener == nil {
		return nil
	}
	serve := func() error { return l.server.Serve(l.Listener) }
	if l.certificate != nil {
		l.server.TLSConfig = l.certificate.config()
		serve = func() error { return l.server.ServeTLS(l.Listener, "", "") }
	}
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (l listener) close() error {
	if l.Listener == nil {
		return nil
	}
	return l.Close()
}

// url is where the listener is reached on this machine.
func (l listener) url() string {
	scheme := "http://"
	if l.certificate != nil {
		scheme = "https://"
	}
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return scheme + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return scheme + net.JoinHostPort(host, port)
}
