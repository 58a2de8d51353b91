package admin

import (
	"fmt"
	"testing"
	"time"

	"scimgate/tenant"
)

// keyed has the desk's Service work with a key file of these lines.
func (d *desk) keyed(lines string) {
	d.Helper()
	keys, err := tenant.LoadKeys([]byte(lines))
	d.must(err)
	d.Resolver.Wait()
	d.Keys, d.Resolver = keys, tenant.NewResolver(d.tenants, keys, time.Now)
}

// The sealing key is replaced while everything goes on; with the old one gone,
// every connection opens and every token that was used is good.
func TestRekey(t *testing.T) {
	d := newDesk(t)
	old, fresh := tenant.GenerateKey(), tenant.GenerateKey()
	d.keyed(old)
	const tenants = 7
	for i := range tenants {
		d.api(201, "POST", "/tenants", fmt.Sprintf(`{"id":"t%d"}`, i))
		for _, c := range []string{"appspace", "second"} {
			d.api(200, "PUT", fmt.Sprintf("/tenants/t%d/connections/%s", i, c), fmt.Sprintf(`{"kind":"appspace","settings":{"token":"%d-%s"}}`, i, c))
		}
	}
	used, unused := d.mint(201, "/tenants/t0/tokens", `{}`), d.mint(201, "/tenants/t1/tokens", `{"label":"spare"}`)
	client := d.api(201, "POST", "/tenants/t2/credentials", `{"kind":"client"}`)
	d.keyed(fresh + "\n" + old)
	_, err := d.Resolver.Authenticate(t.Context(), "t0", "Bearer "+used.Secret)
	d.must(err)
	_, _, err = d.Resolver.Client(t.Context(), "t2", client["id"].(string), client["secret"].(string))
	d.must(err)
	d.Resolver.Wait()
	after, resealed, waiting := "", 0, []any{}
	for range tenants {
		page := d.api(200, "POST", "/rekey", fmt.Sprintf(`{"after":%q,"limit":3}`, after))
		resealed += int(page["resealed"].(float64))
		waiting = append(waiting, page["waiting"].([]any)...)
		if page["after"] == nil {
			break
		}
		after = page["after"].(string)
	}
	if resealed != 2*tenants || len(waiting) != 1 || waiting[0].(map[string]any)["id"] != unused.KeyID {
		t.Errorf("%d sealed anew, waiting %v", resealed, waiting)
	}
	if again := d.api(200, "POST", "/rekey", `{}`); again["resealed"] != 0.0 || again["connections"] != 14.0 {
		t.Errorf("again: %v", again)
	}
	d.keyed(fresh)
	for i := range tenants {
		one, err := d.Tenants.Tenant(t.Context(), tenant.ID(fmt.Sprintf("t%d", i)))
		d.must(err)
		for _, c := range one.Connections {
			text, err := d.Keys.Open(c.Sealed, one.ID, c.Field())
			if err != nil || string(text) != fmt.Sprintf(`{"token":"%d-%s"}`, i, c.ID) {
				t.Errorf("t%d/%s: %s, %v", i, c.ID, text, err)
			}
		}
	}
	_, err = d.Resolver.Authenticate(t.Context(), "t0", "Bearer "+used.Secret)
	d.must(err)
	_, _, err = d.Resolver.Client(t.Context(), "t2", client["id"].(string), client["secret"].(string))
	d.must(err)
	if _, err := d.Resolver.Authenticate(t.Context(), "t1", "Bearer "+unused.Secret); err == nil {
		t.Error("what never moved lives without its key")
	}
}

// A key that is not in the file any more is told, and nothing is changed.
func TestRekeyWithoutTheOldKey(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.keyed(tenant.GenerateKey())
	before := d.stored().Version
	d.refused(422, "POST", "/rekey", `{}`, "acme/appspace: open connections/appspace: sealed with a key that is not in the key file")
	if d.stored().Version != before {
		t.Error("something was changed")
	}
}
