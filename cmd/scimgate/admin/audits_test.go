package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// drifting is a desk whose accounts can be read, with a worker that compares.
type drifting struct {
	*desk
	mu    sync.Mutex
	held  map[string]connectors.Holding // by remote id
	gate  chan struct{}                 // a list waits for it, if set
	fault error
}

func newDrifting(t *testing.T) *drifting {
	t.Helper()
	d := &drifting{desk: newDesk(t), held: map[string]connectors.Holding{}}
	d.Open = func(_ context.Context, _ *tenant.Tenant, c tenant.Connection) (connectors.Connector, error) {
		if c.Kind == "webhook" {
			return checkOnly{d: d.desk}, nil
		}
		return lister{d: d}, d.opened
	}
	d.Drift = &delivery.Worker{
		Tenants: d.tenants, Work: d.Directory, Open: d.Open,
		Rules: func(*tenant.Tenant) (*mapping.Rules, error) {
			return mapping.Identity(scim.Define(nil).Type("User")), nil
		},
		Tune: delivery.Tuning{Audit: 1e6},
	}
	t.Cleanup(d.StopAudits)
	return d
}

// lister is an Auditor of one page.
type lister struct {
	connectors.Connector
	d *drifting
}

func (l lister) List(ctx context.Context, _ string) (page connectors.Listing, err error) {
	if l.d.gate != nil {
		select {
		case <-l.d.gate:
		case <-ctx.Done():
			return page, ctx.Err()
		}
	}
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	for _, h := range l.d.held {
		page.Held = append(page.Held, h)
	}
	return page, l.d.fault
}

func (l lister) Find(_ context.Context, o connectors.Object) (*connectors.Holding, error) {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	if h, ok := l.d.held[o.RemoteID]; ok {
		return &h, nil
	}
	return nil, nil //nolint:nilnil // nobody is there
}

func (lister) Differs(o connectors.Object, held *value.Object) []string {
	want, _ := o.Attributes.Get("title")
	if have, _ := held.Get("title"); !value.Equal(want, have) {
		return []string{"title"}
	}
	return nil
}

func (d *drifting) holds(remoteID, name, title string, protected bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held[remoteID] = connectors.Holding{
		RemoteID: remoteID, UserName: name, Active: true, Protected: protected,
		Attributes: value.NewObject(value.Member{Name: "title", Value: value.NewText(title)}),
	}
}

// stores creates a user and settles its delivery with an outcome.
func (d *drifting) stores(id, name string, settle func(r *scim.Resource) directory.Outcome) {
	d.Helper()
	r := scim.NewResource("User", id, value.NewObject(
		value.Member{Name: "id", Value: value.NewText(id)},
		value.Member{Name: "userName", Value: value.NewText(name)}, value.Member{Name: "title", Value: value.NewText("Cook")}))
	d.must(d.Directory.Create(d.Context(), "acme", r, []tenant.Slot{0}))
	now := time.Now().Add(time.Second)
	c, err := d.Directory.Claim(d.Context(), "acme", 0, directory.Ref{Kind: "User", ID: id}, directory.Intent{ID: "i", Op: directory.Creating}, now)
	d.must(err)
	d.must(d.Directory.Commit(d.Context(), c, settle(c.Resource)))
}

func (d *drifting) delivered(id, remoteID string) {
	d.Helper()
	d.stores(id, id+"@example.com", func(r *scim.Resource) directory.Outcome {
		attributes, err := r.Attributes()
		d.must(err)
		projection, err := mapping.Identity(scim.Define(nil).Type("User")).Project(attributes, false)
		d.must(err)
		return directory.Outcome{Done: &directory.Done{RemoteID: remoteID, SentHash: fingerprint(projection)}}
	})
}

// fingerprint is what delivery notes of a projection.
func fingerprint(projection *value.Object) string {
	sum := sha256.Sum256(value.AppendSorted(nil, value.Of(projection)))
	return hex.EncodeToString(sum[:16])
}

func (d *drifting) conflicts(id string) {
	d.Helper()
	d.stores(id, id+"@example.com", func(*scim.Resource) directory.Outcome {
		return directory.Outcome{Park: &directory.Failure{Class: "conflict", At: time.Now()}}
	})
}

