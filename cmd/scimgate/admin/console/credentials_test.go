package console

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"scimgate/tenant"
)

var madeField = regexp.MustCompile(`id="made-(id|secret|token-url)" value="([^"]+)"`)

// The account administrator makes an OAuth client, moves it to a second secret,
// and ends it.
func TestAnOAuthClientFromThePage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	shown := map[string]string{}
	for _, m := range madeField.FindAllStringSubmatch(b.post("/accounts/acme/credentials", url.Values{"kind": {"client"}, "label": {"Azure"}}).text, -1) {
		shown[m[1]] = m[2]
	}
	if !strings.HasSuffix(shown["token-url"], "/t/acme/oauth2/token") {
		t.Fatalf("shown: %v", shown)
	}
	client := func(secret string) error {
		_, _, err := d.Service.Resolver.Client(t.Context(), "acme", shown["id"], secret)
		return err
	}
	d.must(client(shown["secret"]))
	if strings.Contains(b.get("/accounts/acme/credentials").text, shown["secret"]) {
		t.Error("the secret is shown again")
	}
	base := "/accounts/acme/credentials/" + shown["id"]
	second := madeField.FindAllStringSubmatch(b.post(base+"/secrets", nil).text, -1)
	d.must(client(second[2][2]))
	b.did(base+"/secrets/"+strings.Split(shown["secret"], "_")[1]+"/end", nil, "secretEnded")
	if client(shown["secret"]) == nil || client(second[2][2]) != nil {
		t.Error("the wrong one was ended")
	}
	b.did(base+"/switch", url.Values{"to": {"off"}}, "credentialOff")
	if client(second[2][2]) == nil {
		t.Error("disabled, and still good")
	}
	b.did(base+"/switch", url.Values{"to": {"on"}}, "credentialOn")
	d.must(client(second[2][2]))
	b.did(base+"/delete", nil, "credentialGone")
	if client(second[2][2]) == nil {
		t.Error("deleted, and still good")
	}
}

func TestWhatAzureShowsIsPinnedFromThePage(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	const directory = "11111111-2222-3333-4444-555555555555"
	for _, form := range []url.Values{
		{"kind": {"federated"}, "issuer": {"https://login.microsoftonline.com/" + directory + "/v2.0"}, "subject": {"s"}, "audience": {"api://x"}},
		{"kind": {"entra"}, "tenantId": {directory}, "objectId": {"o"}},
	} {
		if a := b.post("/accounts/acme/credentials", form); a.status != 200 || !strings.Contains(a.text, directory) {
			t.Errorf("%v: %d", form, a.status)
		}
	}
	for _, form := range []url.Values{{"kind": {"entra"}, "tenantId": {"common"}}, {"kind": {"magic"}}, {"kind": {"client"}, "label": {strings.Repeat("x", 300)}}} {
		if a := b.post("/accounts/acme/credentials", form); a.status != 422 {
			t.Errorf("%v: %d", form, a.status)
		}
	}
	all, err := d.Service.Tenants.Credentials(t.Context(), "acme")
	d.must(err)
	kinds := map[tenant.CredentialKind]int{}
	for _, c := range all {
		kinds[c.Kind]++
	}
	if kinds[tenant.FederatedCredential] != 1 || kinds[tenant.EntraCredential] != 1 || len(all) != 3 {
		t.Errorf("kept: %v", kinds)
	}
}
