package admin

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// askIf asks with an If-Match.
func (d *desk) askIf(match, method, path, body string) answered {
	d.Helper()
	req, err := http.NewRequestWithContext(d.Context(), method, d.url+Prefix+path, strings.NewReader(body))
	d.must(err)
	req.Header.Set("Authorization", "Bearer "+operatorKey)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("If-Match", match)
	res, err := http.DefaultClient.Do(req)
	d.must(err)
	d.must(res.Body.Close())
	return answered{res.StatusCode, res.Header, ""}
}

// TestConcurrentChanges has every change of a tenant's document refused that was meant
// for another version, and made if it was meant for this.
func TestConcurrentChanges(t *testing.T) {
	d := newDesk(t)
	d.acme()
	rules := `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`
	for _, c := range []struct{ method, path, body string }{
		{"PATCH", "/tenants/acme", `{"displayName":"A"}`},
		{"PATCH", "/tenants/acme/connections/appspace", `{"paused":true}`},
		{"PATCH", "/tenants/acme/connections/appspace", `{"settings":{"token":"n3xt"}}`}, // two changes, of which one follows
		{"PUT", "/tenants/acme/connections/other", `{"kind":"appspace","settings":{}}`},
		{"DELETE", "/tenants/acme/connections/other", ""},
		{"POST", "/tenants/acme/attributes", `{"property":"desk","type":"String"}`},
		{"PUT", "/tenants/acme/attributes", `{"items":[{"property":"desk","type":"String"},{"property":"floor","type":"String"}]}`},
		{"DELETE", "/tenants/acme/attributes/floor", ""},
		{"PUT", "/tenants/acme/rules/draft", rules},
		{"POST", "/tenants/acme/rules/publish", `{}`},
		{"PUT", "/tenants/acme/rules/draft", rules},
		{"DELETE", "/tenants/acme/rules/draft", ""},
		{"POST", "/tenants/acme/rules/rollback", `{"rev":0}`},
	} {
		before := d.stored().Version
		for _, stale := range []string{`"1"`, `W/"` + d.etagOf() + `"`, "rubbish"} {
			if a := d.askIf(stale, c.method, c.path, c.body); a.status != http.StatusPreconditionFailed || d.stored().Version != before {
				t.Errorf("%s %s if %s: %d", c.method, c.path, stale, a.status)
			}
		}
		if a := d.askIf(`"0", "`+d.etagOf()+`"`, c.method, c.path, c.body); a.status >= 300 || d.stored().Version == before {
			t.Errorf("%s %s: %d", c.method, c.path, a.status)
		}
	}
	if a := d.askIf("*", "PATCH", "/tenants/acme", `{"displayName":"B"}`); a.status != 200 {
		t.Errorf("any version: %d", a.status)
	}
	for _, c := range [][2]string{{"GET", "/tenants/acme"}, {"POST", "/tenants/acme/tokens"}, {"DELETE", "/tenants/acme"}} {
		if a := d.askIf(`"1"`, c[0], c[1], "{}"); a.status != http.StatusBadRequest {
			t.Errorf("%s %s takes an If-Match: %d", c[0], c[1], a.status)
		}
	}
}

// etagOf is the version that every read of the tenant's document tells.
func (d *desk) etagOf() string {
	d.Helper()
	tag := ""
	for _, path := range []string{"", "/connections", "/connections/appspace", "/attributes", "/rules"} {
		a := d.ask("GET", Prefix+"/tenants/acme"+path, "")
		if tag = a.header.Get("ETag"); len(tag) < 3 {
			d.Fatalf("%s has ETag %q", path, tag)
		}
	}
	return strings.Trim(tag, `"`)
}

// What may become long is had by pages, in its own order and whole.
func TestListsByPages(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for range 5 {
		d.api(201, "POST", "/tenants/acme/tokens", `{}`)
		d.api(201, "POST", "/tenants/acme/invites", `{}`)
		d.api(204, "PUT", "/tenants/acme/rules/draft", `{"rules":[{"target":"title","type":"Constant","value":"Staff"}]}`)
		d.api(201, "POST", "/tenants/acme/rules/publish", `{}`)
	}
	for path, id := range map[string]string{"/tokens": "keyId", "/invites": "id", "/rules/versions": "rev"} {
		all := d.idsOf("/tenants/acme"+path, id)
		var paged []string
		for after := ""; len(paged) < 9; after = paged[len(paged)-1] {
			page := d.idsOf("/tenants/acme"+path+"?limit=2&after="+after, id)
			if paged = append(paged, page...); len(page) < 2 {
				break
			}
		}
		if len(all) != 5 || strings.Join(paged, " ") != strings.Join(all, " ") {
			t.Errorf("%s: %v by pages, %v at once", path, paged, all)
		}
	}
}

func (d *desk) idsOf(path, id string) (all []string) {
	d.Helper()
	for _, one := range d.api(200, "GET", path, "")["items"].([]any) {
		all = append(all, fmt.Sprint(one.(map[string]any)[id]))
	}
	return all
}
