package sandbox_test

import (
	"crypto/x509"
	"encoding/json"
	"net/http/httptest"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/connectors/appspace"
	"scimgate/connectors/sandbox"
	"scimgate/scim/value"
)

// How long a connector waits for an answer: long enough for a busy machine, and
// not for ever where none will come.
const (
	patience   = 10 * time.Second
	impatience = 500 * time.Millisecond
)

// wire is the connector for Appspace, by the guarded client, at a sandbox on a
// real listener.
type wire struct {
	*testing.T
	box       *sandbox.Sandbox
	url       string
	connector connectors.Connector
	hasty     connectors.Connector // the same with impatience
}

func newWire(t *testing.T) *wire {
	t.Helper()
	box, err := sandbox.New(t.Context(), sandbox.Config{Token: credential, PublicURL: "http://sandbox.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	server := httptest.NewUnstartedServer(box.Handler())
	server.Listener = box.Listener(server.Listener)
	server.Start()
	t.Cleanup(server.Close)
	w := &wire{T: t, box: box}
	w.url = server.URL
	w.hasty = w.connect(w.url, impatience)
	w.connector = w.connect(w.url, patience)
	return w
}

func (w *wire) connect(url string, timeout time.Duration) connectors.Connector {
	w.Helper()
	client := connectors.NewClient(connectors.Guard{Loopback: true, Timeout: timeout, RootCAs: w.authority()})
	w.Cleanup(client.CloseIdleConnections)
	c, err := appspace.Kind(json.RawMessage(`{"baseURL":"`+url+sandbox.Prefix+`","token":"`+credential+`"}`), client)
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *wire) authority() *x509.CertPool {
	w.Helper()
	text, err := w.box.Authority()
	if err != nil {
		w.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

func (w *wire) fail(texts ...string) {
	w.Helper()
	faults, err := sandbox.ParseFaults(texts...)
	if err == nil {
		err = w.box.SetFaults(faults...)
	}
	if err != nil {
		w.Fatal(err)
	}
}

func object(t *testing.T, name string) connectors.Object {
	t.Helper()
	v, err := value.Parse([]byte(`{"userName":"`+name+`","externalId":"`+name+`","title":"Cook","active":true,
		"emails":[{"type":"work","value":"`+name+`","primary":true}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"M1"}}}`), value.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return connectors.Object{Kind: "User", ID: "ours", Attributes: v.Object()}
}

// landed waits for what is late.
func (w *wire) landed() {
	w.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for w.box.Counters().Late.Pending > 0 {
		<-tick.C
	}
}

func (w *wire) put(o connectors.Object) connectors.Object {
	w.Helper()
	r, err := w.connector.Put(w.Context(), o)
	if err != nil {
		w.Fatalf("healthy: %v", err)
	}
	o.RemoteID, o.Sent = r.RemoteID, r.Sent
	return o
}
