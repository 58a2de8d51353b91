package entra

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"scimgate/scim/value"
)

// cleanTime bounds the removal of what one row made, and of what is left at the
// end: it goes on when the drill was interrupted, but not for ever.
const cleanTime = time.Minute

// made is one resource that the drill made, or may have made.
type made struct {
	endpoint string // "/Users"
	id       string // "": it is not known whether there is one
	name     string // its userName or displayName
}

func (m made) String() string {
	if m.id == "" {
		return m.endpoint + ` named "` + m.name + `", if there is one`
	}
	return m.endpoint + "/" + m.id
}

// attribute is the name of m's name.
func (m made) attribute() string {
	if m.endpoint == "/Groups" {
		return "displayName"
	}
	return "userName"
}

// cleanUp removes what the row made, the newest first, so that no group loses its
// members before it goes. It does not end with ctx.
func (t *trial) cleanUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	for _, m := range slices.Backward(t.made) {
		if !t.removed(ctx, m) {
			t.left = append(t.left, m)
		}
	}
}

// sweep tries once more to remove what is left.
func (d *drill) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	for _, m := range d.left {
		if !d.removed(ctx, m) {
			d.Left = append(d.Left, m.String())
		}
	}
}

// removed removes m and reports whether it is gone.
func (d *drill) removed(ctx context.Context, m made) bool {
	if m.id != "" {
		return d.delete(ctx, m)
	}
	found, ok := d.named(ctx, m)
	for _, id := range found {
		ok = d.delete(ctx, made{endpoint: m.endpoint, id: id}) && ok
	}
	return ok
}

func (d *drill) delete(ctx context.Context, m made) bool {
	a := d.ask(ctx, http.MethodDelete, m.endpoint+"/"+m.id, nil)
	return a != nil && (a.status/100 == 2 || a.status == http.StatusNotFound)
}

// ask sends a request of the cleaning; nil is no answer.
func (d *drill) ask(ctx context.Context, method, path string, query url.Values) *answer {
	d.Requests++
	a, _ := d.client.send(ctx, method, path, query, nil)
	if a != nil {
		d.Waits += a.waits
	}
	return a
}

// named looks for a resource of whose creation we had no clear answer. Only what
// has its very name is ours: a filter may not be looked at.
func (d *drill) named(ctx context.Context, m made) (ids []string, ok bool) {
	filter := m.attribute() + " eq " + string(value.Append(nil, value.NewText(m.name)))
	a := d.ask(ctx, http.MethodGet, m.endpoint, url.Values{"filter": {filter}})
	if a == nil || a.status != http.StatusOK {
		return nil, a != nil && a.status == http.StatusNotFound // there is no such endpoint
	}
	resources, _ := a.resource.Get("Resources")
	for _, r := range resources.Items() {
		if strings.EqualFold(top(m.attribute())(r.Object()), m.name) && top("id")(r.Object()) != "" {
			ids = append(ids, top("id")(r.Object()))
		}
	}
	return ids, true
}
