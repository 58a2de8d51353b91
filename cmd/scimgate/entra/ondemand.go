package entra

import (
	"context"
	"errors"
	"strings"

	"scimgate/scim/value"
)

// OnDemand provisions one user as "Provision on demand" does: it looks the user
// up, creates it if there is none, or changes what differs; always in the old
// dialect, as Entra does here whatever the Tenant URL says.
func OnDemand(ctx context.Context, c *Client, u User, tell func(Step)) Report {
	r := newReporter(tell)
	c.provision(ctx, u, oldDialect, r)
	return r.Report
}

// provision makes the endpoint's user equal to u and returns its id.
func (c *Client) provision(ctx context.Context, u User, d dialect, r *reporter) (id string, ok bool) {
	a, found, err := c.find(ctx, u.UserName)
	switch {
	case err != nil:
		return "", r.step("GET /Users", a, err, "")
	case len(found) > 1:
		return "", r.step("", a, a.unexpected("more than one user matches: Entra skips the user (DuplicateTargetEntries)"), "")
	case len(found) == 0:
		return c.provisionNew(ctx, u, a, r)
	default:
		return c.provisionOld(ctx, u, d, a, found[0].Object(), r)
	}
}

func (c *Client) provisionNew(ctx context.Context, u User, lookup *answer, r *reporter) (id string, ok bool) {
	r.step("", lookup, nil, "Nobody has this name yet.")
	a, err := c.create(ctx, &u)
	if !r.step("POST /Users", a, err, "The user is created.") {
		return "", false
	}
	return a.text("id"), true
}

func (c *Client) provisionOld(ctx context.Context, u User, d dialect, lookup *answer, have *value.Object, r *reporter) (id string, ok bool) {
	id = top("id")(have)
	if id == "" {
		return "", r.step("", lookup, lookup.unexpected("the user that was found has no id"), "")
	}
	changes := u.changes(have)
	if len(changes) == 0 {
		return id, r.step("", lookup, nil, "The user is there and has all of it already.")
	}
	r.step("", lookup, nil, "The user is there; some attributes differ: "+paths(changes)+".")
	a, err := c.patch(ctx, id, d.patch(changes))
	return id, r.step("PATCH /Users/"+id, a, err, "The user is changed.")
}

func paths(changes []change) string {
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.path
	}
	return strings.Join(names, ", ")
}

// reasonOf is err for a report, where request and status stand beside it.
func reasonOf(err error) string {
	var u *UnexpectedError
	if errors.As(err, &u) {
		return u.Reason
	}
	return err.Error()
}
