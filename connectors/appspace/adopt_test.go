package appspace

import (
	"encoding/json"
	"testing"

	"scimgate/connectors"
	"scimgate/tenant"
)

const (
	byExternal = `GET /identity/scim/Users?filter=externalId%20eq%20%22ana%22`
	stranger   = `{"id":"U/7","userName":"ana@example.com","emails":[{"type":"work","value":"other@example.com"}]}`
	namesake   = `{"id":"U/7","userName":"a.example@example.com","externalId":"ana"}`
	boss       = `{"id":"U/7","userName":"ana@example.com","externalId":"ana","roles":[{"value":"Account Administrator"}]}`
	// adopts is the first push to a user of another hand: no address, and the name
	// only where it is the same.
	adopts   = patch + `{"op":"replace","path":"userName","value":"ana@example.com"},` + unnamed
	nameless = patch + unnamed
	unnamed  = `{"op":"replace","path":"externalId","value":"ana"},{"op":"replace","path":"active","value":true}]}`
)

func listed(user string) string { return `{"totalResults":1,"Resources":[` + user + `]}` }

func TestAdoptionOnTheWire(t *testing.T) {
	chosen := connectors.Object{RemoteID: "U/7", Adopting: true}
	byName, byID := connectors.Object{Adopt: tenant.AdoptUserName}, connectors.Object{Adopt: tenant.AdoptExternalID}
	tests := []struct {
		name  string
		o     connectors.Object
		steps []step
		want  outcome
	}{
		{"nobody is asked", connectors.Object{Adopt: tenant.AdoptAsk}, []step{{lookUp, 200, listed(stranger)}}, outcome{fault: connectors.Conflict}},
		{"by name", byName, []step{{lookUp, 200, listed(stranger)}, {adopts, 200, `{"id":"U/7"}`}}, outcome{remoteID: "U/7"}},
		{"by name, nobody", byName, []step{{lookUp, 200, nobody}, {create, 201, `{"id":"U1"}`}}, outcome{remoteID: "U1"}},
		{"by name, somebody was faster", byName, []step{
			{lookUp, 200, nobody}, {create, 409, ``}, {lookUp, 200, listed(stranger)}, {adopts, 200, `{"id":"U/7"}`},
		}, outcome{remoteID: "U/7"}},
		{"by externalId", byID, []step{{lookUp, 200, nobody}, {byExternal, 200, listed(namesake)}, {nameless, 200, `{"id":"U/7"}`}}, outcome{remoteID: "U/7"}},
		{"by externalId, the name is another's", byID, []step{{lookUp, 200, listed(stranger)}}, outcome{fault: connectors.Conflict}},
		{"by externalId, nobody", byID, []step{{lookUp, 200, nobody}, {byExternal, 200, nobody}, {create, 201, `{"id":"U1"}`}}, outcome{remoteID: "U1"}},
		{"by externalId, the filter is ignored", byID, []step{{lookUp, 200, nobody}, {byExternal, 200, listed(stranger)}}, outcome{fault: connectors.Protocol}},
		{"by externalId, two have it", byID, []step{
			{lookUp, 200, nobody}, {byExternal, 200, `{"totalResults":2,"Resources":[` + namesake + `,` + namesake + `]}`},
		}, outcome{fault: connectors.Conflict}},
		{"chosen", chosen, []step{{read, 200, stranger}, {adopts, 200, `{"id":"U/7"}`}}, outcome{remoteID: "U/7"}},
		{"chosen, and gone", chosen, []step{{read, 404, ``}, {"probe", 200, nobody}}, outcome{fault: connectors.Conflict}},
		{"chosen, and all is 404", chosen, []step{{read, 404, ``}, {"probe", 404, ``}}, outcome{fault: connectors.Unauthorized}},
		{"chosen, in doubt", connectors.Object{RemoteID: "U/7", Adopting: true, Doubt: true}, []step{{read, 200, boss}}, outcome{fault: connectors.Conflict}},

		{"an administrator is chosen", chosen, []step{{read, 200, boss}}, outcome{fault: connectors.Conflict}},
		{"an administrator by name", byName, []step{{lookUp, 200, listed(boss)}}, outcome{fault: connectors.Conflict}},
		{"an administrator with our externalId", connectors.Object{}, []step{{lookUp, 200, listed(boss)}}, outcome{fault: connectors.Conflict}},
		{"an administrator by externalId", byID, []step{
			{lookUp, 200, nobody}, {byExternal, 200, listed(`{"id":"U/7","userName":"boss@example.com","externalId":"ana","roles":["ADMIN"]}`)},
		}, outcome{fault: connectors.Conflict}},
		{"an administrator in doubt", connectors.Object{Doubt: true}, []step{{lookUp, 200, listed(boss)}}, outcome{fault: connectors.Conflict}},
		{"an administrator who was faster", byName, []step{
			{lookUp, 200, nobody}, {create, 409, ``}, {lookUp, 200, listed(boss)},
		}, outcome{fault: connectors.Conflict}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := play(t, test.steps)
			test.o.Kind, test.o.Attributes = "User", object(t, pen)
			r, err := c.Put(t.Context(), test.o)
			judge(t, err, test.want)
			if r.RemoteID != test.want.remoteID {
				t.Errorf("receipt %+v", r)
			}
			if held := object(t, stranger); r.RemoteID == "U/7" && len(c.(connectors.Auditor).Differs(known(test.o, r), held)) == 0 {
				t.Error("an audit does not show which identifiers were left")
			}
		})
	}
}

