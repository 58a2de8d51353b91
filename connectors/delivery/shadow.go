package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// Shadow works out what would be sent, and sends nothing. A connection in shadow
// is owed everything and claims nothing: what is due stays due, so that it is sent
// when the shadow ends, as it is then. Nothing of what is worked out is stored.
type Shadow struct {
	Work interface {
		DeliveriesAfter(
			ctx context.Context, t tenant.ID, s tenant.Slot, state directory.State, after string, limit int,
		) (items []directory.Item, next string, err error)
		Get(ctx context.Context, t tenant.ID, ref directory.Ref) (*scim.Resource, error)
	}
	Rules func(t *tenant.Tenant) (*mapping.Rules, error)
}

// PlannedOp is what would become of a resource at the account.
type PlannedOp string

// The operations.
const (
	PlanCreate  PlannedOp = "create"
	PlanUpdate  PlannedOp = "update"
	PlanSuspend PlannedOp = "suspend" // an update or removal after which it is not active any more
	PlanDelete  PlannedOp = "delete"
	PlanNothing PlannedOp = "nothing" // the account has it as it is, or never had it
)

// Plan is what would be sent of one resource that is due.
type Plan struct {
	Ref     directory.Ref
	Version uint64
	Op      PlannedOp
	Paths   []string        // attributes that would be sent
	Clears  []string        // that would be taken away: sent before, and no more
	Reason  string          // why the rules make nothing of it; Op is PlanNothing
	Values  json.RawMessage // of Paths, if they were asked for: personal data
}

// Plans works out up to limit of what is due at a tenant's connection, in the order in
// which it would be sent, and the place after it; "" begins, and ends. A page may have
// fewer and not be the last.
func (s Shadow) Plans(
	ctx context.Context, t *tenant.Tenant, slot tenant.Slot, after string, limit int, values bool,
) (plans []Plan, next string, err error) {
	rules, err := s.Rules(t)
	if err != nil {
		return nil, "", err
	}
	items, next, err := s.Work.DeliveriesAfter(ctx, t.ID, slot, directory.Due, after, limit)
	if err != nil {
		return nil, "", err
	}
	now := time.Now()
	for _, item := range items {
		if item.Delivery.Due.After(now) {
			continue
		}
		p, err := s.plan(ctx, &prepared{tenant: t, rules: rules}, item, values)
		if errors.Is(err, directory.ErrNotFound) {
			continue // deleted meanwhile
		}
		if err != nil {
			return nil, "", err
		}
		plans = append(plans, p)
	}
	return plans, next, nil
}

func (s Shadow) plan(ctx context.Context, to *prepared, item directory.Item, values bool) (Plan, error) {
	p := Plan{Ref: item.Ref, Version: item.Version}
	if scim.IsDrill(item.Ref.ID) {
		p.Op = PlanNothing
		return p, nil
	}
	if item.Deleted {
		p.Op = leavingOp(to.tenant, item)
		return p, nil
	}
	r, err := s.Work.Get(ctx, to.tenant.ID, item.Ref)
	if err != nil {
		return p, err
	}
	projection, err := to.project(r, item.Delivery.RemoteID == "")
	if refused := new(mapping.Error); errors.As(err, &refused) {
		p.Op, p.Reason = PlanNothing, refused.Error()
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.fill(to.rules, item.Delivery, projection)
	if values && p.Op != PlanNothing {
		p.Values = value.Append(nil, value.Of(projection))
	}
	return p, nil
}

// leavingOp is how a deleted resource would leave.
func leavingOp(t *tenant.Tenant, item directory.Item) PlannedOp {
	d := item.Delivery
	remove := t.Settings.OnDelete == tenant.Delete || item.Ref.Kind == groupKind
	switch {
	case d.RemoteID == "" && d.Intent == nil, !remove && d.Away:
		return PlanNothing
	case remove:
		return PlanDelete
	default:
		return PlanSuspend
	}
}

// fill says what a projection would change of what was delivered.
func (p *Plan) fill(rules *mapping.Rules, d directory.Delivery, projection *value.Object) {
	switch {
	case d.RemoteID == "":
		p.Op = PlanCreate
	case d.Delivered > 0 && d.SentHash == hashOf(projection):
		p.Op = PlanNothing
		return
	case away(projection) && !d.Away:
		p.Op = PlanSuspend
	default:
		p.Op = PlanUpdate
	}
	p.Paths = pathsOf(projection)
	for _, path := range d.Sent {
		if !covered(path, p.Paths) && !rules.Leaves(path) {
			p.Clears = append(p.Clears, path)
		}
	}
}

// pathsOf are the attributes of a projection: of a complex one its parts, of a
// multi-valued one itself.
func pathsOf(o *value.Object) (paths []string) {
	for _, m := range o.Members {
		below := "."
		if strings.Contains(m.Name, ":") {
			below = ":"
		}
		switch {
		case m.Name == "schemas" || m.Value.Unassigned():
		case m.Value.Kind() == value.Obj:
			for _, part := range m.Value.Object().Members {
				paths = append(paths, m.Name+below+part.Name)
			}
		default:
			paths = append(paths, m.Name)
		}
	}
	return paths
}

// covered reports whether a path that was sent is one of paths or part of one.
func covered(sent string, paths []string) bool {
	return slices.ContainsFunc(paths, func(path string) bool {
		rest, ok := strings.CutPrefix(value.Fold(sent), value.Fold(path))
		return ok && (rest == "" || strings.ContainsRune("[.:", rune(rest[0])))
	})
}
