package appspace

import (
	"context"
	"net/http"
	"slices"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// kind is how a kind of resource is spoken to: where it is, and by which
// attribute it is found.
type kind struct {
	endpoint, schema string
	name             string // attribute by which one is found
	brief            string // query under which one is read without what is of no use here
}

var (
	user  = kind{"/Users", scim.UserURN, "userName", ""}
	group = kind{"/Groups", scim.GroupURN, "displayName", "excludedAttributes=members"}
)

// kindOf returns the kind of an object.
func kindOf(o connectors.Object) kind {
	if o.Kind == "Group" {
		return group
	}
	return user
}

// maxID is how long an id of the account may be: it becomes part of a URL.
const maxID = 256

// found is what the account shows of one resource.
type found struct {
	id         string
	attributes *value.Object
}

// nameOf returns the name under which an object is sent.
func nameOf(o connectors.Object) (string, error) {
	k := kindOf(o)
	name, _ := o.Attributes.Get(k.name)
	if name.Kind() != value.String || name.Unassigned() {
		return "", &connectors.Error{Fault: connectors.Rejected, Reason: "there is no " + k.name + " to send it under"}
	}
	return name.Text(), nil
}

// namesOf are all names that an object may be there under.
func namesOf(o connectors.Object) []string {
	if name, err := nameOf(o); err == nil {
		return append(slices.Clone(o.Earlier), name)
	}
	return o.Earlier
}

// lookUp returns the resource of a name, nil if there is none.
func (a *account) lookUp(ctx context.Context, k kind, name string) (*found, error) {
	named := &filter.Compare{Path: filter.Path{Name: k.name}, Op: filter.Equal, Value: value.NewText(name)}
	r := request{method: http.MethodGet, path: k.endpoint, query: "filter=" + escapeQuery(filter.Print(named))}
	if k.brief != "" {
		r.query += "&" + k.brief
	}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	return r.oneNamed(k, name, got)
}

// oneNamed reads a ListResponse (RFC 7644 §3.4.2). Everything in it must bear the
// name asked for: a server that ignores the filter would otherwise hand us some
// other user.
func (r request) oneNamed(k kind, name string, got answer) (*found, error) {
	bears := func(held *value.Object) bool {
		v, _ := held.Get(k.name)
		return value.Fold(v.Text()) == value.Fold(name)
	}
	return r.oneWith(got, bears)
}

func (r request) oneWith(got answer, asked func(held *value.Object) bool) (*found, error) {
	total, counted := got.doc.Get("totalResults")
	list, listed := got.doc.Get("Resources")
	if !counted && !listed || listed && list.Kind() != value.Array && !list.IsNull() {
		return nil, r.garbled(got.status)
	}
	items := list.Items()
	if len(items) == 0 && total.Text() != "0" && counted {
		return nil, r.garbled(got.status)
	}
	for _, item := range items {
		if !asked(item.Object()) {
			return nil, &connectors.Error{
				Fault: connectors.Protocol, Status: got.status,
				Reason: "the account answered with what was not asked for",
			}
		}
	}
	return r.one(items, got.status)
}

func (r request) one(items []value.Value, status int) (*found, error) {
	if len(items) == 0 {
		return nil, nil //nolint:nilnil // nobody has the name
	}
	if len(items) > 1 {
		return nil, &connectors.Error{
			Fault: connectors.Conflict, Status: status, Reason: "the account has several of this name or externalId",
		}
	}
	id, ok := idOf(items[0].Object())
	if !ok {
		return nil, r.garbled(status)
	}
	return &found{id: id, attributes: items[0].Object()}, nil
}

// idOf returns a resource's id, if it is one that can be called again.
func idOf(o *value.Object) (string, bool) {
	v, _ := o.Get("id")
	id := v.Text()
	return id, v.Kind() == value.String && id != "" && len(id) <= maxID && id != "." && id != ".."
}

// get returns what the account holds under an id.
func (a *account) get(ctx context.Context, k kind, id string) (*value.Object, error) {
	r := request{method: http.MethodGet, path: k.endpoint + "/" + escape(id), query: k.brief}
	got, err := a.do(ctx, r)
	if err != nil {
		return nil, err
	}
	if held, ok := idOf(got.doc); !ok || held != id {
		return nil, r.garbled(got.status)
	}
	return got.doc, nil
}

// create makes a new resource and returns its id.
func (a *account) create(ctx context.Context, o connectors.Object) (string, error) {
	r := request{method: http.MethodPost, path: kindOf(o).endpoint, body: value.Append(nil, value.Of(document(o)))}
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
func document(o connectors.Object) *value.Object {
	schemas := []value.Value{value.NewText(kindOf(o).schema)}
	doc := value.NewObject(value.Member{Name: "schemas"})
	for _, m := range o.Attributes.Members {
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
