package admin

import (
	"context"
	"slices"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// RepairInput picks findings of an audit.
type RepairInput struct {
	IDs []string `json:"ids,omitempty" doc:"Of the tenant's users" maxItems:"10000"`
	All bool     `json:"all,omitempty" doc:"All that are listed as missing or different"`
}

// Repair has users that an audit found missing or different sent again, as they
// are now, through the same deliveries as everything else.
func (s *Service) Repair(ctx context.Context, id tenant.ID, auditID string, in RepairInput) (Replayed, error) {
	a, err := s.finished(id, auditID)
	if err != nil {
		return Replayed{}, err
	}
	if len(in.IDs) == 0 && !in.All {
		return Replayed{}, invalid("give ids, or all")
	}
	chosen, err := choose(a, in.IDs, in.All, delivery.Missing, delivery.Different)
	if err != nil || len(chosen) == 0 {
		return Replayed{}, err
	}
	if err := s.stands(ctx, a); err != nil {
		return Replayed{}, err
	}
	pick := func(item directory.Item, _ *scim.Resource) (bool, error) {
		_, meant := chosen[item.Ref.ID]
		return meant, nil
	}
	defer s.Wake(id)
	n, err := s.Directory.Replay(ctx, id, a.connection.Slot, []string{"User"}, pick, time.Now())
	note(ctx, "%d users are due again", n)
	return Replayed{Resources: n}, err
}

// choose returns the findings of these kinds for ids, or all; one that is not
// among them is refused, and with it everything.
func choose(a *audit, ids []string, all bool, kinds ...delivery.FindingKind) (map[string]delivery.Finding, error) {
	found, several := map[string]delivery.Finding{}, map[string]bool{}
	for _, f := range a.report.Findings {
		if f.ID != "" && slices.Contains(kinds, f.Kind) {
			_, several[f.ID] = found[f.ID]
			found[f.ID] = f
		}
	}
	if all {
		return found, nil
	}
	chosen, faults := map[string]delivery.Finding{}, []string{}
	for _, id := range ids {
		f, ok := found[id]
		switch {
		case !ok:
			faults = append(faults, "ids: "+id+" is none that this audit found so")
		case several[id]:
			faults = append(faults, "ids: "+id+" could be several users of the account; settle there which")
		default:
			chosen[id] = f
		}
	}
	if len(faults) > 0 {
		return nil, &InvalidError{Faults: faults}
	}
	return chosen, nil
}

// stands checks that the audit's connection is still the one that it was.
func (s *Service) stands(ctx context.Context, a *audit) error {
	t, err := s.Tenants.Tenant(ctx, a.tenant)
	if err != nil {
		return err
	}
	at := find(t, a.connection.ID)
	if at < 0 || t.Connections[at].Slot != a.connection.Slot {
		return invalid("the connection was made anew since; start another audit")
	}
	return nil
}

// Adopted is what an adoption came to.
type Adopted struct {
	Adopted []string    `json:"adopted" doc:"Users whose next delivery takes the account user over"`
	Refused []NotChosen `json:"refused" doc:"Users of which nothing was changed"`
}

// NotChosen is a user that was not adopted.
type NotChosen struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Adopt makes the account users of these conflicts the tenant's own.
func (s *Service) Adopt(ctx context.Context, id tenant.ID, auditID string, ids []string) (Adopted, error) {
	a, err := s.finished(id, auditID)
	if err != nil {
		return Adopted{}, err
	}
	chosen, err := choose(a, ids, false, delivery.Conflict, delivery.Match)
	if err != nil {
		return Adopted{}, err
	}
	if err := s.stands(ctx, a); err != nil {
		return Adopted{}, err
	}
	findings := make([]delivery.Finding, 0, len(chosen))
	for _, f := range chosen {
		findings = append(findings, f)
	}
	defer s.Wake(id) // whoever delivers may be another process
	done, err := s.Drift.Adopt(ctx, id, a.connection.ID, findings)
	slices.Sort(done.Adopted)
	view := Adopted{Adopted: append([]string{}, done.Adopted...), Refused: []NotChosen{}}
	for _, r := range done.Refused {
		view.Refused = append(view.Refused, NotChosen(r))
	}
	note(ctx, "taken over: %d, not: %d", len(view.Adopted), len(view.Refused))
	return view, err
}
