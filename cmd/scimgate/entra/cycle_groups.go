package entra

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"scimgate/scim"
	"scimgate/scim/value"
)

// groups are those of a cycle, and deal out the users among them. Entra provisions
// them as it does here: each is looked up without its members, created without
// any, and then given each by a PATCH, many at a time.
func (l Load) groups(users []*subject) []*subject {
	groups := make([]*subject, l.Groups)
	for i := range groups {
		groups[i] = &subject{name: fmt.Sprintf("%s group %d", l.Prefix, i)}
	}
	for i, u := range users {
		if len(groups) > 0 {
			u.group = groups[i%len(groups)]
		}
	}
	return groups
}

func createGroupStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	query := url.Values{"filter": {"displayName eq " + string(value.Append(nil, value.NewText(s.name)))}, "excludedAttributes": {"members"}}
	a, err := c.send(ctx, http.MethodGet, "/Groups", query, nil)
	m.count(a)
	if err != nil {
		return err
	}
	if found, err := a.list(); err != nil || len(found) > 0 {
		return a.unexpected("a group that was never created is there already")
	}
	a, err = c.send(ctx, http.MethodPost, "/Groups", nil, value.NewObject(
		member("schemas", list(scim.GroupURN)), text("externalId", s.name), text("displayName", s.name)))
	m.count(a)
	if err == nil {
		err = a.want(http.StatusCreated)
	}
	if err == nil {
		s.id = a.text("id")
	}
	return err
}

// memberStep changes the membership of one user: in the older dialect, the value
// tells whom a removal is about.
func memberStep(op string) deed {
	return func(ctx context.Context, c *Client, s *subject, m *measure) error {
		of := value.List(value.Of(value.NewObject(text("value", s.id))))
		body := value.NewObject(member("schemas", list(patchURN)), member("Operations", value.List(value.Of(
			value.NewObject(text("op", op), text("path", "members"), member("value", of))))))
		a, err := c.send(ctx, http.MethodPatch, "/Groups/"+s.group.id, nil, body)
		m.count(a)
		if err != nil {
			return err
		}
		return a.want(http.StatusNoContent, http.StatusOK)
	}
}

func deleteGroupStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, err := c.send(ctx, http.MethodDelete, "/Groups/"+s.id, nil, nil)
	m.count(a)
	if err != nil {
		return err
	}
	return a.want(http.StatusNoContent)
}
