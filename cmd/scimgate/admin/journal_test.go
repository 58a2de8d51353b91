package admin

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// journaled stores a user, as a request made it.
func (d *desk) journaled(id, name, request string) {
	d.Helper()
	v, err := value.Parse([]byte(`{"id":"`+id+`","userName":"`+name+`"}`), value.DefaultLimits)
	d.must(err)
	r := scim.NewResource("User", id, v.Object())
	r.Note = &scim.Note{Request: request, Method: "POST", Status: 201}
	d.must(d.Directory.Create(d.Context(), "acme", r, nil))
}

func TestJournalOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.refused(404, "GET", "/tenants/acme/journal", "", "no such")
	d.refused(404, "GET", "/tenants/acme/named?userName=ana", "", "no such")
	d.acme()
	d.journaled("one", "ana", "r-1")
	d.journaled("two", "bob", "r-2")
	noted := directory.Entry{At: time.Now(), Ref: directory.Ref{Kind: "User", ID: "two"}, Version: 1, Request: "r-3", Attempt: &directory.Attempt{Op: directory.ToVerify, Outcome: directory.WasDone}}
	d.must(d.Directory.AddToJournal(t.Context(), "acme", []directory.Entry{noted}))
	list := func(path string) []any { return d.api(200, "GET", "/tenants/acme"+path, "")["items"].([]any) }

	one := list("/users/one/journal")
	if e := one[0].(map[string]any); len(one) != 1 || e["request"] != "r-1" || e["resourceId"] != "one" || e["version"] != 1. ||
		e["change"].(map[string]any)["method"] != "POST" || e["attempt"] != nil {
		t.Errorf("one: %v", one)
	}
	if e := list("/journal?request=r-3")[0].(map[string]any)["attempt"].(map[string]any); e["connection"] != "appspace" || e["op"] != "verify" {
		t.Errorf("a verification: %v", e)
	}
	if all := list("/journal"); len(all) != 3 {
		t.Errorf("all: %v", all)
	}
	if future := list("/journal?since=" + url.QueryEscape(time.Now().Add(time.Hour).Format(time.RFC3339))); len(future) != 0 {
		t.Errorf("of the future: %v", future)
	}
	page := d.api(200, "GET", "/tenants/acme/journal?limit=2&order=newest", "")
	rest := d.api(200, "GET", "/tenants/acme/journal?limit=2&order=newest&after="+url.QueryEscape(page["next"].(string)), "")
	if len(page["items"].([]any)) != 2 || len(rest["items"].([]any)) != 1 || rest["next"] != nil {
		t.Errorf("pages: %v, %v", page, rest)
	}

	d.refused(404, "GET", "/tenants/acme/users/nobody/journal", "", "no such")
	d.refused(404, "GET", "/tenants/acme/groups/one/journal", "", "no such")
	d.refused(422, "GET", "/tenants/acme/journal?after=x", "", "position")
	d.refused(422, "GET", "/tenants/acme/journal?limit=0", "", "limit")
	d.refused(422, "GET", "/tenants/acme/named", "", "give userName or displayName")

	if found := list("/named?userName=ANA"); len(found) != 1 || found[0].(map[string]any)["id"] != "one" {
		t.Errorf("ANA: %v", found)
	}
	if found := list("/named?displayName=ana"); len(found) != 0 {
		t.Errorf("a group: %v", found)
	}
	if strings.Contains(d.log.String(), "ana") {
		t.Errorf("a name is in the log: %s", d.log)
	}
	d.api(204, "DELETE", "/tenants/acme", "")
	d.api(201, "POST", "/tenants", `{"id":"acme","displayName":"Another"}`)
	if all := list("/journal"); len(all) != 0 {
		t.Errorf("of a tenant that was deleted: %v", all)
	}
}
