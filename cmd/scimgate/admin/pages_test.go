package admin

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// owe makes users whom both of acme's connections are owed.
func (d *desk) owe(n int) {
	d.Helper()
	d.acme()
	d.api(200, "PUT", "/tenants/acme/connections/second", `{"kind":"appspace","settings":{"token":"s3cret"}}`)
	for i := range n {
		id := fmt.Sprintf("u%02d", i)
		r := scim.NewResource("User", id, value.NewObject(value.Member{Name: "userName", Value: value.NewText(id + "@example.com")}))
		d.must(d.Directory.Create(d.Context(), "acme", r, []tenant.Slot{0, 1}))
	}
}

// What is owed, and what would be sent of it, is read page by page over all
// connections, each once and in the order of the whole list.
func TestDeliveriesByPages(t *testing.T) {
	d := newDesk(t)
	d.owe(7)
	for _, path := range []string{"/tenants/acme/deliveries?state=due", "/tenants/acme/deliveries/shadow?values=false"} {
		whole := d.owedOf(d.api(200, "GET", path, ""))
		for limit := 1; limit <= 15; limit++ {
			var paged []string
			for after := ""; ; {
				page := d.api(200, "GET", fmt.Sprintf("%s&limit=%d&after=%s", path, limit, url.QueryEscape(after)), "")
				paged = append(paged, d.owedOf(page)...)
				next, more := page["next"].(string)
				if !more {
					break
				}
				after = next
			}
			if len(whole) != 14 || strings.Join(paged, " ") != strings.Join(whole, " ") {
				t.Errorf("%s in pages of %d: %v, not %v", path, limit, paged, whole)
			}
		}
		for _, bad := range []string{"x", "gone:", "appspace:x", "appspace:1 1 -1"} {
			d.refused(422, "GET", path+"&after="+url.QueryEscape(bad), "", "no position")
		}
	}
	if one := d.owedOf(d.api(200, "GET", "/tenants/acme/deliveries/shadow?connection=second", "")); len(one) != 7 || one[0] != "second/u00" {
		t.Errorf("of one connection: %v", one)
	}
}

func (d *desk) owedOf(page map[string]any) (all []string) {
	d.Helper()
	for _, one := range page["items"].([]any) {
		item := one.(map[string]any)
		all = append(all, fmt.Sprint(item["connection"], "/", item["id"]))
	}
	return all
}

// Who reads on after what is gone is told: beginning again would go round for ever.
func TestPageAfterWhatIsGone(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants/acme/tokens", `{}`)
	for _, list := range []string{"tokens", "invites", "rules/versions"} {
		d.refused(422, "GET", "/tenants/acme/"+list+"?after=gone", "", "begin again")
	}
}

// A list that has no pages says in the document how many it can have.
func TestListsWithoutPagesAreBounded(t *testing.T) {
	d := newDesk(t)
	document := d.api(200, "GET", "/openapi.json", "")
	schemas := document["components"].(map[string]any)["schemas"].(map[string]any)
	lists := 0
	for path, item := range document["paths"].(map[string]any) {
		get, ok := item.(map[string]any)["get"].(map[string]any)
		if !ok || !isList(get, schemas) {
			continue
		}
		lists++
		summary := get["summary"].(string)
		if !strings.Contains(fmt.Sprint(get["parameters"]), "name:after") && !bounded.MatchString(summary) {
			t.Errorf("%s: %q has no pages, and does not say how long it can be", path, summary)
		}
	}
	if lists < 20 {
		t.Errorf("only %d lists found", lists)
	}
}

var bounded = regexp.MustCompile(`\d+ (at most|are kept)|all of them|stands there once|who had it when deleted`)

// isList reports whether an operation answers with items.
func isList(op, schemas map[string]any) bool {
	content, _ := op["responses"].(map[string]any)["200"].(map[string]any)["content"].(map[string]any)
	media, _ := content["application/json"].(map[string]any)
	schema, _ := media["schema"].(map[string]any)
	ref, _ := schema["$ref"].(string)
	of, _ := schemas[ref[strings.LastIndex(ref, "/")+1:]].(map[string]any)
	properties, _ := of["properties"].(map[string]any)
	return properties["items"] != nil || properties["functions"] != nil
}
