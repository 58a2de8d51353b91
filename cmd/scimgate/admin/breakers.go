package admin

import (
	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// showBreakers puts the breakers into the views of a tenant's connections, as
// the process that answers sees them: one that delivers nothing, or has had
// nothing to do with a connection lately, knows of none.
func (s *Service) showBreakers(id tenant.ID, views []ConnectionView) {
	if s.Breakers == nil {
		return
	}
	states := make(map[string]delivery.ConnectionState)
	for _, state := range s.Breakers(id) {
		states[state.Connection] = state
	}
	for i := range views {
		views[i].Breaker = &delivery.ConnectionState{State: delivery.BreakerClosed}
		if state, ok := states[views[i].ID]; ok {
			views[i].Breaker = &state
		}
	}
}
