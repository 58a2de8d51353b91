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

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/admin/console"
	"scimgate/cmd/scimgate/config"
	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// DrainTime is how long requests and deliveries may take to end once the
// process was told to: less than Kubernetes waits by default (30 s).
const DrainTime = 20 * time.Second

// Gateway is a whole scimgate, listening but not yet serving.
type Gateway struct {
	PublicURL string // what Tenant URLs begin with, without a slash at the end; "" where the role has none
	AdminURL  string // of the operator's listener
	Stores    *Stores
	Admin     *admin.Service

	people   *console.Console
	resolver *tenant.Resolver
	worker   *delivery.Worker      // nil where the role has none
	redis    redis.UniversalClient // nil without Redis, as are
	hints    *hints
	ledger   *server.Ledger
	clerk    *directory.Clerk
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
	if g.redis, err = openRedis(c, log); err != nil {
		return nil, errors.Join(err, stores.Close())
	}
	if err := g.listen(ctx, c); err != nil {
		return nil, errors.Join(err, g.closeStores())
	}
	g.build(c, secrets, keys) //nolint:contextcheck // requests bring contexts of their own
	return g, nil
}

// Run serves until ctx ends, then drains and closes everything. It returns nil
// after an orderly end.
func (g *Gateway) Run(ctx context.Context) error {
	stopHints := g.startHints(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.public.serve() })
	group.Go(func() error { return g.operator.serve() })
	group.Go(func() error {
		<-ctx.Done()
		return g.shutDown(context.WithoutCancel(ctx))
	})
	if g.worker != nil {
		group.Go(func() error { return g.worker.Run(ctx) })
	}
	group.Go(func() error { g.ledger.Run(ctx); return nil })
	group.Go(func() error { g.clerk.Run(ctx); return nil })
	err := group.Wait()
	g.Admin.StopAudits()
	g.resolver.Wait()
	g.ledger.Finish(ctx) // after the last request
	g.clerk.Finish(ctx)
	stopHints()
	return errors.Join(err, g.closeStores())
}

// Close gives up a gateway that never ran.
func (g *Gateway) Close() error {
	return errors.Join(g.public.close(), g.operator.close(), g.closeStores())
}

func (g *Gateway) listen(ctx context.Context, c *config.Config) (err error) {
	var config net.ListenConfig
	g.operator.Listener, err = config.Listen(ctx, "tcp", c.AdminListen)
	if err != nil {
		return fmt.Errorf("admin-listen: %w", err)
	}
	g.AdminURL = urlOf(g.operator)
	if !answers(c.Role) {
		return nil
	}
	g.public.Listener, err = config.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), g.operator.close())
	}
	g.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if g.PublicURL == "" {
		g.PublicURL = urlOf(g.public)
	}
	return nil
}

func (g *Gateway) build(c *config.Config, secrets config.Secrets, keys *tenant.Keys) {
	g.resolver = tenant.NewResolver(g.Stores.Tenants, keys, time.Now)
	opener := newOpener(c.Outbound, keys)
	if g.redis != nil {
		g.hints = newHints(g.redis, keys, g.log)
	}
	if delivers(c.Role) {
		g.worker = &delivery.Worker{
			Tenants: g.Stores.Tenants,
			Work:    g.Stores.Directory,
			Open:    opener.open,
			Rules:   newRules().of,
			Leases:  g.Stores.Leases,

			Departures: g.Stores.Counter,

			Log:  g.log,
			Tune: delivery.Tuning{Grace: c.Outbound.Late},
		}
	}
	g.connect()
	g.ledger = &server.Ledger{Store: g.Stores.Ledger, Log: g.log}
	g.clerk = &directory.Clerk{Store: g.Stores.Directory, Keep: time.Duration(c.JournalDays) * 24 * time.Hour, Log: g.log}
	scimServer := &server.Server{
		Store:     g.Stores.Directory,
		Accounts:  g.resolver,
		Limits:    newLimits(g.redis, c.Replicas, keys, g.log),
		PublicURL: g.PublicURL,
		Sealer:    keys,
		Wake:      g.wake,
		Tolerated: g.ledger.Count,
		Aside:     g.clerk.Aside,
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
		Drift:     g.auditor(opener),
		Wake:      g.wake,
		PublicURL: g.PublicURL, ConsoleURL: consoleURL(c, g.AdminURL),
		Ready: g.Stores.Ping,
		Log:   g.log,
	}
	if g.worker != nil {
		g.Admin.Breakers = g.worker.States
	}
	g.people = newConsole(c, secrets, g)
	g.mount(c.Role, secrets.AdminKey, scimServer)
}

func (g *Gateway) shutDown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, DrainTime)
	defer cancel()
	if g.public.server == nil {
		return g.operator.server.Shutdown(ctx)
	}
	return errors.Join(g.public.server.Shutdown(ctx), g.operator.server.Shutdown(ctx))
}

// serve serves until the server is shut down; a listener that the role does not
// have is served at once.
func (l listener) serve() error {
	if l.Listener == nil {
		return nil
	}
	if err := l.server.Serve(l.Listener); !errors.Is(err, http.ErrServerClosed) {
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
