package sandbox_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"scimgate/connectors"
	"scimgate/connectors/appspace"
	"scimgate/connectors/connectortest"
	"scimgate/connectors/sandbox"
	"scimgate/scim/value"
)

const (
	credential = "c4nary-credential"
	users      = sandbox.Prefix + "/Users"
)

// TestAppspaceConnector runs the suite of all connectors on the one for Appspace,
// which is what this account is for.
func TestAppspaceConnector(t *testing.T) {
	connectortest.Run(t, connectortest.Target{
		Credential: credential,
		Open: func(t *testing.T, url string, client *http.Client) connectors.Connector {
			t.Helper()
			c, err := appspace.Kind(json.RawMessage(`{"baseURL":"`+url+sandbox.Prefix+`","token":"`+credential+`"}`), client)
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		Account: func(t *testing.T) connectortest.Account {
			t.Helper()
			box, err := sandbox.New(t.Context(), sandbox.Config{Token: credential, PublicURL: "http://sandbox.test"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = box.Close() })
			return sandboxAccount{box.Handler()}
		},
	})
}

// sandboxAccount looks into a sandbox without going through the connector.
type sandboxAccount struct{ http.Handler }

func (a sandboxAccount) Held(t *testing.T, userName string) []connectortest.Held {
	t.Helper()
	query := url.Values{"filter": {`userName eq "` + userName + `"`}}
	list, _ := a.call(t, http.MethodGet, "?"+query.Encode(), "").Get("Resources")
	var held []connectortest.Held
	for _, item := range list.Items() {
		id, _ := item.Object().Get("id")
		active, _ := item.Object().Get("active")
		held = append(held, connectortest.Held{ID: id.Text(), Active: active.True(), Attributes: item.Object()})
	}
	return held
}

func (a sandboxAccount) Add(t *testing.T, userName, externalID string) {
	t.Helper()
	a.call(t, http.MethodPost, "", `{"userName":"`+userName+`","externalId":"`+externalID+`","active":true}`)
}

func (a sandboxAccount) Remove(t *testing.T, id string) {
	t.Helper()
	a.call(t, http.MethodDelete, "/"+id, "")
}

// call makes one request to the account, which must succeed.
func (a sandboxAccount) call(t *testing.T, method, path, body string) *value.Object {
	t.Helper()
	r := httptest.NewRequest(method, users+path, bytes.NewReader([]byte(body)))
	r.Header.Set("Authorization", "Bearer "+credential)
	r.Header.Set("Content-Type", "application/scim+json")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	if w.Code < 200 || w.Code > 299 {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if w.Body.Len() == 0 {
		return nil
	}
	v, err := value.Parse(w.Body.Bytes(), value.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return v.Object()
}

// BenchmarkPut measures both sides: connector and sandbox, over loopback.
func BenchmarkPut(b *testing.B) {
	box, err := sandbox.New(b.Context(), sandbox.Config{Token: "t0ken"})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = box.Close() }()
	s := httptest.NewServer(box.Handler())
	defer s.Close()
	client := connectors.NewClient(connectors.Guard{Loopback: true})
	c, err := appspace.Kind(json.RawMessage(`{"baseURL":"`+s.URL+sandbox.Prefix+`","token":"t0ken"}`), client)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := value.Parse([]byte(`{"active":true,"displayName":"Ana Example","name":{"givenName":"Ana","familyName":"Example"}}`), value.DefaultLimits)
	if err != nil {
		b.Fatal(err)
	}
	o := connectors.Object{Kind: "User", Attributes: doc.Object()}
	put := func(name string) {
		o.Attributes.Set("userName", value.NewText(name))
		r, err := c.Put(b.Context(), o)
		if err != nil {
			b.Fatal(err)
		}
		o.RemoteID, o.Sent = r.RemoteID, r.Sent
	}
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			o.RemoteID, o.Sent = "", nil
			put(uuid.NewString() + "@example.com")
		}
	})
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			put("ana@example.com")
		}
	})
}
