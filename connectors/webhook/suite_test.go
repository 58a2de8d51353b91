package webhook_test

import (
	"crypto"
	"net/http"
	"strings"
	"testing"

	"scimgate/connectors"
	"scimgate/connectors/connectortest"
	"scimgate/connectors/webhook"
	"scimgate/scim/value"
)

const credential = "c4nary-credential"

// TestSuite runs the suite of all connectors, with the example's receiver.
func TestSuite(t *testing.T) {
	private := edwards()
	connectortest.Run(t, connectortest.Target{
		Credential: credential,
		Listens:    true,
		Open: func(t *testing.T, url string, client *http.Client) connectors.Connector {
			t.Helper()
			c, err := webhook.Kind(settings(suited(private), url, private), client)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		Account: func(*testing.T) connectortest.Account {
			return account{suited(private)}
		},
	})
}

func suited(private crypto.Signer) *receiver {
	r := newReceiver()
	r.token, r.keys, r.users = credential, map[string]any{"2026-01": private.Public()}, map[string]user{}
	return r
}

// account looks into a receiver as if it were one.
type account struct{ *receiver }

func (a account) Held(t *testing.T, userName string) []connectortest.Held {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	var held []connectortest.Held
	for uri, u := range a.users {
		if u.deleted || u.data == nil {
			continue
		}
		v, err := value.Parse(u.data, value.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		if name, _ := v.Object().Get("userName"); name.Text() == userName {
			held = append(held, connectortest.Held{
				ID: strings.TrimPrefix(uri, "/Users/"), Active: u.active, Attributes: v.Object(),
			})
		}
	}
	return held
}

func (a account) Add(t *testing.T, userName, externalID string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users["/Users/other"] = user{active: true, data: []byte(`{"userName":"` + userName + `","externalId":"` + externalID + `"}`)}
}

func (a account) Remove(t *testing.T, id string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.users, "/Users/"+id)
}
