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
// every connection opens and every token that was used is good. Tenants of a build
// without data keys are given theirs.
func TestRekey(t *testing.T) {
	d := newDesk(t)
	old, fresh := tenant.GenerateKey(), tenant.GenerateKey()
	d.keyed(old)
	const tenants, before = 7, 3
	for i := range tenants {
		if i < before {
			d.fromBefore(tenant.ID(fmt.Sprintf("t%d", i)))
		} else {
			d.api(201, "POST", "/tenants", fmt.Sprintf(`{"id":"t%d"}`, i))
		}
		for _, c := range []string{"appspace", "second"} {
			d.api(200, "PUT", fmt.Sprintf("/tenants/t%d/connections/%s", i, c), fmt.Sprintf(`{"kind":"appspace","settings":{"token":"%d-%s"}}`, i, c))
		}
	}
	d.opens(tenants, before)
	used, unused := d.mint(201, "/tenants/t0/tokens", `{}`), d.mint(201, "/tenants/t1/tokens", `{"label":"spare"}`)
	client := d.api(201, "POST", "/tenants/t2/credentials", `{"kind":"client"}`)
	d.keyed(fresh + "\n" + old)
	_, err := d.Resolver.Authenticate(t.Context(), "t0", "Bearer "+used.Secret)
	d.must(err)
	_, _, err = d.Resolver.Client(t.Context(), "t2", client["id"].(string), client["secret"].(string))
	d.must(err)
	d.Resolver.Wait()
	after, dataKeys, resealed, waiting := "", 0, 0, []any{}
	for range tenants {
		page := d.api(200, "POST", "/rekey", fmt.Sprintf(`{"after":%q,"limit":3}`, after))
		dataKeys += int(page["dataKeys"].(float64))
		resealed += int(page["resealed"].(float64))
		waiting = append(waiting, page["waiting"].([]any)...)
		if page["after"] == nil {
			break
		}
		after = page["after"].(string)
	}
	if dataKeys != tenants || resealed != 2*before || len(waiting) != 1 || waiting[0].(map[string]any)["id"] != unused.KeyID {
		t.Errorf("%d data keys and %d connections sealed anew, waiting %v", dataKeys, resealed, waiting)
	}
	if again := d.api(200, "POST", "/rekey", `{}`); again["resealed"] != 0.0 || again["dataKeys"] != 0.0 || again["connections"] != 14.0 {
		t.Errorf("again: %v", again)
	}
	d.keyed(fresh)
	d.opens(tenants, 0)
	_, err = d.Resolver.Authenticate(t.Context(), "t0", "Bearer "+used.Secret)
	d.must(err)
	_, _, err = d.Resolver.Client(t.Context(), "t2", client["id"].(string), client["secret"].(string))
	d.must(err)
	if _, err := d.Resolver.Authenticate(t.Context(), "t1", "Bearer "+unused.Secret); err == nil {
		t.Error("what never moved lives without its key")
	}
}

// fromBefore makes a tenant as a build before data keys did.
func (d *desk) fromBefore(id tenant.ID) {
	d.Helper()
	d.must(d.Tenants.CreateTenant(d.Context(), &tenant.Tenant{ID: id, Created: time.Now()}))
}

// opens requires that all settings open, those of the first few by the key file
// alone: a process of the build before understands them.
func (d *desk) opens(tenants, byKeys int) {
	d.Helper()
	for i := range tenants {
		one, err := d.Tenants.Tenant(d.Context(), tenant.ID(fmt.Sprintf("t%d", i)))
		d.must(err)
		for _, c := range one.Connections {
			text, err := d.Vault().Open(d.Context(), c.Sealed, one.ID, c.Field())
			if err != nil || string(text) != fmt.Sprintf(`{"token":"%d-%s"}`, i, c.ID) {
				d.Errorf("t%d/%s: %s, %v", i, c.ID, text, err)
			}
			if _, err := d.Keys.Open(c.Sealed, one.ID, c.Field()); (err == nil) != (i < byKeys) {
				d.Errorf("t%d/%s by the key file alone: %v", i, c.ID, err)
			}
		}
	}
}

// A key that is not in the file any more is told, and nothing is changed.
func TestRekeyWithoutTheOldKey(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.keyed(tenant.GenerateKey())
	before := d.stored().Version
	d.refused(422, "POST", "/rekey", `{}`, "acme: open dataKey: sealed with a key that is not in the key file")
	if d.stored().Version != before {
		t.Error("something was changed")
	}
}
