package admin

import (
	"context"

	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// showBreakers puts the breakers into the views of a tenant's connections.
func (s *Service) showBreakers(ctx context.Context, id tenant.ID, views []ConnectionView) error {
	if s.Breakers == nil {
		return nil
	}
	all, err := s.Breakers(ctx, id)
	if err != nil {
		return err
	}
	states := make(map[string]delivery.ConnectionState)
	for _, state := range all {
		states[state.Connection] = state
	}
	for i := range views {
		views[i].Breaker = &delivery.ConnectionState{State: delivery.BreakerClosed}
		if state, ok := states[views[i].ID]; ok {
			views[i].Breaker = &state
		}
	}
	return nil
}
