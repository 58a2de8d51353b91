package server

import (
	"errors"
	"net/http"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// membersAtOnce is how many members of a group are read before they are written.
const membersAtOnce = 1000

// groupKind is the resource type whose members are Edges.
const groupKind = "Group"

// owed are the connections that a change of a resource is owed to: none, where the
// resource is there to try the service only.
func (c *call) owed(id string) []tenant.Slot {
	if scim.IsDrill(id) {
		return nil
	}
	return c.tenant.SlotsOf(c.kind.Name)
}

// checkMembers refuses members that name nobody where the tenant is strict.
func (c *call) checkMembers(m *scim.MemberChange) error {
	if m == nil || !c.tenant.Settings.Strict {
		return nil
	}
	for _, id := range m.Add {
		_, err := c.Store.Get(c.ctx, c.tenant.ID, directory.Ref{Kind: "User", ID: id})
		if errors.Is(err, directory.ErrNotFound) {
			_, err = c.Store.Get(c.ctx, c.tenant.ID, directory.Ref{Kind: groupKind, ID: id})
		}
		if errors.Is(err, directory.ErrNotFound) {
			return scim.Errorf(scim.InvalidValue, "A member that is added is neither a user nor a group of this service.")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// noteUnresolved counts members that name nobody (design 6.5).
func (c *call) noteUnresolved(m *scim.MemberChange) {
	if m != nil && m.Unresolved > 0 {
		c.tolerates(scim.UnresolvedMember, "members.value")
	}
}

// sendChanged tells that a group was changed. It is not sent back: with its
// members it may be large, and Microsoft advises against it.
func (c *call) sendChanged(r *scim.Resource) error {
	h := c.w.Header()
	h["Location"] = []string{c.location(r)}
	h["Etag"] = []string{r.ETag()}
	c.send(http.StatusNoContent, nil)
	return nil
}

// sendWhole answers with a resource that may have been here for long: a user may
// be in groups.
func (c *call) sendWhole(r *scim.Resource, selection *scim.Selection) error {
	if r.Kind != groupKind {
		if err := c.joinGroups([]*scim.Resource{r}, selection); err != nil {
			return err
		}
	}
	return c.sendResource(http.StatusOK, r, selection)
}

// sendGroup answers with a group, its members streamed.
func (c *call) sendGroup(status int, r *scim.Resource, selection *scim.Selection) error {
	h := c.w.Header()
	h["Location"] = []string{c.location(r)}
	h["Etag"] = []string{r.ETag()}
	return c.sendStream(status, func(s *stream) error { return s.group(r, selection) })
}

// sendGroups answers a query for groups.
func (c *call) sendGroups(page *directory.Page, head scim.ListHead, selection *scim.Selection) error {
	return c.sendStream(http.StatusOK, func(s *stream) error {
		return s.list(head, func(i int) error {
			return s.group(page.Resources[i], selection)
		})
	})
}

// group appends a group with as much of its members as the selection has. Where
// that is nothing, not one of them is read.
func (s *stream) group(r *scim.Resource, selection *scim.Selection) error {
	if err := readable(r, selection); err != nil {
		return err
	}
	wanted, some := selection.Links("members")
	var members []directory.Member
	if some {
		var err error
		if members, err = s.Store.Members(s.ctx, s.tenant.ID, r.ID, "", membersAtOnce); err != nil {
			return err
		}
	}
	s.write(func(dst []byte) []byte {
		dst = scim.AppendResource(dst, r, s.location(r), selection)
		if len(members) > 0 { // it is opened again
			dst = append(dst[:len(dst)-1], `,"members":[`...)
		}
		return dst
	})
	if len(members) == 0 {
		return nil
	}
	return s.members(r.ID, wanted, members)
}

// members appends members page by page, and closes the list and the group.
func (s *stream) members(group string, wanted scim.Links, page []directory.Member) (err error) {
	for comma := ""; ; {
		for _, m := range page {
			s.write(func(dst []byte) []byte { return wanted.Append(append(dst, comma...), s.link(m, m.Kind)) })
			comma = ","
		}
		if len(page) < membersAtOnce {
			break
		}
		if page, err = s.Store.Members(s.ctx, s.tenant.ID, group, page[len(page)-1].ID, membersAtOnce); err != nil {
			return err
		}
	}
	s.write(func(dst []byte) []byte { return append(dst, "]}"...) })
	return nil
}

// link is one end of an Edge as the other one shows it.
func (c *call) link(m directory.Member, as string) scim.Link {
	ref := ""
	if t := c.defs.Type(m.Kind); t != nil {
		ref = c.at(t.Endpoint + "/" + m.ID)
	}
	return scim.Link{Value: m.ID, Ref: ref, Display: m.Display, Type: as}
}

// joinGroups gives users the groups that they are in (RFC 7643 §4.1.2), unless the
// selection has none of it.
func (c *call) joinGroups(users []*scim.Resource, selection *scim.Selection) error {
	if _, some := selection.Links("groups"); !some || len(users) == 0 {
		return nil
	}
	ids := make([]string, len(users))
	for i, r := range users {
		ids[i] = r.ID
	}
	groups, err := c.Store.GroupsOf(c.ctx, c.tenant.ID, ids)
	if err != nil {
		return err
	}
	for _, r := range users {
		if of := groups[r.ID]; len(of) > 0 {
			r.Compute("groups", c.memberships(of))
		}
	}
	return nil
}

// memberships are the values of a user's groups: it is in them itself.
func (c *call) memberships(groups []directory.Member) value.Value {
	links := make([]scim.Link, len(groups))
	for i, g := range groups {
		links[i] = c.link(g, "direct")
	}
	return scim.LinkList(links)
}
