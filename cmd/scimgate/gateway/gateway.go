package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/admin/console"
	"scimgate/cmd/scimgate/alerts"
	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/telemetry"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
	tenantserver "scimgate/tenant/server"
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
	traffic  *traffic.Counter
	shared   *traffic.Shared // nil without Redis
	resolver *tenant.Resolver
	issuers  *tenantserver.Keysets
	tokens   *tenantserver.Endpoint
	lookout  *alerts.Watch
	worker   *delivery.Worker      // nil where the role has none
	redis    redis.UniversalClient // nil without Redis, as are
	hints    *hints
	beside   []func(context.Context) // what runs beside requests and deliveries, and ends after them
	ledger   *server.Ledger
	clerk    *directory.Clerk
	public   listener
	operator listener
	lameDuck time.Duration
	changes  time.Duration // how long they are kept
	leaving  atomic.Bool   // told to stop: not ready, but still answering
	log      *slog.Logger
	role     string

	telemetry *telemetry.Telemetry // nil where it is off, as is
	backlog   *telemetry.Backlog   // nil where the role delivers nothing
}

// Open builds a gateway from a valid Config and opens its stores and listeners:
// when it returns, both addresses accept connections. Close or Run must follow.
func Open(ctx context.Context, c *config.Config, secrets config.Secrets, log *slog.Logger) (*Gateway, error) {
	keys, err := tenant.LoadKeys(secrets.Keys)
	if err != nil {
		return nil, fmt.Errorf("key-file: %w", err)
	}
	g := &Gateway{lameDuck: c.LameDuck, changes: time.Duration(c.ChangeDays) * 24 * time.Hour, log: log, role: c.Role}
	if g.telemetry, err = openTelemetry(ctx, c, keys, g); err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	if g.Stores, err = openStores(ctx, c, g.telemetry.Commands()); err != nil {
		return nil, errors.Join(err, g.telemetry.Close(ctx))
	}
	g.resolver = tenant.NewResolver(g.Stores.Tenants, keys, time.Now)
	if err := g.trust(c); err != nil {
		return nil, errors.Join(err, g.closeStores(ctx))
	}
	if g.redis, err = openRedis(c, log); err != nil {
		return nil, errors.Join(err, g.closeStores(ctx))
	}
	if err := g.listen(ctx, c); err != nil {
		return nil, errors.Join(err, g.closeStores(ctx))
	}
	if err := g.build(c, secrets, keys); err != nil { //nolint:contextcheck // requests bring contexts of their own
		return nil, errors.Join(err, g.Close()) //nolint:contextcheck // what is open is closed, whatever ended
	}
	return g, nil
}

// Run serves until ctx ends, then drains and closes everything. It returns nil
// after an orderly end.
func (g *Gateway) Run(ctx context.Context) error {
	stopBeside := g.startBeside(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return g.public.serve() })
	group.Go(func() error { return g.operator.serve() })
	group.Go(func() error { g.followCertificates(ctx); return nil })
	group.Go(func() error {
		<-ctx.Done()
		return g.shutDown(context.WithoutCancel(ctx))
	})
	if g.worker != nil {
		group.Go(func() error { return g.worker.Run(ctx) })
	}
	group.Go(func() error { g.ledger.Run(ctx); return nil })
	group.Go(func() error { g.clerk.Run(ctx); return nil })
	group.Go(func() error { g.lookout.Run(ctx); return nil })
	group.Go(func() error { g.Admin.KeepChanges(ctx, g.changes); return nil })
	if g.backlog != nil {
		group.Go(func() error { g.backlog.Run(ctx); return nil })
	}
	err := group.Wait()
	g.Admin.StopAudits()
	g.resolver.Wait()
	g.issuers.Wait()
	g.ledger.Finish(ctx) // after the last request
	g.clerk.Finish(ctx)
	stopBeside()
	return errors.Join(err, g.closeStores(ctx))
}

// Close gives up a gateway that never ran.
func (g *Gateway) Close() error {
	return errors.Join(g.public.close(), g.operator.close(), g.closeStores(context.Background()))
}

func (g *Gateway) build(c *config.Config, secrets config.Secrets, keys *tenant.Keys) error {
	opener := newOpener(c.Outbound, tenant.Vault{Keys: keys, Store: g.Stores.Tenants})
	opener.client = g.telemetry.Outbound(opener.client)
	if g.redis != nil {
		g.hints = newHints(g.redis, keys, g.log)
		g.beside = append(g.beside, g.hints.Run)
	}
	if delivers(c.Role) {
		g.worker = g.newWorker(c, opener)
	}
	limits := g.openLimits(c, keys)
	g.connect()
	g.ledger = &server.Ledger{Store: g.Stores.Ledger, Log: g.log}
	g.clerk = &directory.Clerk{Store: g.Stores.Directory, Keep: time.Duration(c.JournalDays) * 24 * time.Hour, Log: g.log}
	scimServer := &server.Server{
		Store:     g.Stores.Directory,
		Accounts:  g.resolver,
		Limits:    limits,
		PublicURL: g.PublicURL,
		Sealer:    keys,
		Wake:      g.wake,
		Tolerated: g.ledger.Count,
		Aside:     g.clerk.Aside,
		Log:       g.log,
	}
	auditor := g.auditor(opener)
	g.Admin = &admin.Service{
		Tenants:   g.Stores.Tenants,
		Ledger:    g.Stores.Ledger,
		Passes:    g.Stores.Passes,
		Directory: g.Stores.Directory,
		Keys:      keys,
		Resolver:  g.resolver,
		Open:      opener.open,
		Drift:     auditor,
		Breakers:  auditor.Breakers,
		Notes:     g.Stores.Notes,
		Wake:      g.wake,
		Forget:    g.forget(keys),
		PublicURL: g.PublicURL, ConsoleURL: consoleURL(c, g.AdminURL), IssuerKeys: g.issuers.Check,
		Ready: g.ready,
		Log:   g.log,
	}
	if err := g.watch(scimServer); err != nil {
		return fmt.Errorf("telemetry: %w", err)
	}
	g.traffic = g.countTraffic()
	g.people = newConsole(c, secrets, keys, g)
	scimServer.Answered, scimServer.Tell = g.traffic.Proved, g.traffic.Tell
	g.Admin.Requests = func(ctx context.Context, t *tenant.Tenant) []server.Line {
		return g.people.Traffic.Of(ctx, t.ID).After(t.Created).Lines
	}
	g.tokens.Limits = scimServer.Limits
	g.lookout = newLookout(c, secrets.Alerts, g)
	g.mount(c.Role, secrets.AdminKey, scimServer)
	return nil
}

func (g *Gateway) newWorker(c *config.Config, opener *opener) *delivery.Worker {
	return &delivery.Worker{
		Tenants:    g.Stores.Tenants,
		Work:       g.Stores.Directory,
		Departures: g.Stores.Counter,
		Leases:     g.Stores.Leases,
		Notes:      g.Stores.Notes,
		Open:       opener.open,
		Rules:      newRules().of,
		Log:        g.log,
		Tune:       delivery.Tuning{Grace: c.Outbound.Late},
	}
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
