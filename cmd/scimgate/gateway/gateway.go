package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/admin/console"
	"scimgate/cmd/scimgate/config"
	"scimgate/connectors/delivery"
	"scimgate/ratelimit"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// DrainTime is how long requests and deliveries may take to end once the
// process was told to: less than Kubernetes waits by default (30 s).
const DrainTime = 20 * time.Second

// Gateway is a whole scimgate, listening but not yet serving.
type Gateway struct {
	PublicURL string // what Tenant URLs begin with, without a slash at the end
	AdminURL  string // of the operator's listener
	Stores    *Stores
	Admin     *admin.Service

	people   *console.Console
	resolver *tenant.Resolver
	worker   *delivery.Worker
	ledger   *server.Ledger
	public   listener
	operator listener
	log      *slog.Logger
}

type listener struct {
	net.Listener
	server *http.Server
}

// Open builds a gateway from a valid Config and opens its stores and listeners:
// when it returns, both addresses accept connections. Close or Run must follow.
func Open(ctx context.Context, c *config.Config, secrets config.Secrets, log *slog.Logger) (*Gateway, error) {
	keys, err := tenant.LoadKeys(secrets.Keys)
	if err != nil {
		return nil, fmt.Errorf("key-file: %w", err)
	}
	stores, err := OpenStores(ctx, c)
	if err != nil {
		return nil, err
	}
	g := &Gateway{Stores: stores, log: log}
	if err := g.listen(ctx, c); err != nil {
		return nil, errors.Join(err, stores.Close())
	}
	g.build(c, secrets, keys) //nolint:contextcheck // requests bring contexts of their own
	return g, nil
}

// Run serves until ctx ends, then drains and closes everything. It returns nil
// after an orderly end.
func (g *Gateway) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.public.serve() })
	group.Go(func() error { return g.operator.serve() })
	group.Go(func() error {
		<-ctx.Done()
		return g.shutDown(context.WithoutCancel(ctx))
	})
	group.Go(func() error { return g.worker.Run(ctx) })
	group.Go(func() error { g.ledger.Run(ctx); return nil })
	err := group.Wait()
	g.resolver.Wait()
	g.ledger.Finish(ctx) // after the last request
	return errors.Join(err, g.Stores.Close())
}

// Close gives up a gateway that never ran.
func (g *Gateway) Close() error {
	return errors.Join(g.public.Close(), g.operator.Close(), g.Stores.Close())
}

func (g *Gateway) listen(ctx context.Context, c *config.Config) error {
	var config net.ListenConfig
	public, err := config.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	operator, err := config.Listen(ctx, "tcp", c.AdminListen)
	if err != nil {
		return errors.Join(fmt.Errorf("admin-listen: %w", err), public.Close())
	}
	g.public.Listener, g.operator.Listener = public, operator
	g.AdminURL = urlOf(operator)
	g.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if g.PublicURL == "" {
		g.PublicURL = urlOf(public)
	}
	return nil
}

func (g *Gateway) build(c *config.Config, secrets config.Secrets, keys *tenant.Keys) {
	g.resolver = tenant.NewResolver(g.Stores.Tenants, keys, time.Now)
	opener := newOpener(c.Outbound, keys)
	g.worker = &delivery.Worker{
		Tenants: g.Stores.Tenants,
		Work:    g.Stores.Directory,
		Open:    opener.open,
		Rules:   newRules().of,
		Log:     g.log,
	}
	g.ledger = &server.Ledger{Store: g.Stores.Ledger, Log: g.log}
	scimServer := &server.Server{
		Store:     g.Stores.Directory,
		Accounts:  g.resolver,
		Limits:    ratelimit.NewLocal(),
		PublicURL: g.PublicURL,
		Sealer:    keys,
		Wake:      func(id tenant.ID) { g.worker.Wake(id); g.people.Changed(id) },
		Tolerated: g.ledger.Count,
		Log:       g.log,
	}
	g.Admin = &admin.Service{
		Tenants:   g.Stores.Tenants,
		Ledger:    g.Stores.Ledger,
		Passes:    g.Stores.Passes,
		Directory: g.Stores.Directory,
		Keys:      keys,
		Resolver:  g.resolver,
		Open:      opener.open,
		Wake:      g.worker.Wake,
		PublicURL: g.PublicURL, ConsoleURL: consoleURL(c, g.AdminURL),
		Ready: g.Stores.Ping,
		Log:   g.log,
	}
	g.people = newConsole(c, secrets, g)
	public, operator := server.NewEngine(), server.NewEngine()
	scimServer.Mount(public)
	g.Admin.Mount(operator, secrets.AdminKey)
	g.people.Mount(operator)
	g.public.server = httpServer(public, g.log)
	g.operator.server = httpServer(operator, g.log)
	g.operator.server.RegisterOnShutdown(g.people.Stop)
}

func (g *Gateway) shutDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, DrainTime)
	defer cancel()
	return errors.Join(g.public.server.Shutdown(ctx), g.operator.server.Shutdown(ctx))
}

func (l listener) serve() error {
	if err := l.server.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// httpServer bounds what a slow or hostile client can hold.
func httpServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// urlOf is where a listener on this machine is reached.
func urlOf(l net.Listener) string {
	host, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return "http://" + l.Addr().String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}
