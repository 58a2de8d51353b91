package gateway

import (
	"context"
	"errors"
	"sync"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/config"
	"scimgate/connectors/delivery"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// answers reports whether a process of this role serves SCIM and the operator's
// API; delivers whether it brings accounts to what the stores hold.
func answers(role string) bool  { return role != config.RoleDelivery }
func delivers(role string) bool { return role != config.RoleGateway }

// mount serves on each listener what the role is for. A process that only
// delivers has no public listener, and its operator's listener has the probes.
func (g *Gateway) mount(role, adminKey string, scim *server.Server) {
	operator := server.NewEngine()
	g.operator.server = httpServer(g.farewell(operator), g.log)
	if !answers(role) {
		operator.Use(gin.Recovery())
		g.Admin.MountProbes(operator)
		g.mountTelemetry(operator, adminKey)
		return
	}
	g.Admin.Mount(operator, adminKey)
	g.people.Mount(operator)
	g.mountTelemetry(operator, adminKey)
	g.operator.server.RegisterOnShutdown(g.people.Stop)
	public := server.NewEngine()
	public.Use(countRequests(g.traffic))
	scim.Mount(public)
	g.tokens.Mount(public)
	g.public.server = httpServer(g.farewell(public), g.log)
}

// auditor compares stores and accounts: the worker, or one that never runs where
// the role has none.
func (g *Gateway) auditor(o *opener) *delivery.Worker {
	if g.worker != nil {
		return g.worker
	}
	return &delivery.Worker{Tenants: g.Stores.Tenants, Work: g.Stores.Directory, Notes: g.Stores.Notes, Open: o.open, Rules: newRules().of, Log: g.log}
}

// wake hints that a tenant has something due, to the worker of this process and
// to all others': whoever has the tenant's lease is the one it means.
func (g *Gateway) wake(id tenant.ID) {
	g.woken(id)
	if g.hints != nil {
		g.hints.Wake(id)
	}
}

// woken takes a hint, to whoever of this process wants it.
func (g *Gateway) woken(id tenant.ID) {
	if g.worker != nil {
		g.worker.Wake(id)
	}
	g.people.Changed(id)
}

// connect has other processes told of what changes here, and follows what they
// tell.
func (g *Gateway) connect() {
	if g.hints == nil {
		return
	}
	g.resolver.Tell(g.hints.Forget)
	g.hints.forget = g.resolver.Drop
	g.hints.wake = g.woken
	if g.worker != nil {
		g.hints.hold = g.worker.Hold
		g.worker.Throttled = g.hints.Hold
	}
}

// startBeside runs what runs beside requests and deliveries, hints and censuses,
// until what it returns is called, which is after the last request was answered.
func (g *Gateway) startBeside(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	for _, run := range g.beside {
		running.Go(func() { run(ctx) })
	}
	return func() { cancel(); running.Wait() }
}

// closeStores ends with telemetry, which has seen everything by then. What its last
// export failed at is no fault of an orderly end.
func (g *Gateway) closeStores(ctx context.Context) error {
	err := g.Stores.Close()
	if g.redis != nil {
		err = errors.Join(err, g.redis.Close())
	}
	if fault := g.telemetry.Close(ctx); fault != nil {
		g.log.WarnContext(ctx, "telemetry is not exported", "error", fault)
	}
	return err
}
