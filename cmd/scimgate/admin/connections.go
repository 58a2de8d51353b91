package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"scimgate/connectors"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// ConnectionInput is a connection as an operator gives it. What is absent stays;
// settings are sealed and never shown again.
type ConnectionInput struct {
	Kind     string          `json:"kind,omitempty" doc:"Type of target; it cannot change" example:"appspace" maxLength:"40"`
	Settings json.RawMessage `json:"settings,omitempty" doc:"Settings of the kind; for appspace {\"baseURL\",\"token\"}, for webhook {\"url\",\"issuer\",\"audience\",\"key\",\"keyId\",\"token\"}"`
	Paused   *bool           `json:"paused,omitempty" doc:"Send nothing until resumed"`
	Shadow   *bool           `json:"shadow,omitempty" doc:"Send nothing, and tell what would be sent (deliveries/shadow); ended, it is sent"`
	Groups   *bool           `json:"groups,omitempty" doc:"Send groups and memberships too; the account must have User Group Sync on. Switched off, what was sent stays in the account"`
	Adopt    tenant.Adopt    `json:"adopt,omitempty" doc:"Which users that the account has already become the tenant's: nobody until a person says so, who has the userName, or who has the externalId; never an administrator" enum:"ask,userName,externalId"`
	Pace     *PaceInput      `json:"pace,omitempty"`
}

// PaceInput is how fast an account may be called.
type PaceInput struct {
	Rate  float64 `json:"rate" doc:"Resources per second that are sent to the account, over all processes; 0: as fast as it answers" minimum:"0" maximum:"1000000"`
	Burst int     `json:"burst,omitempty" doc:"At once after a rest" minimum:"0" maximum:"1000000"`
}

func (in *PaceInput) apply(l *ratelimit.Limit) {
	if in != nil {
		*l = limitOrNone(in.Rate, in.Burst)
	}
}

// laterThanCaches is when every process has forgotten the tenant as it was: a
// change that was accepted until then may not be owed to a new connection yet.
const laterThanCaches = 45 * time.Second

// PutConnection makes a connection or changes it. A new one is owed everything
// that the tenant has. A connection belongs to one account: to move to another
// account, delete it and make a new one.
func (s *Service) PutConnection(ctx context.Context, id tenant.ID, connectionID string, in ConnectionInput) (tenant.Connection, error) {
	if _, err := tenant.ParseID(connectionID); err != nil {
		return tenant.Connection{}, invalid("connection id: " + err.Error())
	}
	return s.connect(ctx, id, connectionID, in, func(t *tenant.Tenant) error {
		if find(t, connectionID) < 0 {
			c, err := newConnection(t, connectionID, in.Kind)
			if err != nil {
				return err
			}
			t.Connections = append(t.Connections, *c)
		}
		return nil
	})
}

// ChangeConnection changes a connection that there is. New settings are in force
// once the account has accepted them; until then the earlier ones are.
func (s *Service) ChangeConnection(ctx context.Context, id tenant.ID, connectionID string, in ConnectionInput) (tenant.Connection, error) {
	settings := in.Settings
	in.Settings = nil
	c, err := s.connect(ctx, id, connectionID, in, func(t *tenant.Tenant) error {
		if at := find(t, connectionID); settings != nil && at >= 0 {
			return s.succeed(ctx, t, &t.Connections[at], settings)
		}
		return nil
	})
	if err != nil || settings == nil {
		return c, err
	}
	return s.TryNext(ctx, id, connectionID)
}

// connect lets prepare see to it that the connection is there, and fills it in.
func (s *Service) connect(ctx context.Context, id tenant.ID, connectionID string, in ConnectionInput, prepare func(*tenant.Tenant) error) (tenant.Connection, error) {
	t, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if err := prepare(t); err != nil {
			return err
		}
		at := find(t, connectionID)
		if at < 0 {
			return tenant.ErrNotFound
		}
		return s.settle(ctx, t, &t.Connections[at], in)
	})
	if err != nil {
		return tenant.Connection{}, err
	}
	s.Wake(id)
	return t.Connections[find(t, connectionID)], nil
}

// newConnection is owed everything at once, and once more when no process can
// have accepted a change without knowing of it.
func newConnection(t *tenant.Tenant, connectionID, kind string) (*tenant.Connection, error) {
	slot, err := freeSlot(t)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	return &tenant.Connection{ID: connectionID, Slot: slot, Kind: kind, Resync: []time.Time{now, now.Add(laterThanCaches)}}, nil
}

