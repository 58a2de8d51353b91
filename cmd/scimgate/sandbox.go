package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scimgate/connectors/sandbox"
)

// sandboxOptions are the flags of `scimgate sandbox`.
type sandboxOptions struct {
	listen, token, tokenFile, data string
	certFile, keyFile              string
	faults                         []string
	json                           bool
}

func newSandboxCommand() *cobra.Command {
	var o sandboxOptions
	cmd := &cobra.Command{
		Use:   "sandbox",
		Short: "Run an account to try against, in the place of a real Appspace account",
		Long: "Run an account to try against, until it is told to stop (SIGINT or SIGTERM).\n\n" +
			"It is not Appspace: the page at its address says which behaviours are documented and which are assumed.\n\n" +
			faultsUsage(),
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return o.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8090", "listener; port 0 takes a free one")
	flags.StringVar(&o.token, "token", "", "the account's bearer token (default: a new one, printed)")
	flags.StringVar(&o.tokenFile, "token-file", "", "file that holds the token")
	flags.StringVar(&o.data, "data", "", "folder that keeps the users over a restart (default: in memory)")
	flags.StringVar(&o.certFile, "tls-cert-file", "", "certificate chain, PEM: nothing but TLS is spoken (default: whichever the client begins with, by a certificate of the sandbox's own)")
	flags.StringVar(&o.keyFile, "tls-key-file", "", "its private key, PEM")
	flags.StringArrayVar(&o.faults, "fault", nil, "NAME or NAME=ARGUMENT=VALUE,…: fail so, until /faults says otherwise; repeatable")
	flags.BoolVar(&o.json, "json", false, "print address and token as one JSON object")
	cmd.MarkFlagsMutuallyExclusive("token", "token-file")
	cmd.MarkFlagsRequiredTogether("tls-cert-file", "tls-key-file")
	return cmd
}

func (o sandboxOptions) run(ctx context.Context, out, log io.Writer) error {
	token, err := o.readToken()
	if err != nil {
		return err
	}
	faults, err := sandbox.ParseFaults(o.faults...)
	if err != nil {
		return err
	}
	listener, scheme, err := o.listener(ctx)
	if err != nil {
		return err
	}
	base := scheme + listener.Addr().String()
	box, err := o.open(ctx, sandbox.Config{Token: token, PublicURL: base, Faults: faults}, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := o.announce(out, base+sandbox.Prefix, token); err != nil {
		return errors.Join(err, listener.Close(), box.Close())
	}
	return errors.Join(serveUntil(ctx, listener, box), box.Close())
}

// listener speaks TLS with the certificate that was given; without one, the
// account sees to that (sandbox.Listener).
func (o sandboxOptions) listener(ctx context.Context) (l net.Listener, scheme string, err error) {
	var listen net.ListenConfig
	if o.certFile == "" {
		l, err = listen.Listen(ctx, "tcp", o.listen)
		return l, "http://", err
	}
	pair, err := tls.LoadX509KeyPair(o.certFile, o.keyFile)
	if err != nil {
		return nil, "", err
	}
	if l, err = listen.Listen(ctx, "tcp", o.listen); err != nil {
		return nil, "", err
	}
	return tls.NewListener(l, &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}), "https://", nil
}

func (o sandboxOptions) readToken() (string, error) {
	if o.tokenFile == "" {
		if o.token == "" {
			return rand.Text(), nil
		}
		return o.token, nil
	}
	text, err := os.ReadFile(o.tokenFile)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("the token file %s is empty", o.tokenFile)
	}
	return token, nil
}

func (o sandboxOptions) open(ctx context.Context, c sandbox.Config, log io.Writer) (*sandbox.Sandbox, error) {
	if o.data != "" {
		if err := os.MkdirAll(o.data, 0o700); err != nil {
			return nil, err
		}
		c.Path = filepath.Join(o.data, "sandbox.db")
	}
	c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return sandbox.New(ctx, c)
}

func (o sandboxOptions) announce(out io.Writer, url, token string) error {
	if o.json {
		return json.NewEncoder(out).Encode(struct {
			URL   string `json:"sandboxURL"`
			Token string `json:"sandboxToken"`
		}{url, token})
	}
	_, err := fmt.Fprintf(out, "SCIM    %s\nToken   %s\n\ncurl -H 'Authorization: Bearer %s' '%s/Users'\n", url, token, token, url)
	return err
}

// serveUntil serves HTTP until ctx ends, and then lets requests under way finish,
// except for those that a fault keeps waiting.
func serveUntil(ctx context.Context, listener net.Listener, box *sandbox.Sandbox) error {
	server := &http.Server{
		Handler: box.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second, MaxHeaderBytes: 16 << 10,
	}
	server.RegisterOnShutdown(box.Release)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(box.Listener(listener)) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(drain)
}
