package appspace

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"scimgate/connectors"
)

const (
	cooks       = `{"displayName":"Cooks","externalId":"c0"}`
	lookUpGroup = `GET /identity/scim/Groups?filter=displayName%20eq%20%22Cooks%22&excludedAttributes=members`
	makeGroup   = `POST /identity/scim/Groups {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Cooks","externalId":"c0"}`
	patchGroup  = `PATCH /identity/scim/Groups/G1?excludedAttributes=members {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`
)

func TestGroupsOnTheWire(t *testing.T) {
	known := connectors.Object{Kind: "Group", RemoteID: "G1", Attributes: object(t, cooks)}
	tests := []struct {
		name  string
		run   func(context.Context, connectors.Grouper) error
		steps []step
		want  outcome
	}{
		{"made", putting(connectors.Object{Kind: "Group", Attributes: object(t, cooks)}, "G1"), []step{
			{lookUpGroup, 200, nobody}, {makeGroup, 201, `{"id":"G1"}`},
		}, outcome{}},
		{"somebody else's", putting(connectors.Object{Kind: "Group", Attributes: object(t, cooks)}, ""), []step{
			{lookUpGroup, 200, `{"totalResults":1,"Resources":[{"id":"G1","displayName":"cooks","externalId":"else"}]}`},
		}, outcome{fault: connectors.Conflict}},
		{"renamed", putting(known, "G1"), []step{
			{patchGroup + `{"op":"replace","path":"displayName","value":"Cooks"},{"op":"replace","path":"externalId","value":"c0"}]}`, 204, ``},
		}, outcome{}},
		{"members", changing(known, connectors.Members{Add: []string{"U1", "U2"}, Remove: []string{`U"3`}}), []step{
			{patchGroup + `{"op":"remove","path":"members[value eq \"U\\\"3\"]"},{"op":"add","path":"members","value":[{"value":"U1"},{"value":"U2"}]}]}`, 204, ``},
		}, outcome{}},
		{"members of a group that is gone", changing(known, connectors.Members{Add: []string{"U1"}}), []step{
			{patchGroup + `{"op":"add","path":"members","value":[{"value":"U1"}]}]}`, 404, ``},
		}, outcome{fault: connectors.Unauthorized}},
		{"members, and nobody knows", changing(known, connectors.Members{Add: []string{"U1"}}), []step{
			{patchGroup + `{"op":"add","path":"members","value":[{"value":"U1"}]}]}`, 500, ``},
		}, outcome{fault: connectors.Transient, unknown: true}},
		{"removed", func(ctx context.Context, c connectors.Grouper) error { return c.Delete(ctx, known) }, []step{
			{`DELETE /identity/scim/Groups/G1`, 204, ``},
		}, outcome{}},
		{"listed", func(ctx context.Context, c connectors.Grouper) error {
			page, err := c.(connectors.GroupAuditor).ListGroups(ctx, "")
			if err == nil && (len(page.Held) != 1 || page.Held[0].RemoteID != "G1" || page.Held[0].UserName != "Cooks" || page.Held[0].Protected || page.Total != 1) {
				t.Errorf("%+v", page)
			}
			return err
		}, []step{
			{`GET /identity/scim/Groups?startIndex=1&count=100&excludedAttributes=members`, 200, `{"totalResults":1,"Resources":[{"id":"G1",` + cooks[1:] + `]}`},
		}, outcome{}},
		{"its members read", reading("U1", "U2"), []step{
			{`GET /identity/scim/Groups/G1`, 200, `{"id":"G1","members":[{"value":"U1"},{"value":"U2","display":"Ana"}]}`},
		}, outcome{}},
		{"no members", reading(), []step{{`GET /identity/scim/Groups/G1`, 200, `{"id":"G1","displayName":"Cooks"}`}}, outcome{}},
		{"members of another group", reading(), []step{{`GET /identity/scim/Groups/G1`, 200, `{"id":"G2"}`}}, outcome{fault: connectors.Protocol}},
		{"members of none", reading(), []step{{`GET /identity/scim/Groups/G1`, 404, ``}}, outcome{fault: connectors.Unauthorized}},
		{"compared", matching(known), []step{
			{`GET /identity/scim/Groups/G1?excludedAttributes=members`, 200, `{"id":"G1",` + cooks[1:]},
		}, outcome{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			judge(t, test.run(t.Context(), play(t, test.steps).(connectors.Grouper)), test.want)
		})
	}
}

func reading(want ...string) func(context.Context, connectors.Grouper) error {
	return func(ctx context.Context, c connectors.Grouper) error {
		ids, err := c.(connectors.GroupAuditor).MembersOf(ctx, "G1")
		if err == nil && !slices.Equal(ids, want) {
			return fmt.Errorf("read %q", ids)
		}
		return err
	}
}

func putting(o connectors.Object, remoteID string) func(context.Context, connectors.Grouper) error {
	return func(ctx context.Context, c connectors.Grouper) error {
		r, err := c.Put(ctx, o)
		if err == nil && r.RemoteID != remoteID {
			return &connectors.Error{Reason: "receipt for " + r.RemoteID}
		}
		return err
	}
}

func changing(o connectors.Object, m connectors.Members) func(context.Context, connectors.Grouper) error {
	return func(ctx context.Context, c connectors.Grouper) error { return c.Change(ctx, o, m) }
}

func matching(o connectors.Object) func(context.Context, connectors.Grouper) error {
	return func(ctx context.Context, c connectors.Grouper) error {
		same, err := c.Matches(ctx, o)
		if err == nil && !same {
			return &connectors.Error{Reason: "they differ"}
		}
		return err
	}
}
