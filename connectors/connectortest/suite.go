package connectortest

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// Target is a kind of connector, as the suite tests it.
type Target struct {
	// Credential is what the connector shows to the account. No error holds it.
	Credential string
	// Open opens a connector to the account at a URL.
	Open func(t *testing.T, url string, client *http.Client) connectors.Connector
	// Account returns a fresh and healthy account that accepts Credential.
	Account func(t *testing.T) Account
	// Listens says that the connector tells and cannot ask: it knows each user by
	// our id, and Matches answers connectors.ErrCannotAsk. What is
	// about looking into an account (askers) is then replaced by what takes its
	// place (listeners). Its Account goes by the Version of what it hears.
	Listens bool
}

// Account is a healthy account, and what can be seen and done in it directly.
type Account interface {
	http.Handler
	// Held returns what the account has under a userName.
	Held(t *testing.T, userName string) []Held
	// Add makes a user by another hand than the connector's.
	Add(t *testing.T, userName, externalID string)
	// Remove removes a user by another hand.
	Remove(t *testing.T, id string)
}

// Held is one user of an account.
type Held struct {
	ID         string
	Active     bool
	Attributes *value.Object
}

// Run runs the suite.
func Run(t *testing.T, target Target) {
	t.Helper()
	for _, group := range target.groups() {
		for _, test := range group {
			t.Run(test.name, func(t *testing.T) {
				t.Parallel() // most of the time is waiting
				test.run(newScene(t, target))
			})
		}
	}
}

// test is one row of the suite.
type test struct {
	name string
	run  func(s *scene)
}

// groups are the rows for everyone, and those for the target's sort.
func (t Target) groups() [][]test {
	if t.Listens {
		return [][]test{repeats, doubts, statuses, lines, listeners}
	}
	return [][]test{repeats, doubts, statuses, lines, askers, audits, adoptions}
}

// The client's timeouts: long enough for a healthy account on a busy machine,
// and short enough to wait for, again and again, where no answer will come.
const (
	patience   = 10 * time.Second
	impatience = 150 * time.Millisecond
)

// scene is a connector, an account and the front between them.
type scene struct {
	*testing.T
	target    Target
	account   Account
	front     *front
	connector connectors.Connector
	hasty     connectors.Connector // the same with impatience
}

func newScene(t *testing.T, target Target) *scene {
	t.Helper()
	account := target.Account(t)
	f := &front{account: account}
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	open := func(timeout time.Duration) connectors.Connector {
		client := connectors.NewClient(connectors.Guard{Loopback: true, Timeout: timeout})
		t.Cleanup(client.CloseIdleConnections)
		return target.Open(t, s.URL, client)
	}
	return &scene{
		T: t, target: target, account: account, front: f, connector: open(patience), hasty: open(impatience),
	}
}

// userName is whose user the suite sends.
const userName = "ana@example.com"

// ana is the object that the suite sends.
func ana() connectors.Object {
	return connectors.Object{Kind: "User", ID: "0193-ana", Version: 1, RulesRev: 1, Attributes: value.NewObject(
		member("userName", value.NewText(userName)),
		member("externalId", value.NewText("ana-in-entra")),
		member("displayName", value.NewText("Ana Example")),
		member("title", value.NewText("Cook")),
		member("active", value.Truth(true)),
		member("emails", value.List(value.Of(value.NewObject(
			member("type", value.NewText("work")),
			member("value", value.NewText(userName)),
			member("primary", value.Truth(true)),
		)))),
	)}
}

func member(name string, v value.Value) value.Member { return value.Member{Name: name, Value: v} }

// with returns the object with one attribute changed; null takes it away.
func with(o connectors.Object, name string, v value.Value) connectors.Object {
	o.Version++
	o.Attributes = o.Attributes.Clone()
	if v.IsNull() {
		o.Attributes.Delete(name)
		return o
	}
	o.Attributes.Set(name, v)
	return o
}

// known returns the object as delivery hands it over after a receipt.
func known(o connectors.Object, r connectors.Receipt) connectors.Object {
	o.RemoteID, o.Sent = r.RemoteID, r.Sent
	return o
}

// left returns the object as it is handed over once it was deleted.
func left(o connectors.Object) connectors.Object {
	o.Version++
	o.Attributes = nil
	return o
}

func (s *scene) put(o connectors.Object) connectors.Receipt {
	s.Helper()
	r, err := s.connector.Put(s.Context(), o)
	if err != nil {
		s.Fatalf("Put: %v", err)
	}
	return r
}

// only returns the one user that the account holds under the name.
func (s *scene) only() Held {
	s.Helper()
	held := s.account.Held(s.T, userName)
	if len(held) != 1 {
		s.Fatalf("the account holds %d users under the name, not 1", len(held))
	}
	return held[0]
}

// text returns a top-level attribute's text of the one user.
func (s *scene) text(name string) string {
	s.Helper()
	v, _ := s.only().Attributes.Get(name)
	return v.Text()
}
