package demo

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"scimgate/connectors/sandbox"
)

// account is the Appspace account of the demo: the sandbox on a port of its own.
type account struct {
	url      string // of its SCIM endpoint
	token    string
	sandbox  *sandbox.Sandbox
	listener net.Listener
	server   *http.Server
}

func openAccount(ctx context.Context, dir, token string) (*account, error) {
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	path := ":memory:"
	if dir != "" {
		path = filepath.Join(dir, "sandbox.db")
	}
	base := "http://" + listener.Addr().String()
	box, err := sandbox.New(ctx, sandbox.Config{Path: path, Token: token, PublicURL: base})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return &account{
		url: base + sandbox.Prefix, token: token, sandbox: box, listener: listener,
		server: &http.Server{Handler: box.Handler(), ReadHeaderTimeout: 5 * time.Second},
	}, nil
}

// run serves until ctx ends.
func (a *account) run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- a.server.Serve(a.listener) }()
	select {
	case err := <-failed:
		return errors.Join(err, a.sandbox.Close())
	case <-ctx.Done():
		return a.close(ctx)
	}
}

func (a *account) close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	err := a.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) { // a connection that never sent a request
		err = a.server.Close()
	}
	if e := a.listener.Close(); !errors.Is(e, net.ErrClosed) { // it never served
		err = errors.Join(err, e)
	}
	return errors.Join(err, a.sandbox.Close())
}
