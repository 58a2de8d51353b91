package delivery

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/connectors/appspace"
	"scimgate/connectors/sandbox"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// sandboxed gives acme the sandbox account, over the Appspace connector.
func (h *harness) sandboxed() *sandbox.Sandbox {
	h.Helper()
	box, err := sandbox.New(h.Context(), sandbox.Config{Token: "t0ken"})
	if err != nil {
		h.Fatal(err)
	}
	s := httptest.NewServer(box.Handler())
	client := connectors.NewClient(connectors.Guard{Loopback: true, Timeout: h.worker.Tune.Timeout})
	c, err := appspace.Kind(json.RawMessage(`{"baseURL":"`+s.URL+sandbox.Prefix+`","token":"t0ken"}`), client)
	if err != nil {
		h.Fatal(err)
	}
	h.worker.Open = func(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) { return c, nil }
	h.Cleanup(func() {
		client.CloseIdleConnections()
		s.Close()
		_ = box.Close()
	})
	return box
}

// titleIn is what the account answers.
func (h *harness) titleIn(remoteID string) string {
	h.Helper()
	c, err := h.worker.Open(h.Context(), nil, tenant.Connection{})
	if err != nil {
		h.Fatal(err)
	}
	held, err := c.(connectors.Auditor).Find(h.Context(), connectors.Object{Kind: "User", RemoteID: remoteID})
	if err != nil || held == nil {
		h.Fatal(held, err)
	}
	title, _ := held.Attributes.Get("title")
	return title.Text()
}

// The sandbox applies an update after all times that anybody waits for: the slow
// audit finds it and repairs it. Without it, the account would stay stale.
func TestPatrolAgainstALateSandbox(t *testing.T) {
	onEach(t, func(h *harness) {
		h.quick()
		h.worker.Tune.Patrol = Patrol{Share: 1e6, Every: 50 * time.Millisecond}
		box := h.sandboxed()
		h.start()
		h.create(acme, user("u", email(1), "0"))
		id := h.untilState(acme, "u", directory.Clean).RemoteID
		late := sandbox.Fault{Name: "late", Methods: []string{http.MethodPatch}, Count: 1, Args: map[string]string{"delay": "2s"}}
		if err := box.SetFaults(late); err != nil {
			h.Fatal(err)
		}
		h.retitle(acme, "u", "old")
		h.until("the update is cut off", func() bool { return box.Faults()[0].Met == 1 })
		h.retitle(acme, "u", "new")
		h.until("the newest is there", func() bool { return h.titleIn(id) == "new" })
		h.until("the oldest landed", func() bool { return box.Counters().Late.Applied == 1 })
		h.until("the newest is there again", func() bool { return h.titleIn(id) == "new" })
		h.quietly("it stays", func() bool { return h.titleIn(id) == "new" })
	})
}
