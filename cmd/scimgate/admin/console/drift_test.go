package console

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// An audit says how far it is, what it found of each kind, and mends what somebody
// chose.
func TestDrift(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	audit := "/accounts/acme/drift/" + d.ids["audit"]
	b.get("/accounts/acme/drift").reads(t, "the list", "Done", "9,801", audit)
	b.get(audit).reads(t, "missing", "Missing", "<bdi>Ana</bdi>", "Send all of them again", "r1")
	b.get(audit+"?kind=different").reads(t, "different", "<code>path</code>")
	b.get(audit+"?kind=extra").reads(t, "extra", "Nothing is ever done to them")
	b.get(audit+"?kind=conflict").reads(t, "conflict", `name="id" value="u1"`, "them")
	b.did(audit+"/repair", url.Values{"id": {"u1"}}, "repaired")
	item, err := d.stores.resources.Delivery(t.Context(), "acme", 0, directory.Ref{Kind: "User", ID: "u1"})
	if err != nil || item.Delivery.State != directory.Due {
		t.Errorf("%+v, %v", item, err)
	}
	b.did(audit+"/repair", url.Values{"all": {"yes"}}, "repaired")
	b.says(audit+"/repair", nil, "give ids, or all")
	b.says(audit+"/repair", url.Values{"id": {"nobody"}}, "nobody is none")
	b.says(audit+"/adopt", nil, "Choose somebody")
	b.post(audit+"/adopt", url.Values{"kind": {"conflict"}, "id": {"u1"}}).reads(t, "adopted", "1 are taken over", "no conflict any more")
	if chosen := d.Service.Drift.(*drift).chosen; len(chosen) != 1 || chosen[0].ID != "u1" {
		t.Errorf("%+v", chosen)
	}
	for _, path := range []string{"/nope", "/nope/repair"} {
		if a := b.send(ifPost(path), "/accounts/acme/drift"+path, nil, nil); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := d.as(&person{Role: Operator}).get(strings.Replace(audit, "acme", "globex", 1)); a.status != http.StatusNotFound {
		t.Errorf("another account's: %d", a.status)
	}
}

func ifPost(path string) string {
	if strings.HasSuffix(path, "/repair") {
		return http.MethodPost
	}
	return http.MethodGet
}

// While an audit runs its pages say how far it is, and there is no second one.
func TestDriftUnderWay(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	running := &drift{ready: make(chan struct{})}
	d.Service.Drift = running
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	started := b.post("/accounts/acme/drift", nil)
	page := strings.TrimPrefix(started.header.Get("Location"), Prefix)
	told := func() answered { return b.get(page) }
	for !strings.Contains(told().text, "1,500 of 9,800") {
		<-time.After(time.Millisecond)
	}
	stamp := func() string {
		h, err := d.health(t.Context(), b.acme())
		d.must(err)
		s, err := d.stamp(t.Context(), b.acme(), h, "drift/")
		d.must(err)
		return s
	}
	before := stamp()
	b.get("/accounts/acme/drift").reads(t, "under way", "Comparing", "<progress value=\"1500\" max=\"9800\"", "disabled")
	for path, form := range map[string]url.Values{"/accounts/acme/drift": nil, page + "/repair": {"all": {"yes"}}} {
		if a := b.post(path, form); a.status != http.StatusConflict || !strings.Contains(a.text, "under way") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	close(running.ready)
	for !strings.Contains(told().text, "Nothing of this kind") {
		<-time.After(time.Millisecond)
	}
	if stamp() == before {
		t.Error("a page that shows it is not told")
	}
}

// Whom a connection adopts, whether it sends, and how many may leave is set where
// its breaker is shown.
func TestFlow(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	b.get("/accounts/acme/connection").reads(t, "closed", "Deliveries flow", `name="least" inputmode="numeric" value="20"`)
	d.Service.Breakers = func(context.Context, tenant.ID) ([]delivery.ConnectionState, error) {
		return []delivery.ConnectionState{{Connection: "appspace", State: delivery.BreakerOpen, Cause: delivery.CauseAuth, Until: now().Add(time.Minute), Strikes: 3}}, nil
	}
	b.get("/accounts/acme/connection").reads(t, "open", "Waiting", "refuses our token", "3 times in a row", "in 1 minute")
	b.did("/accounts/acme/connections/appspace/adopt", url.Values{"adopt": {"externalId"}}, "saved")
	b.did("/accounts/acme/connections/appspace/adopt", url.Values{"adopt": {"everybody"}}, "saved")
	b.did("/accounts/acme/connections/appspace/shadow", url.Values{"to": {"on"}}, "shadowOn")
	if c := b.acme().Connections[0]; c.Adopt != tenant.AdoptExternalID || !c.Shadow {
		t.Errorf("%+v", c)
	}
	d.must(d.stores.resources.Delete(t.Context(), "acme", directory.Ref{Kind: "User", ID: "u1"}, []tenant.Slot{0}, nil))
	d.crowd(2)
	b.get("/accounts/acme/connections/appspace/plan").reads(t, "the plan", "In shadow", "Person 1", "Create", "<code>title</code>")
	b.did("/accounts/acme/connections/appspace/shadow", url.Values{"to": {"off"}}, "shadowOff")
	b.get("/accounts/acme/connections/appspace/plan").reads(t, "the plan", "on its way now")
	b.did("/accounts/acme/guard", url.Values{"least": {"50"}, "percent": {"5"}}, "saved")
	for _, form := range []url.Values{{"least": {"-1"}, "percent": {"5"}}, {"least": {"5"}, "percent": {"101"}}, nil} {
		b.says("/accounts/acme/guard", form, "Give a number of users")
	}
	b.did("/accounts/acme/guard", url.Values{"off": {"yes"}}, "saved")
	if g := b.acme().Settings.Guard; g != (tenant.Guard{Least: 50, Percent: 5, Off: true}) {
		t.Errorf("%+v", g)
	}
	for _, action := range []string{"adopt", "shadow"} {
		if a := b.post("/accounts/acme/connections/nope/"+action, url.Values{"to": {"on"}}); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", action, a.status)
		}
	}
	if a := b.get("/accounts/acme/connections/nope/plan"); a.status != http.StatusNotFound {
		t.Errorf("plan: %d", a.status)
	}
}
