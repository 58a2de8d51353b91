package webhook_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/connectors/webhook"
)

const (
	create     = prefix + "create:full"
	put        = prefix + "put:full"
	activate   = prefix + "activate"
	deactivate = prefix + "deactivate"
	gone       = prefix + "delete"
	cook       = `{"userName":"ana@example.com","externalId":"ana","nickName":"","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"00701","department":"Kitchen"}}`
	whole      = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"id":"2819c223","userName":"ana@example.com","externalId":"ana","active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"00701","department":"Kitchen"}}`
)

func known(o connectors.Object) connectors.Object {
	o.RemoteID = o.ID
	return o
}

func left(o connectors.Object) connectors.Object {
	o.Attributes = nil
	return known(o)
}

// What is told of each state, and by which events.
func TestEvents(t *testing.T) {
	puts := func(c connectors.Connector, o connectors.Object) error { _, err := c.Put(t.Context(), o); return err }
	suspends := func(c connectors.Connector, o connectors.Object) error { return c.Suspend(t.Context(), o) }
	deletes := func(c connectors.Connector, o connectors.Object) error { return c.Delete(t.Context(), o) }
	fired := strings.Replace(cook, "true", "false", 1)
	other := ana(7, cook)
	other.RemoteID = "somebody who was of that name"
	tests := []struct {
		name   string
		tell   func(connectors.Connector, connectors.Object) error
		object connectors.Object
		events string
		data   string
		known  bool // externalId
	}{
		{"new", puts, ana(7, cook), "create:full activate", whole, true},
		{"new, in another's place", puts, other, "create:full activate", whole, true},
		{"known", puts, known(ana(7, cook)), "put:full activate", whole, true},
		{"disabled", puts, known(ana(7, fired)), "put:full deactivate", strings.Replace(whole, "true", "false", 1), true},
		{"suspended", suspends, left(ana(7, cook)), "deactivate", "", false},
		{"deleted", deletes, left(ana(7, cook)), "delete", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver()
			hook, end := open(r, edwards())
			defer end()
			if err := test.tell(hook, test.object); err != nil {
				t.Fatal(err)
			}
			told := r.seen[0]
			for name, e := range told.Events {
				if want := `W/"7"`; name != gone && e.Version != want || name == gone && e.Version != "" {
					t.Errorf("%s: version %s", name, e.Version)
				}
			}
			if got := eventsOf(told); got != test.events {
				t.Errorf("events %s, want %s", got, test.events)
			}
			if got := string(told.Events[create].Data) + string(told.Events[put].Data); got != test.data {
				t.Errorf("data %s\nwant %s", got, test.data)
			}
			if s := told.Subject; s.URI != "/Users/2819c223" || (s.ExternalID == "ana") != test.known {
				t.Errorf("subject %+v", s)
			}
			if d := time.Since(time.Unix(told.Issued, 0)); d < -time.Second || d > time.Minute {
				t.Errorf("issued %v ago", d)
			}
		})
	}
}

func eventsOf(told set) string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(told.Events)) {
		names = append(names, strings.TrimPrefix(name, prefix))
	}
	slices.SortFunc(names, func(a, b string) int { return strings.Count(b, ":") - strings.Count(a, ":") })
	return strings.Join(names, " ")
}