// audited runs one to its end and returns what the API shows of it.
func (d *drifting) audited() map[string]any {
	d.Helper()
	started := d.api(202, "POST", "/tenants/acme/audits", `{}`)
	path := "/tenants/acme/audits/" + started["id"].(string)
	for deadline := time.After(10 * time.Second); ; {
		view := d.api(200, "GET", path, "")
		if view["state"] != "running" {
			return view
		}
		select {
		case <-deadline:
			d.Fatalf("still %v", view)
		case <-time.After(time.Millisecond):
		}
	}
}

func findings(view map[string]any) (found []string) {
	list, _ := view["findings"].([]any)
	for _, f := range list {
		f := f.(map[string]any)
		found = append(found, strings.TrimSpace(fmt.Sprint(f["kind"], " ", f["id"], " ", f["remoteId"])))
	}
	return found
}

func TestAuditsOverTheAPI(t *testing.T) {
	d := newDrifting(t)
	d.refused(404, "POST", "/tenants/acme/audits", `{}`, "no such")
	d.acme()
	d.refused(404, "POST", "/tenants/acme/audits", `{"connection":"nope"}`, "no such")
	d.api(200, "PUT", "/tenants/acme/connections/hook", `{"kind":"webhook","settings":{}}`)
	d.refused(422, "POST", "/tenants/acme/audits", `{"connection":"hook"}`, "can be asked")
	d.refused(422, "PATCH", "/tenants/acme/connections/hook", `{"adopt":"userName"}`, "adopt")

	d.delivered("same", "r1")
	d.delivered("gone", "r2")
	d.delivered("other", "r3")
	d.conflicts("late")
	d.conflicts("evil")
	d.holds("r1", "same@example.com", "Cook", false)
	d.holds("r3", "other@example.com", "Chef", false)
	d.holds("x1", "late@example.com", "", false)
	d.holds("x2", "evil@example.com", "", true)
	d.holds("x3", "stranger@example.com", "", false)

	view := d.audited()
	want := []string{"conflict evil x2", "conflict late x1", "different other r3", "extra <nil> x3", "missing gone r2"}
	if got := findings(view); !slices.Equal(got, want) || view["state"] != "done" || view["stored"] != 5.0 || view["held"] != 5.0 || view["same"] != 1.0 {
		t.Errorf("%v", view)
	}
	path := "/tenants/acme/audits/" + view["id"].(string)
	if page := findings(d.api(200, "GET", path+"?kind=conflict&offset=1&limit=1", "")); !slices.Equal(page, want[1:2]) {
		t.Errorf("page %v", page)
	}
	if all := d.api(200, "GET", "/tenants/acme/audits", "")["items"].([]any); len(all) != 1 || findings(all[0].(map[string]any)) != nil {
		t.Errorf("listed %v", all)
	}
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	d.refused(404, "GET", "/tenants/globex/audits/"+view["id"].(string), "", "no such")
	d.refused(404, "POST", "/tenants/globex/audits/"+view["id"].(string)+"/repair", `{"all":true}`, "no such")

	d.refused(422, "POST", path+"/repair", `{}`, "ids")
	d.refused(422, "POST", path+"/repair", `{"ids":["gone","same"]}`, "same")
	d.refused(422, "POST", path+"/adopt", `{"ids":["other"]}`, "other")
	d.refused(422, "POST", path+"/adopt", `{"ids":[]}`, "ids")
	if n := d.api(200, "POST", path+"/repair", `{"ids":["gone"]}`)["resources"]; n != 1.0 {
		t.Errorf("%v due", n)
	}
	if n := d.api(200, "POST", path+"/repair", `{"all":true}`)["resources"]; n != 1.0 {
		t.Errorf("%v due, where one of two is already", n)
	}
	d.dueNow("gone", "other")

	done := d.api(200, "POST", path+"/adopt", `{"ids":["late","evil"]}`)
	refused := done["refused"].([]any)[0].(map[string]any)
	if got := fmt.Sprint(done["adopted"]); got != "[late]" || refused["id"] != "evil" || !strings.Contains(refused["reason"].(string), "administrator") {
		t.Errorf("%v", done)
	}
	d.dueNow("gone", "late", "other")
	if again := d.api(200, "POST", path+"/adopt", `{"ids":["late"]}`); !strings.Contains(fmt.Sprint(again), "no conflict any more") {
		t.Errorf("%v", again)
	}
	d.api(204, "DELETE", "/tenants/acme/connections/appspace", "")
	d.refused(422, "POST", path+"/repair", `{"all":true}`, "anew")
	d.api(204, "DELETE", "/tenants/acme", "")
	d.acme()
	d.refused(404, "GET", path, "", "no such")
}

