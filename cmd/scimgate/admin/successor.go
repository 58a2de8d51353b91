package admin

import (
	"bytes"
	"context"
	"time"

	"scimgate/tenant"
)

// Settings that replace others wait beside them (Connection.Next) until the account
// has accepted them once: so long the earlier ones are in force, and no delivery
// meets a token that does not work yet. They are tried when they are given, by each
// test of the connection, and by whoever looks after alerts.

// succeed puts settings beside those in force.
func (s *Service) succeed(ctx context.Context, t *tenant.Tenant, c *tenant.Connection, settings []byte) error {
	sealed, err := s.Vault().Seal(ctx, settings, t.ID, c.Field())
	if err != nil {
		return err
	}
	next := *c
	next.Sealed = sealed
	if _, err := s.Open(ctx, t, next); err != nil {
		return invalid("settings: " + err.Error())
	}
	c.Next = sealed
	return nil
}

// TryNext asks the account whether it accepts the settings that wait, and puts them
// in force if so. Without any it does nothing.
func (s *Service) TryNext(ctx context.Context, id tenant.ID, connectionID string) (tenant.Connection, error) {
	t, c, err := s.connection(ctx, id, connectionID)
	if err != nil {
		return tenant.Connection{}, err
	}
	next := c
	if next.Sealed = next.Next; next.Next == nil || s.check(ctx, t, next) != nil {
		return c, nil //nolint:nilerr // they go on waiting, which the view tells
	}
	err = s.byItself(ctx, id, "accept-settings", "/connections/"+connectionID, func(ctx context.Context) (err error) {
		t, err = s.accept(ctx, id, connectionID, next.Next)
		return err
	})
	if err != nil {
		return tenant.Connection{}, err
	}
	s.Wake(id)
	return t.Connections[find(t, connectionID)], nil
}

// accept puts the settings that wait in force, if these do.
func (s *Service) accept(ctx context.Context, id tenant.ID, connectionID string, waiting []byte) (*tenant.Tenant, error) {
	return s.update(ctx, id, func(t *tenant.Tenant) error {
		at := find(t, connectionID)
		if at < 0 {
			return tenant.ErrNotFound
		}
		if c := &t.Connections[at]; bytes.Equal(c.Next, waiting) { // others may wait by now
			c.Sealed, c.Next = c.Next, nil
		}
		return nil
	})
}

// check makes the probe that Entra's "Test connection" makes.
func (s *Service) check(ctx context.Context, t *tenant.Tenant, c tenant.Connection) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	connector, err := s.Open(ctx, t, c)
	if err != nil {
		return err
	}
	return connector.Check(ctx)
}
