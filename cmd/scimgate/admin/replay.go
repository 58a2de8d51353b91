package admin

import (
	"context"
	"slices"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// ReplayInput picks what is sent again. What is absent picks everything; what is
// given must all hold.
type ReplayInput struct {
	Connection string          `json:"connection,omitempty" doc:"To this connection alone" maxLength:"63"`
	ID         string          `json:"id,omitempty" doc:"This resource" maxLength:"256"`
	Filter     string          `json:"filter,omitempty" doc:"Users that this SCIM filter matches" example:"department eq \"Sales\"" maxLength:"2048"`
	State      directory.State `json:"state,omitempty" doc:"Those in this state" enum:"clean,due,parked,held"`
	Class      string          `json:"class,omitempty" doc:"Those whose last failure is of this class" example:"rejected" maxLength:"40"`
	Since      time.Time       `json:"since,omitzero" doc:"Those that the client changed at this time or later"`
	Until      time.Time       `json:"until,omitzero" doc:"Those that the client changed before this time"`
}

// Replayed is what a replay came to.
type Replayed struct {
	Resources   int `json:"resources" doc:"Resources that are due again, counted once for each connection"`
	Memberships int `json:"memberships,omitempty" doc:"Memberships that are told again, of a repair"`
}

// Replay has what in picks sent to its accounts again, as it is now. It is safe to
// repeat: an account that holds the present state is not changed by it.
func (s *Service) Replay(ctx context.Context, id tenant.ID, in ReplayInput) (Replayed, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return Replayed{}, err
	}
	if in.Connection != "" && find(t, in.Connection) < 0 {
		return Replayed{}, tenant.ErrNotFound
	}
	pick, err := in.pick(t)
	if err != nil {
		return Replayed{}, err
	}
	defer s.Wake(id)
	done := Replayed{}
	for _, c := range t.Connections {
		if in.Connection != "" && in.Connection != c.ID {
			continue
		}
		n, err := s.Directory.Replay(ctx, id, c.Slot, c.Kinds(), pick, time.Now())
		done.Resources += n
		if err != nil {
			return done, err
		}
	}
	note(ctx, "%d resources are due again", done.Resources)
	return done, nil
}

// pick reads in, and refuses a filter that cannot be read.
func (in ReplayInput) pick(t *tenant.Tenant) (directory.Pick, error) {
	matching, err := bindFilter(server.Definitions(t).Type("User"), in.Filter)
	if err != nil {
		return nil, err
	}
	return func(item directory.Item, r *scim.Resource) (bool, error) {
		if slices.Contains(in.misses(item, r), true) {
			return false, nil
		}
		if matching == nil {
			return true, nil
		}
		if item.Deleted || item.Ref.Kind != "User" { // it holds nothing that could match
			return false, nil
		}
		return r.Match(matching)
	}, nil
}

// misses says of each condition whether it does not hold.
func (in ReplayInput) misses(item directory.Item, r *scim.Resource) []bool {
	class := ""
	if item.Delivery.Failure != nil {
		class = item.Delivery.Failure.Class
	}
	return []bool{
		in.ID != "" && item.Ref.ID != in.ID,
		in.State != "" && item.Delivery.State != in.State,
		in.Class != "" && class != in.Class,
		!in.Since.IsZero() && r.LastModified.Before(in.Since),
		!in.Until.IsZero() && !r.LastModified.Before(in.Until),
	}
}
