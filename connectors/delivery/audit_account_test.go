package delivery

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"testing"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// The fake account as an Auditor: it pages by three, in the order of its ids.

func (f *fakeAccount) List(ctx context.Context, cursor string) (page connectors.Listing, err error) {
	return f.list(ctx, "list", cursor, false)
}

func (f *fakeAccount) ListGroups(ctx context.Context, cursor string) (page connectors.Listing, err error) {
	return f.list(ctx, "list groups", cursor, true)
}

func (f *fakeAccount) MembersOf(ctx context.Context, remoteID string) (ids []string, err error) {
	err = f.serve(ctx, call{method: "members", Object: connectors.Object{RemoteID: remoteID}}, func() error {
		g := f.users[remoteID]
		if g == nil {
			return &connectors.Error{Fault: connectors.Unauthorized, Status: 404}
		}
		ids = slices.Collect(maps.Keys(g.members))
		return nil
	})
	return ids, err
}

// isGroup tells the two kinds apart, which share one map.
func (u *accountUser) isGroup() bool {
	_, named := u.attributes.Get("displayName")
	_, user := u.attributes.Get("userName")
	return named && !user
}

func (f *fakeAccount) list(ctx context.Context, method, cursor string, groups bool) (page connectors.Listing, err error) {
	err = f.serve(ctx, call{method: method}, func() error {
		ids := slices.DeleteFunc(slices.Sorted(maps.Keys(f.users)), func(id string) bool { return f.users[id].isGroup() != groups })
		from, _ := strconv.Atoi(cursor)
		to := min(from+3, len(ids))
		for _, id := range ids[min(from, to):to] {
			page.Held = append(page.Held, f.holding(id))
		}
		if page.Total = len(ids); to < len(ids) {
			page.Next = strconv.Itoa(to)
		}
		return nil
	})
	return page, err
}

func (f *fakeAccount) holding(id string) connectors.Holding {
	u := f.users[id]
	external, _ := u.attributes.Get("externalId")
	return connectors.Holding{
		RemoteID: id, UserName: u.name, ExternalID: external.Text(), Active: activeIn(u.attributes),
		Protected: u.protected, Attributes: u.attributes.Clone(),
	}
}

func (f *fakeAccount) Find(ctx context.Context, o connectors.Object) (found *connectors.Holding, err error) {
	err = f.serve(ctx, call{method: "find", Object: o}, func() error {
		if f.users[o.RemoteID] != nil {
			h := f.holding(o.RemoteID)
			found = &h
		}
		return nil
	})
	return found, err
}

func (f *fakeAccount) Differs(o connectors.Object, held *value.Object) (paths []string) {
	if o.Attributes == nil {
		if held != nil && activeIn(held) {
			return []string{"active"}
		}
		return nil
	}
	for _, m := range o.Attributes.Members {
		if have, ok := held.Get(m.Name); !ok || !value.Equal(have, m.Value) {
			paths = append(paths, m.Name)
		}
	}
	return paths
}

// adopt takes a user in whom a person chose, and leaves its name alone.
func (f *fakeAccount) adopt(o connectors.Object) (connectors.Receipt, error) {
	u := f.users[o.RemoteID]
	if u == nil || u.protected {
		return connectors.Receipt{}, &connectors.Error{Fault: connectors.Conflict, Reason: "told to fail"}
	}
	u.owner, u.attributes = o.ID, o.Attributes.Clone()
	u.attributes.Set("userName", value.NewText(u.name))
	return connectors.Receipt{RemoteID: o.RemoteID, Sent: []string{"title"}}, nil
}

// alone is a connector without what else it could do.
type alone struct{ connectors.Connector }

// The five hands that change an account behind our back.

func (f *fakeAccount) meddle(change func(users map[string]*accountUser)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f.users)
}

func (f *fakeAccount) idOf(tb testing.TB, name string) string {
	tb.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for id, u := range f.users {
		if u.name == name {
			return id
		}
	}
	tb.Fatalf("nobody is called %s", name)
	return ""
}

// drop removes a user, retitle changes one, plant adds one.
func (f *fakeAccount) drop(tb testing.TB, name string) {
	tb.Helper()
	id := f.idOf(tb, name)
	f.meddle(func(users map[string]*accountUser) { delete(users, id) })
}

func (f *fakeAccount) retitle(tb testing.TB, name, title string) {
	tb.Helper()
	id := f.idOf(tb, name)
	f.meddle(func(users map[string]*accountUser) { users[id].attributes.Set("title", value.NewText(title)) })
}

func (f *fakeAccount) plant(id, name, externalID string) {
	attributes := value.NewObject(value.Member{Name: "userName", Value: value.NewText(name)}, value.Member{Name: "active", Value: value.Truth(true)})
	if externalID != "" {
		attributes.Set("externalId", value.NewText(externalID))
	}
	f.meddle(func(users map[string]*accountUser) { users[id] = &accountUser{name: name, attributes: attributes} })
}
