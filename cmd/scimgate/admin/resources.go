package admin

import (
	"context"
	"encoding/json"
	"errors"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/filter"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// ResourceQuery asks for a page of a tenant's users or groups, by name.
type ResourceQuery struct {
	Kind   string // "User", "Group"
	Filter string // SCIM; "" is all
	After  string // position that a page gave as Next; "" begins
	Limit  int
	// Examine bounds how many a filter may have as candidates, where they are to be
	// fewer than the store allows; 0 is what it allows.
	Examine int
}

// Resources lists users or groups by name. A filter or position that cannot be
// read is an *InvalidError.
func (s *Service) Resources(ctx context.Context, id tenant.ID, q ResourceQuery) (*directory.Page, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	asked := directory.Query{Kind: q.Kind, StartIndex: 1, Count: q.Limit, After: &q.After, Examine: q.Examine}
	definition := server.Definitions(t).Type(q.Kind)
	if asked.SortBy, err = definition.BindSort(sortedBy[q.Kind], scim.Mode{}); err != nil {
		return nil, err
	}
	if asked.Filter, err = bindFilter(definition, q.Filter); err != nil {
		return nil, err
	}
	page, err := s.Directory.List(ctx, id, asked)
	if refused := new(scim.Error); errors.As(err, &refused) {
		return nil, invalid("filter: " + refused.Detail)
	}
	return page, err
}

// sortedBy is the attribute that each kind is listed by: an index has its order.
var sortedBy = map[string]string{"User": "userName", "Group": "displayName"}

// bindFilter reads a SCIM filter; "" is nil.
func bindFilter(definition *scim.ResourceType, text string) (filter.Expr, error) {
	if text == "" {
		return nil, nil
	}
	bound, err := definition.BindFilter(text, scim.Mode{})
	if refused := new(scim.Error); errors.As(err, &refused) {
		return nil, invalid("filter: " + refused.Detail)
	}
	return bound, err
}

// Found is one user or group with everything that is known of it.
type Found struct {
	Resource   json.RawMessage    `json:"resource,omitempty" doc:"As the identity provider reads it; absent once it was deleted. A group is shown without its members"`
	Projection json.RawMessage    `json:"projection,omitempty" doc:"What the rules in force make of a user: what the account should hold"`
	Fault      string             `json:"fault,omitempty" doc:"Why the rules make nothing of it"`
	Deliveries []Owed             `json:"deliveries" doc:"Where it stands at each connection"`
	Of         *scim.Resource     `json:"-"` // nil once it was deleted
	Rules      *mapping.Rules     `json:"-"` // that Projection was made with; nil without one
	Ends       []directory.Member `json:"-"` // a user's groups; a group's members, by id
}

// EndsAtOnce is how many members of a group Resource returns.
const EndsAtOnce = 100

// Resource tells everything of one user or group, or tenant.ErrNotFound. Of what
// the client deleted only its deliveries are known. after is the id of the member
// of a group that the members begin after; "" begins.
func (s *Service) Resource(ctx context.Context, id tenant.ID, ref directory.Ref, after string) (*Found, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	f := &Found{}
	if f.Deliveries, err = s.DeliveriesOf(ctx, t, ref); err != nil {
		return nil, err
	}
	r, err := s.Directory.Get(ctx, id, ref)
	if errors.Is(err, directory.ErrNotFound) {
		return f, f.gone()
	}
	if err != nil {
		return nil, err
	}
	if f.Ends, err = s.ends(ctx, id, ref, after); err != nil {
		return nil, err
	}
	return f, f.fill(s, t, r)
}

// gone is ErrNotFound, unless something is known of what was deleted.
func (f *Found) gone() error {
	if len(f.Deliveries) == 0 {
		return tenant.ErrNotFound
	}
	return nil
}

// fill shows a resource as the client sees it, and as the account should.
func (f *Found) fill(s *Service, t *tenant.Tenant, r *scim.Resource) error {
	f.Of = r
	endpoint := s.TenantURL(t.ID) + server.Definitions(t).Type(r.Kind).Endpoint
	if r.Kind == "User" {
		r.Compute("groups", memberships(f.Ends, s.TenantURL(t.ID)+"/Groups/"))
		if err := f.project(t, r); err != nil {
			return err
		}
	}
	f.Resource = scim.AppendResource(nil, r, endpoint+"/"+r.ID, nil)
	return nil
}

func memberships(groups []directory.Member, at string) value.Value {
	links := make([]scim.Link, len(groups))
	for i, g := range groups {
		links[i] = scim.Link{Value: g.ID, Ref: at + g.ID, Display: g.Display, Type: "direct"}
	}
	return scim.LinkList(links)
}

// project applies the rules in force, as for a user that the account has.
func (f *Found) project(t *tenant.Tenant, r *scim.Resource) error {
	rules, err := compiled(t, t.Rules)
	if err != nil {
		f.Fault = err.Error()
		return nil //nolint:nilerr // the fault is what is shown
	}
	attributes, err := r.Attributes()
	if err != nil {
		return err
	}
	projection, err := rules.Project(attributes, false)
	if err != nil {
		f.Fault = err.Error()
		return nil //nolint:nilerr // the fault is what is shown
	}
	f.Rules, f.Projection = rules, value.Append(nil, value.Of(projection))
	return nil
}

// ends are a user's groups, or members of a group.
func (s *Service) ends(ctx context.Context, id tenant.ID, ref directory.Ref, after string) ([]directory.Member, error) {
	if ref.Kind == "Group" {
		return s.Directory.Members(ctx, id, ref.ID, after, EndsAtOnce)
	}
	groups, err := s.Directory.GroupsOf(ctx, id, []string{ref.ID})
	return groups[ref.ID], err
}

// DeliveriesOf tells where a resource stands at each connection that is owed it.
func (s *Service) DeliveriesOf(ctx context.Context, t *tenant.Tenant, ref directory.Ref) ([]Owed, error) {
	all := []Owed{}
	for _, c := range t.Connections {
		item, err := s.Directory.Delivery(ctx, t.ID, c.Slot, ref)
		if errors.Is(err, directory.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, owed(c.ID, *item))
	}
	return all, nil
}
