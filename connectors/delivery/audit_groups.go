package delivery

import (
	"context"
	"errors"
	"net/http"

	"scimgate/connectors"
	"scimgate/scim/directory"
)

// groupAudit compares groups as an audit does users, and then who is in them.
type groupAudit struct {
	audit
	GroupsTally

	accountOf connectors.GroupAuditor
	members   map[string]place  // ours, users and groups, by their id
	remotes   map[string]string // our id by the account's
}

// place is where a member is at the account.
type place struct {
	remote string // "" if it is not there
	calm   bool   // nothing of it is due
}

// ofGroups is the audit of the groups that follows that of the users; false where
// none are sent, or the account cannot be asked for them.
func (a *audit) ofGroups() (*groupAudit, bool) {
	account, can := a.account.(connectors.GroupAuditor)
	if !a.withGroups || !can {
		return nil, false
	}
	g := &groupAudit{audit: *a, accountOf: account, members: map[string]place{}, remotes: map[string]string{}}
	g.kind, g.list = groupKind, account.ListGroups
	g.learn(&a.ours)
	g.ours, g.strangers, g.known = newLedger(), nil, map[string]bool{}
	g.held, g.same, g.found, g.counts = 0, 0, nil, map[FindingKind]int{}
	return g, true
}

// learn takes in where those of a ledger are.
func (g *groupAudit) learn(l *ledger) {
	for _, e := range l.entries {
		g.members[e.id] = place{e.remote, !e.owed && !e.fresh && e.state == directory.Clean}
		if e.remote != "" {
			g.remotes[e.remote] = e.id
		}
	}
}

// checkMembers compares who is in each group that stands.
func (g *groupAudit) checkMembers(ctx context.Context) error {
	g.learn(&g.ours)
	for i := range g.ours.entries {
		e := &g.ours.entries[i]
		if !e.compared || e.deleted || e.owed {
			continue
		}
		g.tell("members", g.Compared+g.Unread, len(g.ours.entries))
		if err := g.checkGroup(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// checkGroup compares who is in one group. One that changed meanwhile is owed, and
// not compared.
func (g *groupAudit) checkGroup(ctx context.Context, e *entry) error {
	var held []string
	err := g.ask(ctx, func() (err error) {
		held, err = g.accountOf.MembersOf(ctx, e.remote)
		return err
	})
	fault := new(connectors.Error)
	switch {
	case errors.Is(err, connectors.ErrTooLong):
		g.Unread++
		return nil
	case errors.As(err, &fault) && fault.Status == http.StatusNotFound:
		e.owed = true // it was there a moment ago
		return nil
	case err != nil:
		return err
	}
	wanted, err := g.wanted(ctx, e.id)
	if err != nil {
		return err
	}
	if _, stands, err := g.expected(ctx, e); err != nil || !stands {
		e.owed = true
		return err
	}
	g.Compared++
	return g.compareMembers(ctx, e, wanted, held)
}

// wanted are the members that a group has here.
func (g *groupAudit) wanted(ctx context.Context, group string) (ids []string, err error) {
	for after := ""; ; {
		page, err := g.work.Members(ctx, g.tenant.ID, group, after, surveyPage)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			ids = append(ids, m.ID)
			after = m.ID
		}
		if len(page) < surveyPage {
			return ids, nil
		}
	}
}

// compareMembers finds who is missing and who is there besides.
func (g *groupAudit) compareMembers(ctx context.Context, e *entry, wanted, held []string) error {
	there := make(map[string]bool, len(held))
	for _, remote := range held {
		there[remote] = true
	}
	for _, id := range wanted {
		at := g.members[id]
		if !at.calm || at.remote == "" { // not there yet, or on its way to somewhere else
			delete(there, at.remote)
			continue
		}
		g.Memberships++
		if !there[at.remote] {
			if err := g.findMember(ctx, Missing, e, id, at.remote); err != nil {
				return err
			}
		}
		delete(there, at.remote)
	}
	for remote := range there {
		if err := g.findMember(ctx, Extra, e, g.remotes[remote], remote); err != nil {
			return err
		}
	}
	return nil
}

// findMember notes a membership, if the member is still where it was.
func (g *groupAudit) findMember(ctx context.Context, kind FindingKind, e *entry, id, remote string) error {
	if id != "" {
		stands, err := g.stands(ctx, id, remote)
		if err != nil || !stands {
			return err
		}
	}
	g.find(Finding{Kind: kind, About: AboutMembership, ID: id, Group: e.id, RemoteID: remote})
	return nil
}

// stands reports whether a member is delivered, to that place.
func (g *groupAudit) stands(ctx context.Context, id, remote string) (bool, error) {
	for _, kind := range []string{"User", groupKind} {
		item, err := g.work.Delivery(ctx, g.tenant.ID, g.slot, directory.Ref{Kind: kind, ID: id})
		if errors.Is(err, directory.ErrNotFound) {
			continue
		}
		return err == nil && item.Delivery.State == directory.Clean && item.Delivery.RemoteID == remote, err
	}
	return false, nil
}
