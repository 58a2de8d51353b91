package admin

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"scimgate/tenant"
)

// document is what the OpenAPI document says of the paths.
func (d *desk) document() map[string]map[string]struct {
	OperationID string
	Security    []map[string][]string
} {
	d.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
		}
		Security []map[string][]string
	}
	a := d.ask("GET", Prefix+"/openapi.json", "")
	d.must(json.Unmarshal([]byte(a.text), &doc))
	if len(doc.Security) != 1 || doc.Security[0]["operator"] == nil {
		d.Errorf("security: %v", doc.Security)
	}
	return doc.Paths
}

// Whoever has no key learns nothing: neither which paths and methods there are
// nor what would be wrong with the body.
func TestNoKeyNoAnswer(t *testing.T) {
	d := newDesk(t)
	d.acme()
	type request struct{ method, path string }
	requests := []request{{"GET", Prefix}, {"GET", Prefix + "/nope"}, {"TRACE", Prefix + "/tenants"}, {"GET", Prefix + "/openapi.json"}}
	for path, methods := range d.document() {
		for method := range methods {
			requests = append(requests, request{strings.ToUpper(method), strings.NewReplacer("{tenant}", "acme", "{", "", "}", "").Replace(path)})
		}
	}
	if len(requests) < 20 {
		t.Fatalf("only %d requests", len(requests))
	}
	want := d.askWith("", "application/json", "GET", Prefix+"/tenants", "").text
	for _, r := range requests {
		for _, authorization := range []string{"", "Bearer ", "Bearer x" + operatorKey, "Basic " + operatorKey, operatorKey} {
			a := d.askWith(authorization, "text/plain", r.method, r.path, `{"never`)
			if a.status != http.StatusUnauthorized || a.text != want || a.header.Get("WWW-Authenticate") == "" || a.header.Get("Allow") != "" {
				t.Errorf("%s %s with %q: %d %s %v", r.method, r.path, authorization, a.status, a.text, a.header)
			}
		}
	}
}

func TestAnEmptyKeyOpensNothing(t *testing.T) {
	d := newDesk(t)
	for _, authorization := range []string{"Bearer ", "Bearer", ""} {
		if a := d.askWith(authorization, "", "GET", Prefix+"/tenants", ""); a.status != http.StatusUnauthorized {
			t.Errorf("%q: %d", authorization, a.status)
		}
	}
}

func TestDocumentListsOnlyTheAPI(t *testing.T) {
	d := newDesk(t)
	seen := map[string]bool{}
	for path, methods := range d.document() {
		if !strings.HasPrefix(path, Prefix+"/") {
			t.Errorf("%s is in the document", path)
		}
		for method, op := range methods {
			if op.OperationID == "" || seen[op.OperationID] {
				t.Errorf("%s %s: operation id %q", method, path, op.OperationID)
			}
			seen[op.OperationID] = true
		}
	}
	if len(seen) != len(routes) {
		t.Errorf("%d operations for %d routes", len(seen), len(routes))
	}
}

func TestWhatIsNoRoute(t *testing.T) {
	d := newDesk(t)
	d.refused(404, "GET", "/nope", "", "nothing at this path")
	d.refused(405, "DELETE", "/tenants", "", "does not know the method")
	if a := d.ask("DELETE", Prefix+"/tenants", ""); a.header.Get("Allow") != "GET, POST" {
		t.Errorf("Allow: %q", a.header.Get("Allow"))
	}
	d.refused(422, "GET", "/tenants?limt=3", "", "limt")
	if a := d.askWith("Bearer "+operatorKey, "text/plain", "POST", Prefix+"/tenants", "{}"); a.status != 415 {
		t.Errorf("text/plain: %d", a.status)
	}
	d.refused(413, "POST", "/tenants", `{"id":"`+strings.Repeat("a", 1<<20)+`"}`, "")
}

// What the operator sent is not repeated in what refuses it: it may be a secret.
func TestRefusalsRepeatNothing(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.opened = errors.New("connection appspace: baseURL is missing")
	for _, body := range []string{
		`{"kind":"appspace","settings":{"token":"s3cret"}}`,
		`{"kind":"appspace","settings":{"token":"s3cret"},"bogus":"s3cret"}`,
		`{"kind":7,"settings":"s3cret"}`,
		`{"kind":"s3cret-s3cret-s3cret-s3cret-s3cret-s3cret-s3cret","settings":{}}`,
		`{"kind":"appspace","settings":{"token":"s3cret"}`,
		`s3cret`,
	} {
		a := d.ask("PUT", Prefix+"/tenants/acme/connections/appspace", body)
		if a.status < 400 || a.status > 499 || strings.Contains(a.text, "s3cret") || strings.Contains(d.log.String(), "s3cret") {
			t.Errorf("%s: %d %s; log %s", body, a.status, a.text, d.log)
		}
	}
}

func TestFaultsOfOurs(t *testing.T) {
	d := newDesk(t)
	d.tenants.fault = errors.New("disk on fire")
	a := d.ask("GET", Prefix+"/tenants/acme", "")
	if a.status != 503 || a.header.Get("Retry-After") == "" || strings.Contains(a.text, "fire") {
		t.Errorf("a store that fails: %d %v %s", a.status, a.header, a.text)
	}
	if !strings.Contains(d.log.String(), "disk on fire") {
		t.Errorf("the log does not know: %s", d.log)
	}
	if a := d.askWith("", "", "GET", "/readyz", ""); a.status != 503 || strings.Contains(a.text, "fire") {
		t.Errorf("readyz: %d %s", a.status, a.text)
	}
	if a := d.askWith("", "", "GET", "/healthz", ""); a.status != 200 {
		t.Errorf("healthz: %d", a.status)
	}
	d.tenants.fault = nil
	if a := d.askWith("", "", "GET", "/readyz", ""); a.status != 200 {
		t.Errorf("readyz afterwards: %d", a.status)
	}
	d.Wake = func(tenant.ID) { panic("a mistake of ours") } // the API must catch it, and answer 503
	d.api(201, "POST", "/tenants", `{"id":"acme"}`)
	if a := d.ask("PATCH", Prefix+"/tenants/acme", `{"displayName":"A"}`); a.status != 503 || strings.Contains(a.text, "mistake") {
		t.Errorf("a panic: %d %s", a.status, a.text)
	}
}
