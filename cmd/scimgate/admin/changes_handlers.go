package admin

import (
	"context"
	"time"

	"scimgate/tenant"
)

// ChangeView is a change as the API shows it.
type ChangeView struct {
	tenant.Change
	Outcome ChangeOutcome `json:"outcome" enum:"done,refused,failed,unknown" doc:"unknown: the process ended before it could tell; the change was made or not"`
}

// ChangeOutcome is what became of a change.
type ChangeOutcome string

// The outcomes.
const (
	ChangeDone    ChangeOutcome = "done"
	ChangeRefused ChangeOutcome = "refused" // nothing was changed
	ChangeFailed  ChangeOutcome = "failed"  // a fault of ours: it may have happened or not
	ChangeUnknown ChangeOutcome = "unknown"
)

// ChangePage is a part of what was done, newest first.
type ChangePage struct {
	Items []ChangeView `json:"items"`
	Next  string       `json:"next,omitempty" doc:"Give it as after for what came before; absent at the end"`
}

func viewChange(c *tenant.Change) ChangeView {
	v := ChangeView{*c, ChangeDone}
	if v.Differences == nil {
		v.Differences = []tenant.Difference{}
	}
	switch {
	case c.Status == 0:
		v.Outcome = ChangeUnknown
	case c.Status >= 500:
		v.Outcome = ChangeFailed
	case c.Status >= 400:
		v.Outcome = ChangeRefused
	}
	return v
}

// Changes tells who did what, newest first. It does not ask whether there is such a
// tenant: one that is gone took its changes along.
func (s *Service) Changes(ctx context.Context, q tenant.ChangeQuery) (ChangePage, error) {
	all, err := s.Tenants.Changes(ctx, q)
	if err != nil {
		return ChangePage{}, err
	}
	page := ChangePage{Items: listOf(all, viewChange).Items}
	if len(all) == q.Limit && q.Limit > 0 {
		page.Next = all[len(all)-1].ID
	}
	return page, nil
}

// ChangesInput is what is asked of the changes.
type ChangesInput struct {
	Actor string    `query:"actor" doc:"Who did it: a kind (operatorKey, cli, key, session, gateway), kind:id, or a name" example:"key:1a2B3c4D" maxLength:"200"`
	Since time.Time `query:"since" doc:"At this time or later"`
	Until time.Time `query:"until" doc:"Before this time"`
	After string    `query:"after" doc:"next of the page before" maxLength:"64"`
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (in ChangesInput) query(id tenant.ID) tenant.ChangeQuery {
	return tenant.ChangeQuery{Tenant: id, Actor: in.Actor, Since: in.Since, Until: in.Until, After: in.After, Limit: in.Limit}
}

func (s *Service) listChanges(ctx context.Context, in *struct {
	ChangesInput
	Tenant tenant.ID `query:"tenant" doc:"Of this tenant; absent: of all, and of none" maxLength:"63"`
},
) (ChangePage, error) {
	return s.Changes(ctx, in.query(in.Tenant))
}

func (s *Service) listTenantChanges(ctx context.Context, in *struct {
	InTenant
	ChangesInput
},
) (ChangePage, error) {
	if _, err := s.Tenants.Tenant(ctx, in.Tenant); err != nil {
		return ChangePage{}, err
	}
	return s.Changes(ctx, in.query(in.Tenant))
}
