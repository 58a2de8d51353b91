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

// patchOp is the schema of a PATCH body (RFC 7644 §3.5.2).
const patchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// operation is one of a PATCH. A null value is left out, and means remove.
type operation struct {
	path  string
	value value.Value
}

func (op operation) removes() bool { return op.value.IsNull() }

// suspension is the PATCH that suspends a user.
var suspension = []operation{{"active", value.Truth(false)}}

// update makes the user with the object's RemoteID equal to it.
func (a *account) update(ctx context.Context, o connectors.Object) error {
	ops := operations(o)
	holds := func(held *value.Object) bool { return covers(o, held) }
	got, err := a.patch(ctx, kindOf(o), o.RemoteID, ops, holds)
	if got.errorType != scim.NoTarget || !slices.ContainsFunc(ops, operation.removes) {
		return err
	}
	// What was to be removed is gone already, by somebody else's hand or by an
	// earlier request of ours; RFC 7644 §3.5.2.2 allows to refuse that.
	held, err := a.get(ctx, kindOf(o), o.RemoteID)
	if err != nil {
		return err
	}
	ops = slices.DeleteFunc(ops, func(op operation) bool { return op.removes() && !has(held, op.path) })
	_, err = a.patch(ctx, kindOf(o), o.RemoteID, ops, holds)
	return err
}

// patch sends one PATCH. An answer that does not show the user (RFC 7644 §3.5.2
// lets a server choose) is believed if the user then read holds what was sent.
func (a *account) patch(ctx context.Context, k kind, id string, ops []operation, holds func(*value.Object) bool) (answer, error) {
	r := request{method: http.MethodPatch, path: k.endpoint + "/" + escape(id), query: k.brief, body: patchBody(ops)}
	got, err := a.do(ctx, r)
	if err != nil || got.status == http.StatusNoContent {
		return got, err
	}
	if _, shown := got.doc.Get("id"); shown {
		if shown, _ := idOf(got.doc); shown != id {
			return got, r.garbled(got.status)
		}
		return got, nil
	}
	held, err := a.get(ctx, k, id)
	if err == nil && !holds(held) {
		return got, r.garbled(got.status)
	}
	return got, err
}

func patchBody(ops []operation) []byte {
	items := make([]value.Value, len(ops))
	for i, op := range ops {
		items[i] = op.document()
	}
	return patchMessage(items)
}

// patchMessage is the body of a PATCH (RFC 7644 §3.5.2).
func patchMessage(operations []value.Value) []byte {
	return value.Append(nil, value.Of(value.NewObject(
		value.Member{Name: "schemas", Value: value.List(value.NewText(patchOp))},
		value.Member{Name: "Operations", Value: value.List(operations...)},
	)))
}

func (op operation) document() value.Value {
	if op.removes() {
		return patchOperation("remove", op.path, op.value)
	}
	return patchOperation("replace", op.path, op.value)
}

// patchOperation is one operation; one without a value has null.
func patchOperation(verb, path string, v value.Value) value.Value {
	doc := value.NewObject(
		value.Member{Name: "op", Value: value.NewText(verb)},
		value.Member{Name: "path", Value: value.NewText(path)},
	)
	if !v.IsNull() {
		doc.Set("value", v)
	}
	return value.Of(doc)
}

// operations are the whole desired state: what has no place in it any more is
// removed, and every leaf is replaced.
func operations(o connectors.Object) []operation {
	ops := removals(o)
	for _, m := range membersOf(o.Attributes) {
		if wasWhole(o, m) {
			ops = append(ops, operation{m.Name, m.Value})
			continue
		}
		for _, l := range leavesIn(m) {
			ops = append(ops, operation{l.path, l.value})
		}
	}
	return ops
}

// removals remove what earlier deliveries sent and the projection no longer has:
// a whole element where nothing of it is left.
func removals(o connectors.Object) []operation {
	var ops []operation
	left := remaining(o)
	for _, path := range o.Sent {
		root, element := split(path)
		if left[value.Fold(path)] || left[value.Fold(root)] {
			continue
		}
		if left[value.Fold(element)] {
			element = path
		}
		if op := (operation{path: element}); !slices.ContainsFunc(ops, op.same) {
			ops = append(ops, op)
		}
	}
	return ops
}

func (op operation) same(other operation) bool { return op.path == other.path }

// remaining are the folded paths that still have a place: the leaves, the
// elements that hold some, and the attributes that are replaced as a whole.
func remaining(o connectors.Object) map[string]bool {
	all := map[string]bool{}
	for _, m := range membersOf(o.Attributes) {
		all[value.Fold(m.Name)] = wasWhole(o, m)
		for _, l := range leavesIn(m) {
			all[value.Fold(l.path)] = true
			all[value.Fold(l.element)] = l.element != ""
		}
	}
	return all
}

// wasWhole reports whether an attribute was sent as a whole before. It is then
// replaced as a whole once more: what it held besides must go.
func wasWhole(o connectors.Object, m value.Member) bool {
	return slices.ContainsFunc(o.Sent, func(path string) bool { return value.SameName(path, m.Name) })
}

// split returns the attribute that a path begins with, and the element of it that
// the path leads into; both are the path where it leads into none.
func split(path string) (root, element string) {
	p, err := filter.ParsePath(path)
	if err != nil || p.Filter == nil {
		return path, path
	}
	p.Sub = ""
	element = p.String()
	p.Filter = nil
	return p.String(), element
}