// settle fills c in, and opens it to find out whether its settings can be used.
func (s *Service) settle(ctx context.Context, t *tenant.Tenant, c *tenant.Connection, in ConnectionInput) error {
	if in.Kind != "" && c.Kind != in.Kind {
		return invalid(fmt.Sprintf("kind: connection %q is of kind %s; delete it to make another", c.ID, c.Kind))
	}
	if in.Paused != nil {
		c.Paused = *in.Paused
	}
	if in.Shadow != nil {
		c.Shadow = *in.Shadow
	}
	if in.Groups != nil && *in.Groups != c.Groups {
		c.Groups = *in.Groups
		c.Resync = append(c.Resync, time.Now().UTC(), time.Now().UTC().Add(laterThanCaches))
	}
	setAdopt(c, in.Adopt)
	in.Pace.apply(&c.Pace)
	if in.Settings != nil {
		sealed, err := s.Vault().Seal(ctx, in.Settings, t.ID, c.Field())
		if err != nil {
			return err
		}
		c.Sealed, c.Next = sealed, nil
	}
	if c.Kind == "" || c.Sealed == nil {
		return invalid("a new connection needs kind and settings")
	}
	connector, err := s.Open(ctx, t, *c)
	if err != nil {
		return invalid("settings: " + err.Error())
	}
	if _, can := connector.(connectors.Grouper); c.Groups && !can {
		return invalid("groups: a connection of kind " + c.Kind + " is sent users only")
	}
	return checkAdopt(*c, connector)
}

// DeleteConnection forgets a connection and what was delivered to it. The
// account stays as it is.
func (s *Service) DeleteConnection(ctx context.Context, id tenant.ID, connectionID string) error {
	var slot tenant.Slot
	_, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		at := find(t, connectionID)
		if at < 0 {
			return tenant.ErrNotFound
		}
		slot = t.Connections[at].Slot
		t.Connections = slices.Delete(t.Connections, at, at+1)
		return nil
	})
	if err != nil {
		return err
	}
	return s.Directory.Forget(ctx, id, slot)
}

// TestConnection makes the probe that Entra's "Test connection" makes, against
// the account.
func (s *Service) TestConnection(ctx context.Context, id tenant.ID, connectionID string) (TestResult, error) {
	t, _, err := s.connection(ctx, id, connectionID)
	if err != nil {
		return TestResult{}, err
	}
	c, err := s.TryNext(ctx, id, connectionID)
	if err != nil {
		return TestResult{}, err
	}
	if err := s.check(ctx, t, c); err != nil {
		return TestResult{Reason: err.Error(), Next: c.Next != nil}, nil //nolint:nilerr // the result tells it
	}
	return TestResult{OK: true, Next: c.Next != nil}, nil
}

// TestResult is what became of a test.
type TestResult struct {
	OK     bool   `json:"ok" doc:"The account answered and accepted the credential"`
	Reason string `json:"reason,omitempty" doc:"Why not"`
	Next   bool   `json:"next,omitempty" doc:"New settings wait: the account does not accept them yet, and this is about the earlier ones"`
}

// connection returns a connection and its tenant, or tenant.ErrNotFound.
func (s *Service) connection(ctx context.Context, id tenant.ID, connectionID string) (*tenant.Tenant, tenant.Connection, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, tenant.Connection{}, err
	}
	at := find(t, connectionID)
	if at < 0 {
		return nil, tenant.Connection{}, tenant.ErrNotFound
	}
	return t, t.Connections[at], nil
}

// find returns where a tenant has a connection, or -1.
func find(t *tenant.Tenant, connectionID string) int {
	return slices.IndexFunc(t.Connections, func(c tenant.Connection) bool { return c.ID == connectionID })
}

// freeSlot returns the lowest slot that no connection has.
func freeSlot(t *tenant.Tenant) (tenant.Slot, error) {
	for slot := range tenant.Slot(tenant.MaxConnections) {
		if !slices.Contains(t.Slots(), slot) {
			return slot, nil
		}
	}
	return 0, invalid(fmt.Sprintf("a tenant has at most %d connections", tenant.MaxConnections))
}
