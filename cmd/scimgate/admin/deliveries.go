package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
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

// OwedPage is a part of a list of deliveries, in the order in which it is served:
// connection by connection.
type OwedPage struct {
	Items []Owed `json:"items"`
	Next  string `json:"next,omitempty" doc:"Give it as after for what follows; absent at the end. What is settled between two pages is left out"`
}

// Deliveries lists up to limit of what is in a state, after a page's Next; "" begins.
// What is none is an *InvalidError.
func (s *Service) Deliveries(ctx context.Context, id tenant.ID, state directory.State, after string, limit int) (OwedPage, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return OwedPage{}, err
	}
	page := OwedPage{Items: []Owed{}}
	page.Next, err = eachPage(t.Connections, after, limit, func(c tenant.Connection, place string, limit int) (int, string, error) {
		items, next, err := s.Directory.DeliveriesAfter(ctx, id, c.Slot, state, place, limit)
		for _, item := range items {
			page.Items = append(page.Items, owed(c.ID, item))
		}
		return len(items), next, err
	})
	return page, err
}

// eachPage reads a list that goes from connection to connection, each in its own order,
// up to limit. A position is a connection, and after a colon a place in its list.
func eachPage(
	all []tenant.Connection, after string, limit int, read func(c tenant.Connection, place string, limit int) (n int, next string, err error),
) (next string, err error) {
	from, place, _ := strings.Cut(after, ":")
	begin := slices.IndexFunc(all, func(c tenant.Connection) bool { return c.ID == from })
	if begin < 0 && after != "" {
		return "", errNoPlace
	}
	for _, c := range all[max(begin, 0):] {
		if limit == 0 {
			return c.ID + ":", nil
		}
		n, next, err := read(c, place, limit)
		switch {
		case errors.Is(err, directory.ErrPlace):
			return "", errNoPlace
		case err != nil:
			return "", err
		case next != "":
			return c.ID + ":" + next, nil
		}
		limit, place = limit-n, ""
	}
	return "", nil
}

var errNoPlace = invalid("after: this is no position of the list, or its connection is gone")

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
