package admin

import (
	"context"
	"encoding/json"

	"scimgate/scim/directory"
)

// resourcesInput asks for a page of users or groups.
type resourcesInput struct {
	InTenant
	Filter string `query:"filter" doc:"SCIM filter" maxLength:"2048"`
	After  string `query:"after" doc:"The page's next, to go on from" maxLength:"4096"`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// resourcesPage is a page of users or groups, by name.
type resourcesPage struct {
	Total int               `json:"total" doc:"All that match"`
	Items []json.RawMessage `json:"items" doc:"As the identity provider reads them, without meta"`
	Next  string            `json:"next,omitempty" doc:"after of the next page"`
}

func (s *Service) listUsers(ctx context.Context, in *resourcesInput) (resourcesPage, error) {
	return s.resourcesPage(ctx, "User", in)
}

func (s *Service) listGroups(ctx context.Context, in *resourcesInput) (resourcesPage, error) {
	return s.resourcesPage(ctx, "Group", in)
}

func (s *Service) resourcesPage(ctx context.Context, kind string, in *resourcesInput) (resourcesPage, error) {
	page, err := s.Resources(ctx, in.Tenant, ResourceQuery{Kind: kind, Filter: in.Filter, After: in.After, Limit: in.Limit})
	if err != nil {
		return resourcesPage{}, err
	}
	shown := resourcesPage{Total: page.Total, Next: page.Next, Items: make([]json.RawMessage, 0, len(page.Resources))}
	for _, r := range page.Resources {
		shown.Items = append(shown.Items, r.Body())
	}
	return shown, nil
}

// inResource is the path of one user or group.
type inResource struct {
	InTenant
	ID string `path:"id" doc:"Id that we gave it" maxLength:"256"`
}

func (s *Service) showUser(ctx context.Context, in *inResource) (*Found, error) {
	return s.Resource(ctx, in.Tenant, directory.Ref{Kind: "User", ID: in.ID}, "")
}

func (s *Service) showGroup(ctx context.Context, in *inResource) (*Found, error) {
	return s.Resource(ctx, in.Tenant, directory.Ref{Kind: "Group", ID: in.ID}, "")
}

// InviteInput is an invitation to a tenant's console.
type InviteInput struct {
	For            string `json:"for,omitempty" doc:"Whom it is for; it stands beside what they change" maxLength:"200"`
	ExpiresInHours int    `json:"expiresInHours,omitempty" doc:"Hours that it can be used; 72 where absent" minimum:"1" maximum:"720"`
}

func (s *Service) listInvites(ctx context.Context, in *pageOfTenant) (list[Invite], error) {
	invites, err := s.Invites(ctx, in.Tenant)
	return listPage(invites, err, in.Page, func(i Invite) string { return i.ID }, same[Invite])
}

func (s *Service) createInvite(ctx context.Context, in *body[InviteInput]) (*Invitation, error) {
	return s.CreateInvite(ctx, in.Tenant, in.Body)
}

func (s *Service) revokeInvite(ctx context.Context, in *struct {
	InTenant
	ID string `path:"id" maxLength:"64"`
},
) (none, error) {
	return nil, s.RevokeInvite(ctx, in.Tenant, in.ID)
}
