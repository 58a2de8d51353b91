package appspace

import (
	"context"
	"net/http"

	"scimgate/connectors"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// Change implements connectors.Grouper as Entra does it: members are added as a
// list and removed one by one, each named by a value filter, so that no reading of
// an odd value can empty the group.
func (a *account) Change(ctx context.Context, o connectors.Object, m connectors.Members) error {
	ops := make([]value.Value, 0, len(m.Remove)+1)
	for _, id := range m.Remove {
		ops = append(ops, patchOperation("remove", memberPath(id), value.Value{}))
	}
	if len(m.Add) > 0 {
		ops = append(ops, patchOperation("add", "members", memberList(m.Add)))
	}
	r := request{
		method: http.MethodPatch, path: group.endpoint + "/" + escape(o.RemoteID), query: group.brief,
		body: patchMessage(ops),
	}
	_, err := a.do(ctx, r)
	return err
}

// memberPath addresses one member: members[value eq "2819c223"].
func memberPath(id string) string {
	is := &filter.Compare{Path: filter.Path{Name: "value"}, Op: filter.Equal, Value: value.NewText(id)}
	return filter.Path{Name: "members", Filter: is}.String()
}

func memberList(ids []string) value.Value {
	items := make([]value.Value, len(ids))
	for i, id := range ids {
		items[i] = value.Of(value.NewObject(value.Member{Name: "value", Value: value.NewText(id)}))
	}
	return value.List(items...)
}
