package admin

import (
	"context"
	"encoding/json"
	"slices"

	"scimgate/connectors/delivery"
	"scimgate/mapping"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// Planned is what would be sent of one resource that is due.
type Planned struct {
	Connection   string             `json:"connection"`
	ResourceType string             `json:"resourceType"`
	ID           string             `json:"id"`
	Version      uint64             `json:"version"`
	Op           delivery.PlannedOp `json:"op" enum:"create,update,suspend,delete,nothing"`
	Paths        []string           `json:"paths,omitempty" doc:"Attributes that would be sent. The account is not asked what it has, so that of an update some may be there already"`
	Clears       []string           `json:"clears,omitempty" doc:"Attributes that would be taken away"`
	Reason       string             `json:"reason,omitempty" doc:"Why nothing could be sent"`
	Attributes   json.RawMessage    `json:"attributes,omitempty" doc:"With their values, if these were asked for"`
}

// PlannedPage is a part of what would be sent, in that order.
type PlannedPage struct {
	Items []Planned `json:"items"`
	Next  string    `json:"next,omitempty" doc:"Give it as after for what follows; absent at the end. A page may be short, or empty, and have a next"`
}

// Plans works out up to limit of what is due at a tenant's connections, or at one of
// them, without sending it: for a connection in shadow, or a paused one. after is as
// for Deliveries.
func (s *Service) Plans(ctx context.Context, id tenant.ID, connection, after string, limit int, values bool) (PlannedPage, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return PlannedPage{}, err
	}
	if connection != "" && find(t, connection) < 0 {
		return PlannedPage{}, tenant.ErrNotFound
	}
	asked := slices.DeleteFunc(slices.Clone(t.Connections), func(c tenant.Connection) bool { return connection != "" && connection != c.ID })
	shadow, page := delivery.Shadow{Work: s.Directory, Rules: rulesOf}, PlannedPage{Items: []Planned{}}
	page.Next, err = eachPage(asked, after, limit, func(c tenant.Connection, place string, limit int) (int, string, error) {
		plans, next, err := shadow.Plans(ctx, t, c.Slot, place, limit, values)
		for _, p := range plans {
			page.Items = append(page.Items, planned(c.ID, p))
		}
		return len(plans), next, err
	})
	return page, err
}

func planned(connection string, p delivery.Plan) Planned {
	return Planned{
		Connection: connection, ResourceType: p.Ref.Kind, ID: p.Ref.ID, Version: p.Version,
		Op: p.Op, Paths: p.Paths, Clears: p.Clears, Reason: p.Reason, Attributes: p.Values,
	}
}

// rulesOf are the rules in force.
func rulesOf(t *tenant.Tenant) (*mapping.Rules, error) {
	user := server.Definitions(t).Type("User")
	if t.Rules == nil {
		return mapping.Identity(user), nil
	}
	return mapping.Compile(t.Rules, user)
}

func (s *Service) listShadow(ctx context.Context, in *struct {
	InTenant
	Connection string `query:"connection" doc:"At this connection alone" maxLength:"63"`
	After      string `query:"after" doc:"next of the page before" maxLength:"200"`
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Values     bool   `query:"values" doc:"Show values, too"`
},
) (PlannedPage, error) {
	return s.Plans(ctx, in.Tenant, in.Connection, in.After, in.Limit, in.Values)
}
