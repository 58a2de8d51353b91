package appspace

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/value"
)

// probe is one thing to find out: what is asked, and how the answer is read.
type probe struct {
	what string
	ask  request
	read func(answer) (works bool, told string)
}

// probes are what is not documented of Appspace (design section 7). Whoever is asked
// about is nobody: the id is random, and no body is a whole user, so that nothing
// can come into being.
func probes() []probe {
	nobody := uuid.NewString()
	users, groups := user.endpoint, group.endpoint
	filter := func(endpoint, attribute string) request {
		return request{method: http.MethodGet, path: endpoint, query: "filter=" + escapeQuery(attribute+` eq "`+nobody+`"`)}
	}
	of := func(path string) request { return request{method: http.MethodGet, path: path} }
	return []probe{
		{"filter by userName", filter(users, "userName"), isEmptyList},
		{"filter by externalId", filter(users, "externalId"), isEmptyList},
		{"filter by e-mail", filter(users, "emails.value"), isEmptyList},
		{"groups", filter(groups, "displayName"), isEmptyList},
		{"pages", request{method: http.MethodGet, path: users, query: "startIndex=1&count=1"}, isPage},
		{"ServiceProviderConfig", of("/ServiceProviderConfig"), features},
		{"ResourceTypes", of("/ResourceTypes"), names("name")},
		{"Schemas", of("/Schemas"), schemas},
		{"PATCH", request{method: http.MethodPatch, path: users + "/" + nobody, body: []byte(`{"schemas":["` + patchOp + `"],"Operations":[]}`)}, isRefused},
		{"PUT", request{method: http.MethodPut, path: users + "/" + nobody, body: []byte(`{"schemas":["` + scim.UserURN + `"]}`)}, isRefused},
	}
}

// Probe implements connectors.Prober.
func (a *account) Probe(ctx context.Context) ([]connectors.Finding, error) {
	if err := a.Check(ctx); err != nil {
		return nil, err
	}
	var found []connectors.Finding
	for _, p := range probes() {
		got, err := a.do(ctx, p.ask)
		var e *connectors.Error
		if errors.As(err, &e) {
			got.status = e.Status
		}
		f := connectors.Finding{What: p.what, Status: got.status}
		if got.doc == nil {
			got.doc = value.NewObject()
		}
		if got.status != 0 {
			f.Works, f.Told = p.read(got)
		}
		found = append(found, f)
	}
	return found, nil
}

func isEmptyList(a answer) (bool, string) {
	total, ok := a.doc.Get("totalResults")
	return a.status == http.StatusOK && ok && total.Kind() == value.Number && string(value.Append(nil, total)) == "0", ""
}

func isPage(a answer) (bool, string) {
	items, _ := a.doc.Get("Resources")
	return a.status == http.StatusOK && len(items.Items()) <= 1, ""
}

// isRefused reports whether a method is known: nobody was found, or the body was
// looked at.
func isRefused(a answer) (bool, string) {
	return a.status == http.StatusNotFound || a.status == http.StatusBadRequest, ""
}

// features are what a target says that it supports.
func features(a answer) (bool, string) {
	var all []string
	for _, name := range []string{"patch", "bulk", "filter", "sort", "etag", "changePassword"} {
		feature, _ := a.doc.Get(name)
		if supported, ok := feature.Object().Get("supported"); ok && string(value.Append(nil, supported)) == "true" {
			all = append(all, name)
		}
	}
	return a.status == http.StatusOK, strings.Join(all, ", ")
}

// names reads an attribute of each resource of a list, of no more than ten.
func names(attribute string) func(answer) (bool, string) {
	return func(a answer) (bool, string) {
		items, _ := a.doc.Get("Resources")
		var all []string
		for _, item := range items.Items()[:min(len(items.Items()), 10)] {
			if name, ok := item.Object().Get(attribute); ok && len(name.Text()) <= 100 {
				all = append(all, name.Text())
			}
		}
		return a.status == http.StatusOK && len(all) > 0, strings.Join(all, ", ")
	}
}

// schemas tells whether Appspace's extension is among the target's schemas.
func schemas(a answer) (bool, string) {
	works, told := names("id")(a)
	if works && slices.Contains(strings.Split(told, ", "), scim.AppspaceUserURN) {
		return true, "with Appspace's extension"
	}
	return works, ""
}
