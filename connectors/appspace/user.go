package appspace

import (
	"context"
	"net/http"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// users is the endpoint of the only kind that this connector sends so far.
const users = "/Users"

// maxID is how long an id of the account may be: it becomes part of a URL.
const maxID = 256

// user is what the account shows of one.
type user struct {
	id         string
	attributes *value.Object
}

// nameOf returns the userName under which an object is sent.
func nameOf(o connectors.Object) (string, error) {
	if o.Kind != "User" {
		return "", &connectors.Error{Fault: connectors.Rejected, Reason: "an Appspace account is sent users only"}
	}
	name, _ := o.Attributes.Get("userName")
	if name.Kind() != value.String || name.Unassigned() {
		return "", &connectors.Error{Fault: connectors.Rejected, Reason: "the user has no userName to be sent under"}
	}
	return name.Text(), nil
}

// lookUp returns the user of a name, nil if there is none.
func (a *account) lookUp(ctx context.Context, name string) (*user, error) {
	named := &filter.Compare{Path: filter.Path{Name: "userName"}, Op: filter.Equal, Value: value.NewText(name)}
	r := request{method: http.MethodGet, path: users, query: "filter=" + escapeQuery(filter.Print(named))}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	return r.oneNamed(name, got)
}

// oneNamed reads a ListResponse (RFC 7644 §3.4.2). Everything in it must bear the
// name asked for: a server that ignores the filter would otherwise hand us some
// other user.
func (r request) oneNamed(name string, got answer) (*user, error) {
	bears := func(held *value.Object) bool {
		v, _ := held.Get("userName")
		return value.Fold(v.Text()) == value.Fold(name)
	}
	return r.oneWith(got, bears)
}

func (r request) oneWith(got answer, asked func(held *value.Object) bool) (*user, error) {
	total, counted := got.doc.Get("totalResults")
	list, listed := got.doc.Get("Resources")
	if !counted && !listed || listed && list.Kind() != value.Array && !list.IsNull() {
		return nil, r.garbled(got.status)
	}
	found := list.Items()
	if len(found) == 0 && total.Text() != "0" && counted {
		return nil, r.garbled(got.status)
	}
	for _, item := range found {
		if !asked(item.Object()) {
			return nil, &connectors.Error{
				Fault: connectors.Protocol, Status: got.status,
				Reason: "the account answered with users that were not asked for",
			}
		}
	}
	return r.one(found, got.status)
}

func (r request) one(found []value.Value, status int) (*user, error) {
	if len(found) == 0 {
		return nil, nil //nolint:nilnil // nobody has the name
	}
	if len(found) > 1 {
		return nil, &connectors.Error{
			Fault: connectors.Conflict, Status: status, Reason: "the account has several users of this name or externalId",
		}
	}
	id, ok := idOf(found[0].Object())
	if !ok {
		return nil, r.garbled(status)
	}
	return &user{id: id, attributes: found[0].Object()}, nil
}

// idOf returns a resource's id, if it is one that can be called again.
func idOf(o *value.Object) (string, bool) {
	v, _ := o.Get("id")
	id := v.Text()
	return id, v.Kind() == value.String && id != "" && len(id) <= maxID && id != "." && id != ".."
}

// get returns what the account holds under an id.
func (a *account) get(ctx context.Context, id string) (*value.Object, error) {
	r := request{method: http.MethodGet, path: users + "/" + escape(id)}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if held, ok := idOf(got.doc); !ok || held != id {
		return nil, r.garbled(got.status)
	}
	return got.doc, nil
}

// create makes a new user and returns its id.
func (a *account) create(ctx context.Context, o connectors.Object) (string, error) {
	r := request{method: http.MethodPost, path: users, body: value.Append(nil, value.Of(document(o.Attributes)))}
	got, err := a.do(ctx, r)
	if err != nil {
		return "", err
	}
	id, ok := idOf(got.doc)
	if !ok {
		return "", r.garbled(got.status)
	}
	return id, nil
}

// document is the body of a POST: the projection, and the schemas that it uses.
func document(projection *value.Object) *value.Object {
	schemas := []value.Value{value.NewText(scim.UserURN)}
	doc := value.NewObject(value.Member{Name: "schemas"})
	for _, m := range projection.Members {
		if unsent(m) {
			continue
		}
		if isExtension(m) {
			schemas = append(schemas, value.NewText(m.Name))
		}
		doc.Members = append(doc.Members, m)
	}
	doc.Members[0].Value = value.List(schemas...)
	return doc
}
