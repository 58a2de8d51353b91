package admin

import (
	"context"
	"encoding/json"

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

// Plans works out what is due at a tenant's connections, or at one of them,
// without sending it: for a connection in shadow, or a paused one.
func (s *Service) Plans(ctx context.Context, id tenant.ID, connection string, limit int, values bool) ([]Planned, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if connection != "" && find(t, connection) < 0 {
		return nil, tenant.ErrNotFound
	}
	shadow, all := delivery.Shadow{Work: s.Directory, Rules: rulesOf}, []Planned{}
	for _, c := range t.Connections {
		if connection != "" && connection != c.ID {
			continue
		}
		plans, err := shadow.Plans(ctx, t, c.Slot, limit-len(all), values)
		if err != nil {
			return nil, err
		}
		for _, p := range plans {
			all = append(all, planned(c.ID, p))
		}
	}
	return all, nil
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
	Limit      int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	Values     bool   `query:"values" doc:"Show values, too"`
},
) (list[Planned], error) {
	plans, err := s.Plans(ctx, in.Tenant, in.Connection, in.Limit, in.Values)
	return list[Planned]{plans}, err
}
