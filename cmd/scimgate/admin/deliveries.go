package admin

import (
	"context"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Owed is one resource that is due or parked at a connection.
type Owed struct {
	Connection string `json:"connection"`
	Kind       string `json:"kind" doc:"Resource type"`
	ID         string `json:"id"`
	directory.Item
}

// maxOwed bounds a list of deliveries.
const maxOwed = 200

// Deliveries lists what is in a state, in the order in which it is served.
func (s *Service) Deliveries(ctx context.Context, id tenant.ID, state directory.State) ([]Owed, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	list := []Owed{}
	for _, c := range t.Connections {
		items, err := s.Directory.Deliveries(ctx, id, c.Slot, state, maxOwed)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			list = append(list, Owed{Connection: c.ID, Kind: item.Ref.Kind, ID: item.Ref.ID, Item: item})
		}
	}
	return list, nil
}
