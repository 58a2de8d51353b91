package admin

import (
	"context"
	"maps"
	"slices"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// RepairInput picks findings of an audit.
type RepairInput struct {
	IDs []string `json:"ids,omitempty" doc:"Of the tenant's users or groups: what was found of them, and of the memberships of and in them" maxItems:"10000"`
	All bool     `json:"all,omitempty" doc:"All that are listed as missing or different, and the tenant's own users that are members too many"`
}

// Repair has users and groups that an audit found missing or different sent again, as
// they are now, through the same deliveries as everything else; and memberships told
// again, where our users are in a group too few or too many.
func (s *Service) Repair(ctx context.Context, id tenant.ID, auditID string, in RepairInput) (Replayed, error) {
	a, err := s.finished(ctx, id, auditID)
	if err != nil {
		return Replayed{}, err
	}
	if len(in.IDs) == 0 && !in.All {
		return Replayed{}, invalid("give ids, or all")
	}
	chosen, err := a.mends(in)
	if err != nil || len(chosen) == 0 {
		return Replayed{}, err
	}
	if err := s.stands(ctx, a); err != nil {
		return Replayed{}, err
	}
	defer s.Wake(id)
	resources, groups := parted(chosen)
	done := Replayed{}
	if len(resources) > 0 {
		pick := func(item directory.Item, _ *scim.Resource) (bool, error) { return resources[item.Ref], nil }
		done.Resources, err = s.Directory.Replay(ctx, id, a.Slot, []string{"User", "Group"}, pick, time.Now())
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		if err == nil {
			err = s.Directory.HoldShares(ctx, id, a.Slot, group, groups[group], time.Now())
			done.Memberships += len(groups[group])
		}
	}
	note(ctx, "%d resources and %d memberships are due again", done.Resources, done.Memberships)
	return done, err
}

// parted are the resources that are sent again, and the memberships by group.
func parted(chosen []delivery.Finding) (map[directory.Ref]bool, map[string][]directory.Share) {
	resources, groups := map[directory.Ref]bool{}, map[string][]directory.Share{}
	for _, f := range chosen {
		if f.About == delivery.AboutMembership {
			groups[f.Group] = append(groups[f.Group], directory.Share{Member: f.ID, RemoteID: f.RemoteID})
		} else {
			resources[directory.Ref{Kind: f.About, ID: f.ID}] = true
		}
	}
	return resources, groups
}

// mends picks the findings that a repair is asked for; an id of which none can be
// repaired is refused, and with it everything.
func (a *finishedAudit) mends(in RepairInput) (chosen []delivery.Finding, err error) {
	asked, mended := map[string]bool{}, map[string]bool{}
	for _, id := range in.IDs {
		asked[id] = true
	}
	for _, f := range a.findings {
		if !f.Mends() || !in.All && !asked[f.ID] && !asked[f.Group] {
			continue
		}
		mended[f.ID], mended[f.Group] = true, true
		chosen = append(chosen, f)
	}
	faults := []string{}
	for _, id := range in.IDs {
		if !mended[id] && !in.All {
			faults = append(faults, "ids: "+id+" is none that this audit found so")
		}
	}
	if len(faults) > 0 {
		return nil, &InvalidError{Faults: faults}
	}
	return chosen, nil
}

// conflicts picks the findings of users who are to be adopted; one that is not among
// them is refused, and with it everything.
func (a *finishedAudit) conflicts(ids []string) ([]delivery.Finding, error) {
	found, several := map[string]delivery.Finding{}, map[string]bool{}
	for _, f := range a.findings {
		if f.ID != "" && f.About == delivery.AboutUser && (f.Kind == delivery.Conflict || f.Kind == delivery.Match) {
			_, several[f.ID] = found[f.ID]
			found[f.ID] = f
		}
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
	return slices.Collect(maps.Values(chosen)), nil
}

// stands checks that the audit's connection is still the one that it was.
func (s *Service) stands(ctx context.Context, a *finishedAudit) error {
	t, err := s.Tenants.Tenant(ctx, a.tenant)
	if err != nil {
		return err
	}
	at := find(t, a.Connection)
	if at < 0 || t.Connections[at].Slot != a.Slot {
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
	a, err := s.finished(ctx, id, auditID)
	if err != nil {
		return Adopted{}, err
	}
	chosen, err := a.conflicts(ids)
	if err != nil {
		return Adopted{}, err
	}
	if err := s.stands(ctx, a); err != nil {
		return Adopted{}, err
	}
	defer s.Wake(id) // whoever delivers may be another process
	done, err := s.Drift.Adopt(ctx, id, a.Connection, chosen)
	slices.Sort(done.Adopted)
	view := Adopted{Adopted: append([]string{}, done.Adopted...), Refused: []NotChosen{}}
	for _, r := range done.Refused {
		view.Refused = append(view.Refused, NotChosen(r))
	}
	note(ctx, "taken over: %d, not: %d", len(view.Adopted), len(view.Refused))
	return view, err
}
