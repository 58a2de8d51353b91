package admin

import (
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func TestHeldOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for _, id := range []string{"a", "b", "c"} {
		r := scim.NewResource("User", id, value.NewObject(value.Member{Name: "userName", Value: value.NewText(id)}))
		d.must(d.Directory.Create(t.Context(), "acme", r, []tenant.Slot{0}))
		d.settle(id, 0, directory.Outcome{Retry: &directory.Retry{At: time.Now(), Departure: directory.Withheld}})
	}
	decided := func(verb, body string, want float64) {
		t.Helper()
		if n := d.api(200, "POST", "/tenants/acme/deliveries/"+verb, body)["resources"]; n != want {
			t.Errorf("%s %s: %v, want %v", verb, body, n, want)
		}
	}
	if held := d.api(200, "GET", "/tenants/acme/deliveries?state=held", "")["items"].([]any); len(held) != 3 {
		t.Errorf("held: %v", held)
	}
	d.refused(404, "POST", "/tenants/globex/deliveries/release", `{}`, "no such")
	d.refused(404, "POST", "/tenants/acme/deliveries/discard", `{"connection":"other"}`, "no such")
	d.refused(422, "POST", "/tenants/acme/deliveries/release", `{"ids":[]}`, "ids")
	d.refused(422, "POST", "/tenants/acme/deliveries/release", `{"id":"a"}`, "id")
	decided("release", `{"ids":["a","nobody"],"connection":"appspace"}`, 1)
	decided("discard", `{"ids":["a","b"]}`, 1)
	decided("release", `{}`, 1)
	decided("release", `{}`, 0)
	if len(d.woken) == 0 {
		t.Error("nobody was woken")
	}
}

func TestGuardOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	want := func(body string, want tenant.Guard) {
		t.Helper()
		d.api(200, "PATCH", "/tenants/acme", body)
		if got := d.stored().Settings.Guard; got != want {
			t.Errorf("%s: %+v", body, got)
		}
	}
	want(`{"settings":{"guard":{"least":50}}}`, tenant.Guard{Least: 50})
	want(`{"settings":{"guard":{"percent":5,"off":true}}}`, tenant.Guard{Least: 50, Percent: 5, Off: true})
	want(`{"settings":{"guard":{"least":0,"off":false}}}`, tenant.Guard{Percent: 5})
	want(`{"settings":{"strict":true}}`, tenant.Guard{Percent: 5})
	d.refused(422, "PATCH", "/tenants/acme", `{"settings":{"guard":{"percent":101}}}`, "percent")
	d.refused(422, "PATCH", "/tenants/acme", `{"settings":{"guard":{"least":-1}}}`, "least")
}
