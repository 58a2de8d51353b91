package admin

import (
	"context"
	"time"

	"scimgate/tenant"
)

// HeldInput picks departures that the mass-change guard holds: all of a tenant,
// or those of a connection, or those of some users.
type HeldInput struct {
	Connection string   `json:"connection,omitempty" doc:"At this connection alone" maxLength:"63"`
	IDs        []string `json:"ids,omitempty" doc:"These users; absent: all that are held now" minItems:"1" maxItems:"10000"`
}

// Decided is what a decision came to.
type Decided struct {
	Resources int `json:"resources" doc:"Users that it was about, counted once for each connection; who is not held is none of them"`
}

// Release lets those leave that in picks, now and without being counted. It is an
// approval of exactly those: who is disabled later is counted as ever.
func (s *Service) Release(ctx context.Context, id tenant.ID, in HeldInput) (Decided, error) {
	defer s.Wake(id)
	return s.decide(ctx, id, in, func(c tenant.Connection) (int, error) {
		return s.Directory.Release(ctx, id, c.Slot, in.IDs, time.Now())
	})
}

// Discard leaves those that in picks at the account as they are, until the
// identity provider changes them again. What is kept of them here stays as the
// identity provider left it.
func (s *Service) Discard(ctx context.Context, id tenant.ID, in HeldInput) (Decided, error) {
	return s.decide(ctx, id, in, func(c tenant.Connection) (int, error) {
		return s.Directory.Discard(ctx, id, c.Slot, in.IDs)
	})
}

// decide has a decision made at each connection that in picks.
func (s *Service) decide(ctx context.Context, id tenant.ID, in HeldInput, decide func(tenant.Connection) (int, error)) (Decided, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return Decided{}, err
	}
	if in.Connection != "" && find(t, in.Connection) < 0 {
		return Decided{}, tenant.ErrNotFound
	}
	done := Decided{}
	for _, c := range t.Connections {
		if in.Connection != "" && in.Connection != c.ID {
			continue
		}
		n, err := decide(c)
		done.Resources += n
		if err != nil {
			return done, err
		}
	}
	note(ctx, "%d held departures", done.Resources)
	return done, nil
}

func (s *Service) release(ctx context.Context, in *body[HeldInput]) (Decided, error) {
	return s.Release(ctx, in.Tenant, in.Body)
}

func (s *Service) discard(ctx context.Context, in *body[HeldInput]) (Decided, error) {
	return s.Discard(ctx, in.Tenant, in.Body)
}

// GuardInput changes the thresholds of the mass-change guard; what is absent
// stays, and 0 is the default.
type GuardInput struct {
	Least   *int  `json:"least,omitempty" doc:"Users that may leave an account within an hour in any case; 0 is 20" minimum:"0" maximum:"100000000"`
	Percent *int  `json:"percent,omitempty" doc:"Share of the tenant's users that may; 0 is 10" minimum:"0" maximum:"100"`
	Off     *bool `json:"off,omitempty" doc:"Hold nothing"`
}

func (in *GuardInput) apply(g *tenant.Guard) {
	if in == nil {
		return
	}
	if in.Least != nil {
		g.Least = *in.Least
	}
	if in.Percent != nil {
		g.Percent = *in.Percent
	}
	if in.Off != nil {
		g.Off = *in.Off
	}
}
