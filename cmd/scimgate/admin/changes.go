package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"scimgate/tenant"
)

// underway is a change that somebody makes. A request has one, and one goroutine.
type underway struct {
	change *tenant.Change
	scope  tenant.ID // whose state is compared; "": what is of no tenant
	before any
}

type underwayKey struct{}

// longestPath bounds what is kept of a path.
const longestPath = 300

// Begin stores that a change begins, with the state before it, and returns the
// context to make it under and what to call when it is answered, with the status of
// the answer. Where Begin fails nothing may be changed. A process that ends between
// leaves a change whose outcome is not known, which the reader is told.
//
// The differences are those of the tenant before and after: two who change one
// tenant in the same moment may each be told of both.
func (s *Service) Begin(ctx context.Context, c *tenant.Change) (context.Context, func(status int), error) {
	if len(c.Resource) > longestPath {
		c.Resource = c.Resource[:longestPath]
	}
	u := &underway{change: c, scope: c.Tenant}
	var err error
	if u.before, err = s.snapshot(ctx, u.scope); err != nil {
		return ctx, nil, err
	}
	if err := s.Tenants.BeginChange(ctx, c); err != nil {
		return ctx, nil, fmt.Errorf("tell of a change: %w", err)
	}
	ctx = context.WithValue(ctx, underwayKey{}, u)
	return ctx, func(status int) { s.end(context.WithoutCancel(ctx), u, status) }, nil
}

// endTime bounds telling of an outcome, which the answer waits for.
const endTime = 5 * time.Second

// end stores what became of a change. What cannot be stored leaves its outcome
// unknown: the change was made by then.
func (s *Service) end(ctx context.Context, u *underway, status int) {
	ctx, cancel := context.WithTimeout(ctx, endTime)
	defer cancel()
	u.change.Status = status
	if status < 400 || status >= 500 { // what was refused changed nothing
		after, err := s.snapshot(ctx, u.scope)
		if err != nil {
			s.Log.ErrorContext(ctx, "the outcome of a change is not known", "change", u.change.ID, "error", err)
			return
		}
		u.change.Differences, u.change.More = compare(u.before, after)
	}
	err := s.Tenants.EndChange(ctx, u.change)
	if err != nil && !errors.Is(err, tenant.ErrNotFound) { // it went with its tenant
		s.Log.ErrorContext(ctx, "the outcome of a change is not told", "change", u.change.ID, "error", err)
	}
}

// byItself has a tenant changed, and tells of it as the gateway's own doing where nobody
// asked for it: a request is told of already. at is the path below the tenant.
func (s *Service) byItself(ctx context.Context, id tenant.ID, operation, at string, change func(context.Context) error) error {
	if _, asked := ctx.Value(underwayKey{}).(*underway); asked {
		return change(ctx)
	}
	c := tenant.NewChange(time.Now())
	c.Actor = tenant.Principal{Kind: tenant.GatewayPrincipal, Role: tenant.Operator}
	c.Tenant, c.Operation, c.Resource = id, operation, "/tenants/"+string(id)+at
	ctx, end, err := s.Begin(ctx, c)
	if err != nil {
		return err
	}
	err = change(ctx)
	if err != nil {
		end(s.problemOf(ctx, err).GetStatus())
		return err
	}
	end(http.StatusOK)
	return nil
}

// madeTenant says that the change under way made a tenant.
func madeTenant(ctx context.Context, id tenant.ID) {
	if u, ok := ctx.Value(underwayKey{}).(*underway); ok {
		u.change.Tenant, u.scope, u.before = id, id, nil
	}
}

// ofTenant says that the change under way is of a tenant.
func ofTenant(ctx context.Context, id tenant.ID) {
	if u, ok := ctx.Value(underwayKey{}).(*underway); ok {
		u.change.Tenant = id
	}
}

// note says what the change under way came to, where it is none of settings.
func note(ctx context.Context, format string, args ...any) {
	if u, ok := ctx.Value(underwayKey{}).(*underway); ok {
		u.change.Note = fmt.Sprintf(format, args...)
	}
}

// TellOf stores a change that needs no telling beforehand: it changes nothing but
// who is signed in.
func (s *Service) TellOf(ctx context.Context, c *tenant.Change) error {
	return s.Tenants.BeginChange(ctx, c)
}

// KeepChanges removes changes that are older than so long, once an hour until ctx
// ends.
func (s *Service) KeepChanges(ctx context.Context, keep time.Duration) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		if err := s.Tenants.PurgeChanges(ctx, time.Now().Add(-keep)); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "old changes cannot be removed", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
