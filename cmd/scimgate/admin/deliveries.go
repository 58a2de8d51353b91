package admin

import (
	"context"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Owed is one resource that is due, parked or held at a connection. It tells
// where the resource is, and nothing of what it holds; but who it is, for the
// operator who has to decide, if it is held.
type Owed struct {
	Connection   string             `json:"connection"`
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id"`
	UserName     string             `json:"userName,omitempty" doc:"That the account knows a held user by"`
	State        directory.State    `json:"state"`
	Version      uint64             `json:"version" doc:"What is desired"`
	Delivered    uint64             `json:"delivered" doc:"What the account holds; 0 is nothing"`
	Deleted      bool               `json:"deleted,omitempty" doc:"The client deleted it"`
	Due          time.Time          `json:"due,omitzero" doc:"Not before"`
	Attempts     int                `json:"attempts" doc:"Failed ones since the last success or change"`
	Failure      *directory.Failure `json:"failure,omitempty" doc:"What went wrong last"`
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
			list = append(list, owed(c.ID, item))
		}
	}
	return list, nil
}

func owed(connection string, item directory.Item) Owed {
	d, name := item.Delivery, ""
	if d.State == directory.Held {
		name = d.Name
	}
	return Owed{
		UserName:   name,
		Connection: connection, ResourceType: item.Ref.Kind, ID: item.Ref.ID, State: d.State,
		Version: item.Version, Delivered: d.Delivered, Deleted: item.Deleted,
		Due: d.Due, Attempts: d.Attempts, Failure: d.Failure,
	}
}
