package admin

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"scimgate/tenant"
)

const customer = "11111111-2222-3333-4444-555555555555"

func TestClientsOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	made := d.api(201, "POST", "/tenants/acme/credentials", `{"kind":"client","label":"Azure"}`)
	secret, id := made["secret"].(string), made["id"].(string)
	if made["tokenURL"] != "https://scim.example.com/t/acme/oauth2/token" || made["tokenMinutes"] != 60.0 || len(made["secrets"].([]any)) != 1 {
		t.Errorf("made %v", made)
	}
	path := "/tenants/acme/credentials/" + id
	for _, p := range []string{path, "/tenants/acme/credentials"} {
		if a := d.ask("GET", Prefix+p, ""); strings.Contains(a.text, secret) || strings.Contains(a.text, "hash") || a.status != 200 {
			t.Errorf("%s: %d %s", p, a.status, a.text)
		}
	}
	second := d.api(201, "POST", path+"/secrets", `{"expiresInDays":30}`)["secret"].(string)
	d.refused(422, "POST", path+"/secrets", `{}`, "at most 2 secrets")
	for _, s := range []string{secret, second} {
		c, _, err := d.Resolver.Client(t.Context(), "acme", id, s)
		d.must(err)
		if c.ID != id {
			t.Errorf("got %+v", c)
		}
	}
	first := d.api(200, "GET", path, "")["secrets"].([]any)[0].(map[string]any)["id"].(string)
	d.api(200, "DELETE", path+"/secrets/"+first, "")
	d.refused(404, "DELETE", path+"/secrets/"+first, "", "no such thing")
	if _, _, err := d.Resolver.Client(t.Context(), "acme", id, secret); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("the ended secret: %v", err)
	}
	if got := d.api(200, "PATCH", path, `{"disabled":true,"label":"old","tokenMinutes":360}`); got["disabled"] != true || got["label"] != "old" || got["tokenMinutes"] != 360.0 {
		t.Errorf("changed: %v", got)
	}
	if _, _, err := d.Resolver.Client(t.Context(), "acme", id, second); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("disabled: %v", err)
	}
	foreign := "/tenants/globex/credentials/" + id
	for _, r := range [][3]string{{"GET", foreign, ""}, {"PATCH", foreign, `{}`}, {"DELETE", foreign, ""}, {"POST", foreign + "/secrets", `{}`}, {"DELETE", foreign + "/secrets/x", ""}} {
		d.refused(404, r[0], r[1], r[2], "no such thing")
	}
	d.ask("DELETE", Prefix+path, "")
	d.refused(404, "GET", path, "", "no such thing")
}

// What is pinned is exact, and what is known of Entra is filled in.
func TestWhatAnIssuerMustHaveSigned(t *testing.T) {
	d := newDesk(t)
	d.acme()
	asked := ""
	d.IssuerKeys = func(_ context.Context, url string) error { asked = url; return nil }
	federated := d.api(201, "POST", "/tenants/acme/credentials", `{"kind":"federated","issued":{"issuer":"https://login.microsoftonline.com/`+customer+`/v2.0","subject":"s","audience":"api://app/.default"}}`)
	pins := federated["issued"].(map[string]any)
	if pins["tenantId"] != customer || pins["keys"] != "https://login.microsoftonline.com/"+customer+"/discovery/v2.0/keys" || asked != pins["keys"] ||
		len(pins["audiences"].([]any)) != 2 || pins["audiences"].([]any)[0] != "api://app" || federated["secret"] != nil {
		t.Errorf("federated: %v", federated)
	}
	entra := d.api(201, "POST", "/tenants/acme/credentials", `{"kind":"entra","issued":{"tenantId":"`+customer+`"}}`)
	pins = entra["issued"].(map[string]any)
	if pins["issuer"] != "https://sts.windows.net/"+customer+"/" || pins["keys"] != "https://login.microsoftonline.com/"+customer+"/discovery/keys" ||
		pins["audiences"].([]any)[0] != entraAudience || entra["testing"] != true || entra["tokenURL"] != nil {
		t.Errorf("entra: %v", entra)
	}
	for body, says := range map[string]string{
		`{"kind":"client","issued":{}}`: "a client has a secret",
		`{"kind":"federated"}`:          "say what the issuer",
		`{"kind":"federated","issued":{"issuer":"https://a.example","keys":"https://a.example/keys","audience":"x"}}`:                                        "issued.subject",
		`{"kind":"federated","issued":{"issuer":"https://a.example","subject":"s","audience":"x"}}`:                                                          "issued.keys",
		`{"kind":"federated","issued":{"issuer":"http://a.example","keys":"https://a.example/k","subject":"s","audience":"x"}}`:                              "issued.issuer",
		`{"kind":"federated","issued":{"issuer":"https://a.example","keys":"https://a.example/k","subject":"s"}}`:                                            "issued.audience",
		`{"kind":"federated","issued":{"issuer":"https://login.microsoftonline.com/` + customer + `/v2.0","subject":"s","audience":"x","tenantId":"other"}}`: "another directory",
		`{"kind":"entra","issued":{}}`:                    "issued.tenantId",
		`{"kind":"entra","issued":{"tenantId":"common"}}`: "issued.tenantId",
		`{"kind":"entra","issued":{"tenantId":"` + customer + `","keys":"https://login.microsoftonline.com/common/discovery/keys"}}`: "/common",
		`{"kind":"entra","issued":{"tenantId":"` + customer + `","issuer":"https://sts.windows.net/other/"}}`:                        "another directory",
		`{"kind":"magic"}`: "kind",
	} {
		d.refused(422, "POST", "/tenants/acme/credentials", body, says)
	}
	d.IssuerKeys = func(context.Context, string) error { return errors.New("no route") }
	d.refused(422, "POST", "/tenants/acme/credentials", `{"kind":"entra","issued":{"tenantId":"`+customer+`"}}`, "no route")
	if all, err := d.Tenants.Credentials(t.Context(), "acme"); err != nil || len(all) != 2 {
		t.Errorf("%d credentials, %v", len(all), err)
	}
	d.refused(422, "POST", "/tenants/acme/credentials/"+entra["id"].(string)+"/secrets", `{}`, "no secret")
}

func TestCredentialsAreBounded(t *testing.T) {
	d := newDesk(t)
	d.acme()
	for range MostCredentials {
		d.must(d.Tenants.CreateCredential(t.Context(), tenant.NewCredential("acme", tenant.ClientCredential, "", time.Now())))
	}
	d.refused(422, "POST", "/tenants/acme/credentials", `{"kind":"client"}`, "at most 20")
}
