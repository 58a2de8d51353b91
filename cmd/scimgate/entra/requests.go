package entra

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// The requests of Entra, each with what Microsoft says it needs of the answer.

// find looks a user up by the matching attribute. No match is a 200 with
// an empty list, never a 404.
func (c *Client) find(ctx context.Context, userName string) (*answer, []value.Value, error) {
	literal := string(value.Append(nil, value.NewText(userName)))
	a, err := c.send(ctx, http.MethodGet, "/Users", url.Values{"filter": {"userName eq " + literal}}, nil)
	if err != nil {
		return a, nil, err
	}
	resources, err := a.list()
	return a, resources, err
}

// list reads the answer as a ListResponse.
func (a *answer) list() ([]value.Value, error) {
	if err := a.want(http.StatusOK); err != nil {
		return nil, err
	}
	schemas, _ := a.resource.Get("schemas")
	isList := func(v value.Value) bool { return strings.EqualFold(v.Text(), listURN) }
	if !slices.ContainsFunc(schemas.Items(), isList) {
		return nil, a.unexpected("the answer is not a ListResponse")
	}
	total, _ := a.resource.Get("totalResults")
	if total.Kind() != value.Number {
		return nil, a.unexpected("the ListResponse has no totalResults")
	}
	resources, _ := a.resource.Get("Resources")
	if len(resources.Items()) == 0 && total.Text() != "0" {
		return nil, a.unexpected("totalResults tells of resources that are not there")
	}
	return resources.Items(), nil
}

// create posts u. The answer is the whole resource, with its id.
func (c *Client) create(ctx context.Context, u *User) (*answer, error) {
	a, err := c.send(ctx, http.MethodPost, "/Users", nil, u.creation())
	if err != nil {
		return a, err
	}
	if err := a.want(http.StatusCreated); err != nil {
		return a, err
	}
	if a.text("id") == "" {
		return a, a.unexpected("the created user has no id")
	}
	return a, nil
}

// patch changes a user. The answer is the resource, or nothing.
func (c *Client) patch(ctx context.Context, id string, body *value.Object) (*answer, error) {
	a, err := c.send(ctx, http.MethodPatch, "/Users/"+id, nil, body)
	if err != nil {
		return a, err
	}
	return a, a.want(http.StatusOK, http.StatusNoContent)
}

// remove deletes a user.
func (c *Client) remove(ctx context.Context, id string) (*answer, error) {
	a, err := c.send(ctx, http.MethodDelete, "/Users/"+id, nil, nil)
	if err != nil {
		return a, err
	}
	return a, a.want(http.StatusNoContent)
}
