package admin

import (
	"context"

	"scimgate/connectors/delivery"
)

// InAudit is the path of what belongs to an audit.
type InAudit struct {
	InTenant

	Audit string `path:"audit" doc:"Id of the audit" maxLength:"40"`
}

func (s *Service) startAudit(ctx context.Context, in *struct {
	InTenant
	Body *struct {
		Connection string `json:"connection,omitempty" doc:"Id of the connection; absent: the first whose account can be asked" maxLength:"63"`
	}
},
) (AuditView, error) {
	connection := ""
	if in.Body != nil {
		connection = in.Body.Connection
	}
	return s.StartAudit(ctx, in.Tenant, connection)
}

func (s *Service) listAudits(ctx context.Context, in *InTenant) (list[AuditView], error) {
	views, err := s.Audits(ctx, in.Tenant)
	return list[AuditView]{views}, err
}

func (s *Service) showAudit(ctx context.Context, in *struct {
	InAudit
	Kind   delivery.FindingKind `query:"kind" doc:"Findings of this kind alone" enum:"missing,extra,different,duplicate,conflict,match"`
	Offset int                  `query:"offset" doc:"How many findings to skip" minimum:"0"`
	Limit  int                  `query:"limit" doc:"How many findings to show" minimum:"0" maximum:"10000" default:"1000"`
},
) (AuditView, error) {
	return s.Audit(ctx, in.Tenant, in.Audit, in.Kind, in.Offset, in.Limit)
}

func (s *Service) repair(ctx context.Context, in *struct {
	InAudit
	Body RepairInput
},
) (Replayed, error) {
	return s.Repair(ctx, in.Tenant, in.Audit, in.Body)
}

func (s *Service) adopt(ctx context.Context, in *struct {
	InAudit
	Body struct {
		IDs []string `json:"ids" doc:"Of the tenant's users that are conflicts" minItems:"1" maxItems:"100"`
	}
},
) (Adopted, error) {
	return s.Adopt(ctx, in.Tenant, in.Audit, in.Body.IDs)
}
