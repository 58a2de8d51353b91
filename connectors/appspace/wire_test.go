package appspace

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
)

const (
	pen      = `{"userName":"ana@example.com","externalId":"ana","active":true,"emails":[{"type":"work","value":"ana@example.com"}]}`
	lookUp   = `GET /identity/scim/Users?filter=userName%20eq%20%22ana%40example.com%22`
	nobody   = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`
	somebody = `{"totalResults":1,"Resources":[{"id":"U/7","userName":"Ana@example.com","externalId":%q}]}`
	create   = `POST /identity/scim/Users {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana@example.com","externalId":"ana","active":true,"emails":[{"type":"work","value":"ana@example.com"}]}`
	replaces = `{"op":"replace","path":"userName","value":"ana@example.com"},{"op":"replace","path":"externalId","value":"ana"},` +
		`{"op":"replace","path":"active","value":true},{"op":"replace","path":"emails[type eq \"work\"].value","value":"ana@example.com"}]}`
	patch      = `PATCH /identity/scim/Users/U%2F7 {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`
	suspend    = patch + `{"op":"replace","path":"active","value":false}]}`
	read       = `GET /identity/scim/Users/U%2F7`
	remove     = `DELETE /identity/scim/Users/U%2F7`
	noSuchPath = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"noTarget","detail":"canary"}`
)

// step is one exchange: what must be asked, and what the account answers.
type step struct {
	ask    string
	status int
	answer string
}

// account plays the steps in their order.
func play(t *testing.T, steps []step) connectors.Connector {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked := strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, body))
		if h := r.Header; h.Get("Authorization") != "Bearer t0ken" || h.Get("Accept") != mediaType || (h.Get("Content-Type") == mediaType) != (len(body) > 0) {
			t.Errorf("%s: headers %v", asked, r.Header)
		}
		if len(steps) == 0 {
			t.Errorf("asked once more: %s", asked)
			return
		}
		next := steps[0]
		steps = steps[1:]
		if probe := "GET " + r.URL.Path; asked != next.ask && (next.ask != "probe" || probe != "GET /identity/scim/Users") {
			t.Errorf("asked %s\nwant  %s", asked, next.ask)
		}
		w.WriteHeader(next.status)
		_, _ = io.WriteString(w, next.answer)
	}))
	t.Cleanup(func() {
		s.Close()
		if len(steps) > 0 {
			t.Errorf("never asked: %v", steps)
		}
	})
	c, err := Kind(json.RawMessage(`{"baseURL":"`+s.URL+`/identity/scim/","token":"t0ken"}`),
		connectors.NewClient(connectors.Guard{Loopback: true, Timeout: 5 * time.Second}))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// outcome is what a method must report: "" is success.
type outcome struct {
	fault             connectors.Fault
	unknown, creating bool
	remoteID          string
}

func TestPutOnTheWire(t *testing.T) {
	shown := func(externalID string) string { return fmt.Sprintf(somebody, externalID) }
	known := connectors.Object{RemoteID: "U/7"}
	tests := []struct {
		name  string
		o     connectors.Object
		steps []step
		want  outcome
	}{
		{"nobody is there", connectors.Object{}, []step{
			{lookUp, 200, nobody}, {create, 201, `{"id":"U1","userName":"x"}`},
		}, outcome{remoteID: "U1"}},
		{"an empty list without Resources", connectors.Object{}, []step{
			{lookUp, 200, `{"totalResults":0}`}, {create, 200, `{"id":"U1"}`},
		}, outcome{remoteID: "U1"}},
		{
			"created without an id",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 201, `{}`}},
			outcome{fault: connectors.Protocol, unknown: true, creating: true},
		},
		{
			"created without a body",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 204, ``}},
			outcome{fault: connectors.Protocol, unknown: true, creating: true},
		},
		{
			"created with a page",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 201, `<html>`}},
			outcome{fault: connectors.Protocol, unknown: true, creating: true},
		},
		{
			"created under an id that is a path",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 201, `{"id":".."}`}},
			outcome{fault: connectors.Protocol, unknown: true, creating: true},
		},
		{
			"the account failed to create",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 500, ``}},
			outcome{fault: connectors.Transient, unknown: true, creating: true},
		},
		{
			"the account refused",
			connectors.Object{},
			[]step{{lookUp, 200, nobody}, {create, 400, noSuchPath}},
			outcome{fault: connectors.Rejected},
		},
		{"somebody was faster, with our externalId", connectors.Object{}, []step{
			{lookUp, 200, nobody},
			{create, 409, ``},
			{lookUp, 200, `{"totalResults":1,"Resources":[{"id":"U/7",` + pen[1:] + `]}`},
			{patch + replaces, 200, `{"id":"U/7"}`},
		}, outcome{remoteID: "U/7"}},
		{"somebody was faster, not ours", connectors.Object{}, []step{
			{lookUp, 200, nobody}, {create, 409, ``}, {lookUp, 200, shown("ANA")},
		}, outcome{fault: connectors.Conflict}},
		{"taken and not shown", connectors.Object{}, []step{
			{lookUp, 200, nobody}, {create, 409, ``}, {lookUp, 200, nobody},
		}, outcome{fault: connectors.Conflict}},
		{"not ours", connectors.Object{}, []step{{lookUp, 200, shown("")}}, outcome{fault: connectors.Conflict}},
		{"several", connectors.Object{}, []step{
			{lookUp, 200, `{"totalResults":2,"Resources":[{"id":"1","userName":"ana@example.com"},{"id":"2","userName":"ANA@example.com"}]}`},
		}, outcome{fault: connectors.Conflict}},
		{"the filter is ignored", connectors.Object{}, []step{
			{lookUp, 200, `{"totalResults":1,"Resources":[{"id":"1","userName":"root@example.com","externalId":"ana"}]}`},
		}, outcome{fault: connectors.Protocol}},
		{"ours by doubt", connectors.Object{Doubt: true}, []step{{lookUp, 200, shown("")}, {patch + replaces, 204, ``}}, outcome{remoteID: "U/7"}},
		{"doubt and nobody", connectors.Object{Doubt: true}, []step{{lookUp, 200, nobody}, {create, 429, ``}}, outcome{fault: connectors.Throttled}},
		{"doubt and a pause", connectors.Object{Doubt: true}, []step{{lookUp, 429, ``}}, outcome{fault: connectors.Throttled}},

		{"known", known, []step{{patch + replaces, 200, `{"id":"U/7","active":true}`}}, outcome{remoteID: "U/7"}},
		{"known, answered without a body", known, []step{{patch + replaces, 200, ``}, {read, 200, `{"id":"U/7",` + pen[1:]}}, outcome{remoteID: "U/7"}},
		{"known, answered without an id", known, []step{{patch + replaces, 202, `{}`}, {read, 200, `{"id":"U/7",` + pen[1:]}}, outcome{remoteID: "U/7"}},
		{"known, not done", known, []step{{patch + replaces, 200, `{}`}, {read, 200, `{"id":"U/7","active":false}`}}, outcome{fault: connectors.Protocol, unknown: true}},
		{"known, another answered", known, []step{{patch + replaces, 200, `{"id":"U8"}`}}, outcome{fault: connectors.Protocol, unknown: true}},
		{"known, name taken", known, []step{{patch + replaces, 409, ``}}, outcome{fault: connectors.Conflict}},
		{"known and gone", known, []step{
			{patch + replaces, 404, ``}, {lookUp, 200, nobody}, {create, 201, `{"id":"U9"}`},
		}, outcome{remoteID: "U9"}},
		{"all is 404", known, []step{{patch + replaces, 404, ``}, {lookUp, 404, ``}}, outcome{fault: connectors.Unauthorized}},
		{"known, title gone", connectors.Object{RemoteID: "U/7", Sent: []string{"active", "title"}}, []step{
			{patch + `{"op":"remove","path":"title"},` + replaces, 200, `{"id":"U/7"}`},
		}, outcome{remoteID: "U/7"}},
		{"known, title gone long ago", connectors.Object{RemoteID: "U/7", Sent: []string{"nickName", "title"}}, []step{
			{patch + `{"op":"remove","path":"nickName"},{"op":"remove","path":"title"},` + replaces, 400, noSuchPath},
			{read, 200, `{"id":"U/7","nickName":"A"}`},
			{patch + `{"op":"remove","path":"nickName"},` + replaces, 204, ``},
		}, outcome{remoteID: "U/7"}},
		{"no target, nothing removed", known, []step{{patch + replaces, 400, noSuchPath}}, outcome{fault: connectors.Rejected}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := play(t, test.steps)
			test.o.Kind, test.o.Attributes = "User", object(t, pen)
			r, err := c.Put(t.Context(), test.o)
			judge(t, err, test.want)
			if r.RemoteID != test.want.remoteID || (len(r.Sent) == 4) != (err == nil) {
				t.Errorf("receipt %+v", r)
			}
		})
	}
}

func judge(t *testing.T, err error, want outcome) {
	t.Helper()
	if err == nil && want.fault == "" {
		return
	}
	var e *connectors.Error
	if !errors.As(err, &e) || e.Fault != want.fault || e.Unknown != want.unknown || e.Creating != want.creating {
		t.Errorf("got %v (%+v), want %+v", err, e, want)
	}
	if strings.Contains(fmt.Sprintf("%v %+v", err, e), "canary") {
		t.Errorf("the error quotes the account: %v", err)
	}
}

func TestLeavingOnTheWire(t *testing.T) {
	known := connectors.Object{Kind: "User", RemoteID: "U/7"}
	doubtful := connectors.Object{Kind: "User", Doubt: true, Earlier: []string{"ana@example.com"}}
	suspending := func(c connectors.Connector, o connectors.Object) error { return c.Suspend(t.Context(), o) }
	deleting := func(c connectors.Connector, o connectors.Object) error { return c.Delete(t.Context(), o) }
	tests := []struct {
		name  string
		leave func(connectors.Connector, connectors.Object) error
		o     connectors.Object
		steps []step
		want  outcome
	}{
		{"suspend", suspending, known, []step{{suspend, 200, `{"id":"U/7","active":false}`}}, outcome{}},
		{"suspend, shown by reading", suspending, known, []step{{suspend, 200, ``}, {read, 200, `{"id":"U/7","active":"False"}`}}, outcome{}},
		{"suspend, not done", suspending, known, []step{{suspend, 200, ``}, {read, 200, `{"id":"U/7"}`}}, outcome{fault: connectors.Protocol, unknown: true}},
		{"suspend, gone", suspending, known, []step{{suspend, 404, ``}, {"probe", 200, nobody}}, outcome{}},
		{"suspend, all is 404", suspending, known, []step{{suspend, 404, ``}, {"probe", 404, ``}}, outcome{fault: connectors.Unauthorized}},
		{"suspend in doubt", suspending, doubtful, []step{{lookUp, 200, nobody}}, outcome{}},
		{"delete", deleting, known, []step{{remove, 204, ``}}, outcome{}},
		{"delete, answered", deleting, known, []step{{remove, 200, `{}`}}, outcome{}},
		{"delete, answered with a page", deleting, known, []step{{remove, 200, `<html>`}}, outcome{fault: connectors.Protocol, unknown: true}},
		{"delete, gone", deleting, known, []step{{remove, 404, ``}, {"probe", 200, nobody}}, outcome{}},
		{"delete, all is 404", deleting, known, []step{{remove, 404, ``}, {"probe", 404, ``}}, outcome{fault: connectors.Unauthorized}},
		{"delete, not supported", deleting, known, []step{{remove, 405, ``}}, outcome{fault: connectors.Rejected}},
		{"delete in doubt", deleting, doubtful, []step{{lookUp, 200, fmt.Sprintf(somebody, "")}, {remove, 204, ``}}, outcome{}},
		{"delete in doubt, paused", deleting, doubtful, []step{{lookUp, 503, ``}}, outcome{fault: connectors.Throttled}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { judge(t, test.leave(play(t, test.steps), test.o), test.want) })
	}
}

// What the guard refuses is one error for all; under -race this shows that
// nobody writes to it.
func TestRefusalsAreShared(t *testing.T) {
	c, err := Kind(json.RawMessage(`{"baseURL":"https://evil.test/identity/scim","token":"t0ken"}`), connectors.NewClient(connectors.Guard{}))
	if err != nil {
		t.Fatal(err)
	}
	var calls sync.WaitGroup
	for range 8 {
		calls.Go(func() {
			_, err := c.Put(t.Context(), connectors.Object{Kind: "User", Attributes: object(t, pen)})
			judge(t, err, outcome{fault: connectors.Transient})
		})
	}
	calls.Wait()
}

func TestOnlyWhatHasANameIsSent(t *testing.T) {
	for _, o := range []connectors.Object{
		{Kind: "Group", Attributes: object(t, `{"externalId":"Cooks"}`)},
		{Kind: "User", Attributes: object(t, `{"userName":""}`)},
		{Kind: "User", Attributes: object(t, `{"userName":7}`)},
	} {
		_, err := play(t, nil).Put(t.Context(), o)
		judge(t, err, outcome{fault: connectors.Rejected})
	}
}