// dueNow requires that these are due and nobody else is.
func (d *drifting) dueNow(want ...string) {
	d.Helper()
	refs, err := d.Directory.DueNow(d.Context(), "acme", 0, time.Now().Add(time.Second), 100)
	d.must(err)
	var got []string
	for _, ref := range refs {
		got = append(got, ref.ID)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		d.Errorf("due: %v, want %v", got, want)
	}
}

// What stands is asked again before it is adopted.
func TestAdoptLooksAgain(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	for i, id := range []string{"renamed", "removed", "raised"} {
		d.conflicts(id)
		d.holds(fmt.Sprint("x", i), id+"@example.com", "", false)
	}
	d.conflicts("twice")
	d.holds("x8", "twice@example.com", "", false)
	d.holds("x9", "TWICE@example.com", "", false)
	path := "/tenants/acme/audits/" + d.audited()["id"].(string)
	d.holds("x0", "somebody.else@example.com", "", false)
	delete(d.held, "x1")
	d.holds("x2", "raised@example.com", "", true)
	done := d.api(200, "POST", path+"/adopt", `{"ids":["renamed","removed","raised"]}`)
	for _, reason := range []string{"neither the userName", "is gone", "administrator"} {
		if !strings.Contains(fmt.Sprint(done), reason) {
			t.Errorf("no %q in %v", reason, done)
		}
	}
	d.refused(422, "POST", path+"/adopt", `{"ids":["twice"]}`, "several")
	d.dueNow()
}

// A tenant has one audit at a time; one that fails says why; a gateway that ends
// waits for none.
func TestAuditsOneAtATime(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	for range 5 {
		d.audited()
	}
	if all := d.api(200, "GET", "/tenants/acme/audits", "")["items"].([]any); len(all) != keptOf {
		t.Errorf("%d are kept", len(all))
	}
	d.fault = &connectors.Error{Fault: connectors.Unauthorized, Status: 401, Reason: "refused"}
	if view := d.audited(); view["state"] != "failed" || !strings.Contains(view["reason"].(string), "401") {
		t.Errorf("%v", view)
	}
	d.fault, d.gate = nil, make(chan struct{})
	first := d.api(202, "POST", "/tenants/acme/audits", "")
	path := "/tenants/acme/audits/" + first["id"].(string)
	d.refused(409, "POST", "/tenants/acme/audits", `{}`, "under way")
	d.refused(409, "POST", path+"/repair", `{"all":true}`, "under way")
	d.StopAudits()
	if view := d.api(200, "GET", path, ""); view["state"] != "failed" || !strings.Contains(view["reason"].(string), "stopped") {
		t.Errorf("%v", view)
	}
	d.refused(422, "POST", path+"/repair", `{"all":true}`, "failed")
}

// A change of the rule has conflicts looked at anew.
func TestAdoptRuleOfAConnection(t *testing.T) {
	d := newDrifting(t)
	d.acme()
	before := len(d.stored().Connections[0].Resync)
	if view := d.api(200, "GET", "/tenants/acme/connections/appspace", ""); view["adopt"] != "ask" {
		t.Errorf("%v", view)
	}
	d.refused(422, "PATCH", "/tenants/acme/connections/appspace", `{"adopt":"everybody"}`, "adopt")
	if view := d.api(200, "PATCH", "/tenants/acme/connections/appspace", `{"adopt":"externalId"}`); view["adopt"] != "externalId" {
		t.Errorf("%v", view)
	}
	d.api(200, "PATCH", "/tenants/acme/connections/appspace", `{"paused":true}`)
	c := d.stored().Connections[0]
	if c.Adopt != tenant.AdoptExternalID || len(c.Resync) != before+1 {
		t.Errorf("%+v", c)
	}
}
