package sandbox_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"scimgate/connectors"
	"scimgate/connectors/appspace"
	"scimgate/connectors/sandbox"
	"scimgate/scim/value"
)

// The probe finds out what the account can do, and leaves it as it was.
func TestProbe(t *testing.T) {
	box, err := sandbox.New(t.Context(), sandbox.Config{Token: credential, PublicURL: "http://sandbox.test"})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(box.Handler())
	t.Cleanup(func() { s.Close(); _ = box.Close() })
	open := func(token string) connectors.Prober {
		c, err := appspace.Kind(json.RawMessage(`{"baseURL":"`+s.URL+sandbox.Prefix+`","token":"`+token+`"}`), connectors.NewClient(connectors.Guard{Loopback: true}))
		if err != nil {
			t.Fatal(err)
		}
		return c.(connectors.Prober)
	}
	found, err := open(credential).Probe(t.Context())
	if err != nil || len(found) != 10 {
		t.Fatalf("%+v, %v", found, err)
	}
	for _, f := range found {
		t.Logf("%+v", f)
		if !f.Works {
			t.Errorf("%s does not work: %+v", f.What, f)
		}
		if f.What == "ServiceProviderConfig" && !strings.Contains(f.Told, "patch") {
			t.Errorf("%s told %q", f.What, f.Told)
		}
	}
	look := sandboxAccount{box.Handler()}
	total, ok := look.call(t, "GET", "", "").Get("totalResults")
	if number := string(value.Append(nil, total)); !ok || number != "0" {
		t.Errorf("the account holds %s users", number)
	}
	if _, err := open("another").Probe(t.Context()); connectors.AsError(err).Fault != connectors.Unauthorized {
		t.Errorf("with a bad token: %v", err)
	}
}
