package webhook_test

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"scimgate/connectors"
	"scimgate/connectors/connectortest"
	"scimgate/connectors/webhook"
	"scimgate/scim/value"
)

const credential = "c4nary-credential"

// TestSuite runs the suite of all connectors, with the example's receiver.
func TestSuite(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	named := receiver{issuer: "https://scim.example.com", audience: "https://hooks.example.com", token: credential}
	connectortest.Run(t, connectortest.Target{
		Credential: credential,
		Listens:    true,
		Open: func(t *testing.T, url string, client *http.Client) connectors.Connector {
			t.Helper()
			c, err := webhook.Kind(settings(&named, url, private), client)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		Account: func(*testing.T) connectortest.Account {
			return account{&receiver{
				issuer: named.issuer, audience: named.audience, token: named.token,
				keys: map[string]any{"2026-01": public}, algorithm: jose.EdDSA, users: map[string]user{},
			}}
		},
	})
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
