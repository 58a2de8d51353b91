package demo

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"golang.org/x/sync/errgroup"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
)

// TenantID is the demo's tenant.
const TenantID = "demo"

// Options are the flags of `scimgate demo`.
type Options struct {
	Listen      string // public listener; port 0 takes a free one
	AdminListen string
	Data        string // folder that keeps everything; "" keeps it in memory
	NoPlay      bool   // do not play Entra
	JSON        bool   // one line for programs on Out
	Out         io.Writer
	Progress    io.Writer // sentences for people
	Log         *slog.Logger
}

// Run starts gateway and sandbox, says where they are, plays Entra, and serves
// until ctx ends.
func Run(ctx context.Context, o Options) error {
	secrets, err := loadSecrets(o.Data)
	if err != nil {
		return err
	}
	account, err := openAccount(ctx, o.Data, secrets.sandboxToken)
	if err != nil {
		return err
	}
	g, err := gateway.Open(ctx, o.config(), config.Secrets{Keys: []byte(secrets.key), AdminKey: secrets.adminKey}, o.Log)
	if err != nil {
		return errors.Join(err, account.close(ctx))
	}
	// The account outlives the gateway, so that the last deliveries find it.
	accountCtx, leave := context.WithCancel(context.WithoutCancel(ctx))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return account.run(accountCtx) })
	group.Go(func() error {
		defer leave()
		return g.Run(ctx)
	})
	group.Go(func() error { return show(ctx, o, g, account, secrets) })
	if err := group.Wait(); !errors.Is(err, context.Canceled) { // being told to stop is no failure
		return err
	}
	return nil
}

func (o Options) config() *config.Config {
	c := config.Default()
	c.Listen, c.AdminListen, c.Data = o.Listen, o.AdminListen, o.Data
	if o.Data == "" {
		c.Data = config.InMemory
	}
	c.Outbound = config.Outbound{Hosts: []string{"127.0.0.1"}, Loopback: true}
	return &c
}

// show tells where everything is, and then plays Entra through it.
func show(ctx context.Context, o Options, g *gateway.Gateway, a *account, s secrets) error {
	place, err := settle(ctx, g, a, s)
	if err != nil {
		return err
	}
	if err := place.announce(o); err != nil || o.NoPlay {
		return err
	}
	return play(ctx, o, place.Tenants[0])
}