func known(o connectors.Object, r connectors.Receipt) connectors.Object {
	o.RemoteID, o.Sent = r.RemoteID, r.Sent
	return o
}

// Who leaves before the adoption was told of takes no administrator along.
func TestAdministratorsAreNotMadeToLeave(t *testing.T) {
	chosen := connectors.Object{Kind: "User", RemoteID: "U/7", Adopting: true}
	doubtful := connectors.Object{Kind: "User", Doubt: true, Earlier: []string{"ana@example.com"}}
	for name, test := range map[string]struct {
		o     connectors.Object
		steps []step
		want  outcome
	}{
		"chosen":          {chosen, []step{{read, 200, boss}}, outcome{fault: connectors.Conflict}},
		"chosen and gone": {chosen, []step{{read, 404, ``}, {"probe", 200, nobody}}, outcome{}},
		"in doubt":        {doubtful, []step{{lookUp, 200, listed(boss)}}, outcome{fault: connectors.Conflict}},
	} {
		t.Run(name, func(t *testing.T) {
			judge(t, play(t, test.steps).Suspend(t.Context(), test.o), test.want)
			judge(t, play(t, test.steps).Delete(t.Context(), test.o), test.want)
		})
	}
	judge(t, play(t, []step{{read, 200, stranger}, {suspend, 200, `{"id":"U/7","active":false}`}}).Suspend(t.Context(), chosen), outcome{})
	judge(t, play(t, []step{{read, 200, stranger}, {remove, 204, ``}}).Delete(t.Context(), chosen), outcome{})
}

// The settings name who else is protected, by name or address.
func TestProtectedBySettings(t *testing.T) {
	s, err := readSettings(json.RawMessage(`{"baseURL":"https://a.test","token":"t","protected":["Boss@Example.com"]}`))
	if err != nil {
		t.Fatal(err)
	}
	a := &account{protected: s.Protected}
	for text, want := range map[string]bool{
		`{"userName":"boss@example.com"}`:                          true,
		`{"userName":"b","emails":[{"value":"BOSS@example.com"}]}`: true,
		`{"userName":"b","roles":[{"value":"Publisher"}]}`:         false,
		`{"userName":"b","roles":{"display":"Admin"}}`:             true,
		`{"userName":"b","roles":"Platform Admins"}`:               true,
		`{"userName":"b","roles":[7,null,{"value":7}]}`:            false,
		`{}`: false,
	} {
		if got := a.guards(object(t, text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// Until the client changes an adopted user, its identifiers are the account's own.
func TestMatchesLeavesUnsentIdentifiers(t *testing.T) {
	o := connectors.Object{Kind: "User", RemoteID: "U/7", Attributes: object(t, pen), Sent: []string{"active", "externalId", "userName"}}
	held := `{"id":"U/7","userName":"ana@example.com","externalId":"ana","active":true,"emails":[{"type":"work","value":"other@example.com"}]}`
	matches := func(want bool) {
		t.Helper()
		same, err := play(t, []step{{read, 200, held}}).Matches(t.Context(), o)
		if same != want || err != nil {
			t.Errorf("%v, %v", same, err)
		}
	}
	matches(true)
	o.Sent = append(o.Sent, `emails[type eq "work"].value`)
	matches(false)
	o.Sent = nil
	matches(false)
}
