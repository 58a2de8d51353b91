package admin

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// SeenAttribute is a property that users hold under Appspace's URN and that the
// tenant has not defined yet: it is kept, and not sent to the account.
type SeenAttribute struct {
	Property string `json:"property" doc:"As the first user found spells it"`
	Type     string `json:"type" doc:"Integer where that loses nothing of any value, else String"`
	Users    int    `json:"users" doc:"How many users have it"`
}

// Seen is what was found, the most frequent first.
type Seen struct {
	Items []SeenAttribute `json:"items"`
	More  bool            `json:"more,omitempty" doc:"There are more different properties than are told"`
}

const (
	mostSeen   = 500 // properties; clients make up their names
	seenAtOnce = 500 // users in memory at a time
)

// SeenAttributes walks over a tenant's users and collects what is not defined yet.
// It is a walk: 100,000 users take a third of a second in SQLite.
func (s *Service) SeenAttributes(ctx context.Context, id tenant.ID) (*Seen, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	c := &sightings{defined: t, at: map[string]int{}}
	after := ""
	for more := true; more; more = after != "" {
		page, err := s.Directory.List(ctx, id, directory.Query{Kind: "User", StartIndex: 1, Count: seenAtOnce, After: &after})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Resources {
			if err := c.see(r); err != nil {
				return nil, err
			}
		}
		after = page.Next
	}
	return c.seen(), nil
}

// sightings are the undefined properties found so far.
type sightings struct {
	defined *tenant.Tenant
	found   []SeenAttribute
	at      map[string]int // place in found, by property in lower case
	more    bool
}

// see looks at one user. Most hold nothing under the URN and are not decoded.
func (c *sightings) see(r *scim.Resource) error {
	if !bytes.Contains(r.Body(), []byte(scim.AppspaceUserURN)) {
		return nil
	}
	o, err := r.Attributes()
	if err != nil {
		return err
	}
	custom, _ := o.Get(scim.AppspaceUserURN)
	if custom.Object() == nil {
		return nil
	}
	for _, m := range custom.Object().Members {
		if findAttribute(c.defined, m.Name) < 0 {
			c.count(m)
		}
	}
	return nil
}

func (c *sightings) count(m value.Member) {
	key := strings.ToLower(m.Name)
	at, known := c.at[key]
	if !known {
		if len(c.found) == mostSeen {
			c.more = true
			return
		}
		at = len(c.found)
		c.at[key] = at
		c.found = append(c.found, SeenAttribute{Property: m.Name, Type: "Integer"})
	}
	c.found[at].Users++
	if !isWhole(m.Value) {
		c.found[at].Type = "String"
	}
}

// isWhole reports whether v, as an Integer, is the same again. A badge "007" would
// be 7 in the account.
func isWhole(v value.Value) bool {
	n, err := strconv.ParseInt(v.Text(), 10, 64)
	return err == nil && strconv.FormatInt(n, 10) == v.Text()
}

func (c *sightings) seen() *Seen {
	slices.SortFunc(c.found, func(a, b SeenAttribute) int {
		return cmp.Or(b.Users-a.Users, cmp.Compare(a.Property, b.Property))
	})
	return &Seen{Items: append([]SeenAttribute{}, c.found...), More: c.more}
}

func (s *Service) listSeen(ctx context.Context, in *InTenant) (*Seen, error) {
	return s.SeenAttributes(ctx, in.Tenant)
}
