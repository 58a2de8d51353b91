package appspace

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// pageSize is how many users are asked for at a time, and mostUsers how many are
// read at all: an account that never ends is no account.
const (
	pageSize  = 100
	mostUsers = 2_000_000
)

// cursor is where a page begins: its place, how many to ask for, and who was the
// first of the page before, so that an account that always answers with its first
// page is noticed.
type cursor struct {
	start, count int
	before       string // id
}

func readCursor(text string) (cursor, bool) {
	if text == "" {
		return cursor{start: 1, count: pageSize}, true
	}
	parts := strings.SplitN(text, " ", 3)
	if len(parts) != 3 {
		return cursor{}, false
	}
	start, err := strconv.Atoi(parts[0])
	count, bad := strconv.Atoi(parts[1])
	return cursor{start, count, parts[2]}, errors.Join(err, bad) == nil && start > 0 && count > 0
}

func (c cursor) String() string {
	return strconv.Itoa(c.start) + " " + strconv.Itoa(c.count) + " " + c.before
}

// List implements connectors.Auditor. A page that is longer than an answer may be
// is asked for again in halves; an account that gives fewer users than asked for
// is asked for the rest.
func (a *account) List(ctx context.Context, position string) (connectors.Listing, error) {
	return a.list(ctx, user, position)
}

// ListGroups implements connectors.GroupAuditor.
func (a *account) ListGroups(ctx context.Context, position string) (connectors.Listing, error) {
	return a.list(ctx, group, position)
}

// MembersOf implements connectors.GroupAuditor.
func (a *account) MembersOf(ctx context.Context, remoteID string) ([]string, error) {
	r := request{method: http.MethodGet, path: group.endpoint + "/" + escape(remoteID)}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	members, _ := got.doc.Get("members")
	held, ok := idOf(got.doc)
	if !ok || held != remoteID || !members.Unassigned() && members.Kind() != value.Array {
		return nil, r.garbled(got.status)
	}
	ids := make([]string, 0, len(members.Items()))
	for _, member := range members.Items() {
		id, _ := member.Object().Get("value")
		ids = append(ids, id.Text())
	}
	return ids, nil
}

func (a *account) list(ctx context.Context, k kind, position string) (connectors.Listing, error) {
	at, ok := readCursor(position)
	if !ok {
		return connectors.Listing{}, &connectors.Error{Fault: connectors.Rejected, Reason: "this is no place in the account's list"}
	}
	for {
		r := request{method: http.MethodGet, path: k.endpoint, query: "startIndex=" + strconv.Itoa(at.start) + "&count=" + strconv.Itoa(at.count)}
		if k.brief != "" {
			r.query += "&" + k.brief
		}
		got, err := a.do(ctx, r)
		if err == nil {
			return a.listing(k, r, at, got)
		}
		if !errors.Is(err, connectors.ErrTooLong) || at.count == 1 {
			return connectors.Listing{}, err
		}
		at.count /= 2
	}
}

// listing reads a page of a ListResponse (RFC 7644 §3.4.2.4).
func (a *account) listing(k kind, r request, at cursor, got answer) (connectors.Listing, error) {
	total, counted := got.doc.Get("totalResults")
	list, listed := got.doc.Get("Resources")
	if !counted && !listed || listed && list.Kind() != value.Array && !list.IsNull() {
		return connectors.Listing{}, r.garbled(got.status)
	}
	page := connectors.Listing{Held: make([]connectors.Holding, 0, len(list.Items()))}
	for _, item := range list.Items() {
		id, ok := idOf(item.Object())
		if !ok {
			return connectors.Listing{}, r.garbled(got.status)
		}
		page.Held = append(page.Held, a.holding(k, id, item.Object()))
	}
	page.Total, _ = strconv.Atoi(total.Text())
	next, err := at.next(page)
	page.Next = next
	return page, err
}

// next is the cursor that follows a page.
func (c cursor) next(page connectors.Listing) (string, error) {
	read := c.start - 1 + len(page.Held)
	switch {
	case len(page.Held) == 0 && page.Total > read:
		return "", &connectors.Error{Fault: connectors.Protocol, Reason: "the account counts more users than it lists"}
	case len(page.Held) == 0, page.Total > 0 && read >= page.Total:
		return "", nil
	case page.Held[0].RemoteID == c.before:
		return "", &connectors.Error{Fault: connectors.Protocol, Reason: "the account answers each page with the same users"}
	case read >= mostUsers:
		return "", &connectors.Error{Fault: connectors.Protocol, Reason: "the account lists more users than can be read"}
	default:
		return cursor{read + 1, c.count, page.Held[0].RemoteID}.String(), nil
	}
}

// Find implements connectors.Auditor.
func (a *account) Find(ctx context.Context, o connectors.Object) (*connectors.Holding, error) {
	if o.RemoteID == "" {
		name, err := nameOf(o)
		if err != nil {
			return nil, err
		}
		there, err := a.lookUp(ctx, kindOf(o), name)
		if err != nil || there == nil {
			return nil, err
		}
		h := a.holding(kindOf(o), there.id, there.attributes)
		return &h, nil
	}
	held, err := a.get(ctx, kindOf(o), o.RemoteID)
	if isStatus(err, http.StatusNotFound) {
		return nil, a.Check(ctx)
	}
	if err != nil {
		return nil, err
	}
	h := a.holding(kindOf(o), o.RemoteID, held)
	return &h, nil
}

func (a *account) holding(k kind, id string, held *value.Object) connectors.Holding {
	name, _ := held.Get(k.name)
	external, _ := held.Get("externalId")
	return connectors.Holding{
		RemoteID: id, UserName: name.Text(), ExternalID: external.Text(),
		Active: !suspended(held), Protected: k == user && a.guards(held), Attributes: held,
	}
}