// The same state has the same jti, and no other state has it.
func TestIdentity(t *testing.T) {
	base := known(ana(7, cook))
	edited := func(edit func(*connectors.Object)) connectors.Object {
		o := base
		edit(&o)
		return o
	}
	r := newReceiver()
	hook, end := open(r, edwards())
	defer end()
	objects := []connectors.Object{
		base, base,
		edited(func(o *connectors.Object) { o.Version = 8 }),
		edited(func(o *connectors.Object) { o.RulesRev = 2 }),
		edited(func(o *connectors.Object) { o.ID, o.RemoteID = "other", "other" }),
		edited(func(o *connectors.Object) { o.RemoteID = "" }),
	}
	for _, o := range objects {
		if _, err := hook.Put(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for _, leave := range []error{hook.Suspend(t.Context(), base), hook.Delete(t.Context(), base)} {
		if leave != nil {
			t.Fatal(leave)
		}
	}
	ids, transactions := map[string]bool{}, map[string]bool{}
	for _, told := range r.seen {
		ids[told.ID], transactions[told.Transaction] = true, true
	}
	if len(ids) != len(r.seen)-1 || r.seen[0].ID != r.seen[1].ID {
		t.Errorf("%d ids for %d SETs, two of them the same", len(ids), len(r.seen))
	}
	if len(transactions) != 3 {
		t.Errorf("%d transactions, want one for each version of each resource", len(transactions))
	}
}

// Another audience of the same issuer hears of the same transaction by another id.
func TestIdentityOfAudiences(t *testing.T) {
	var told []set
	for _, audience := range []string{"https://a.example.com", "https://b.example.com"} {
		r := newReceiver()
		r.audience = audience
		hook, end := open(r, edwards())
		defer end()
		if _, err := hook.Put(t.Context(), ana(7, cook)); err != nil {
			t.Fatal(err)
		}
		told = append(told, r.seen...)
	}
	if told[0].ID == told[1].ID || told[0].Transaction != told[1].Transaction {
		t.Errorf("%+v", told)
	}
}

// A receiver's answer decides what comes next, and is not quoted.
func TestAnswers(t *testing.T) {
	tests := []struct {
		status  int
		body    string
		fault   connectors.Fault
		unknown bool
	}{
		{202, ``, "", false},
		{202, `<html>canary`, "", false},
		{200, ``, connectors.Protocol, true},
		{204, ``, connectors.Protocol, true},
		{400, ``, connectors.Rejected, false},
		{400, `<html>canary`, connectors.Rejected, false},
		{400, `{"err":"canary","description":"canary"}`, connectors.Rejected, false},
		{400, `{"err":"invalid_request","description":"canary"}`, connectors.Rejected, false},
		{400, `{"err":"invalid_key","description":"canary"}`, connectors.Unauthorized, false},
		{400, `{"err":"invalid_issuer"}`, connectors.Unauthorized, false},
		{400, `{"err":"invalid_audience"}`, connectors.Unauthorized, false},
		{400, `{"err":"authentication_failed"}`, connectors.Unauthorized, false},
		{400, `{"err":"access_denied"}`, connectors.Unauthorized, false},
		{401, `{"err":"invalid_request"}`, connectors.Unauthorized, false},
		{403, ``, connectors.Unauthorized, false},
		{429, ``, connectors.Throttled, false},
		{500, ``, connectors.Transient, true},
		{503, ``, connectors.Throttled, true},
	}
	for _, test := range tests {
		err := answered(t, test.status, test.body)
		if test.fault == "" {
			if err != nil {
				t.Errorf("%d %s: %v", test.status, test.body, err)
			}
			continue
		}
		e := connectors.AsError(err)
		if e.Fault != test.fault || e.Unknown != test.unknown || e.Status != test.status {
			t.Errorf("%d %s: %+v", test.status, test.body, e)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, e), "canary") {
			t.Errorf("the error quotes the receiver: %v", err)
		}
	}
}

// answered pushes one event to a receiver that has one answer, and checks what a
// push is (RFC 8935 §2.1).
func answered(t *testing.T, status int, body string) error {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		if r.Method != http.MethodPost || r.RequestURI != "/scim?code=1" || h.Get("Content-Type") != "application/secevent+jwt" ||
			h.Get("Accept") != "application/json" || h.Get("Authorization") != "" {
			t.Errorf("%s %s: %v", r.Method, r.RequestURI, h)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	defer s.Close()
	r := newReceiver()
	r.token = ""
	client := connectors.NewClient(connectors.Guard{Loopback: true})
	defer client.CloseIdleConnections()
	hook, err := webhook.Kind(settings(r, s.URL+"/scim?code=1", edwards()), client)
	if err != nil {
		t.Fatal(err)
	}
	_, err = hook.Put(t.Context(), known(ana(7, cook)))
	return err
}

// The guard lets nothing out that it was not told to.
func TestGuardHolds(t *testing.T) {
	r := newReceiver()
	for _, url := range []string{"http://127.0.0.1:1/", "https://hooks.example.com/"} {
		hook, err := webhook.Kind(settings(r, url, edwards()), connectors.NewClient(connectors.Guard{}))
		if err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for range 8 { // its refusals are shared; under -race this shows that nobody writes to them
			calls.Go(func() {
				_, err := hook.Put(t.Context(), ana(7, cook))
				if e := connectors.AsError(err); e.Fault != connectors.Transient || e.Unknown || e.Creating {
					t.Errorf("%s: %+v", url, e)
				}
			})
		}
		calls.Wait()
	}
}

func TestOnlyUsersAndGroupsAreTold(t *testing.T) {
	r := newReceiver()
	hook, end := open(r, edwards())
	defer end()
	room := known(ana(7, `{"displayName":"Kitchen"}`))
	room.Kind = "Room"
	_, err := hook.Put(t.Context(), room)
	for _, err := range []error{err, hook.Suspend(t.Context(), room), hook.Delete(t.Context(), room)} {
		if connectors.AsError(err).Fault != connectors.Rejected {
			t.Error(err)
		}
	}
	room.Kind = "Group"
	if _, err := hook.Put(t.Context(), room); err != nil || r.seen[0].Subject.URI != "/Groups/2819c223" || eventsOf(r.seen[0]) != "put:full" {
		t.Errorf("%v: %+v", err, r.seen)
	}
}
