package admin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/tenant"
)

// withKey asks with an API key.
func (d *desk) withKey(key, method, path, body string) answered {
	d.Helper()
	return d.askWith("Bearer "+key, "application/json", method, Prefix+path, body)
}

// caller is one column of the matrix of roles.
type caller struct {
	name   string
	body   string                         // that makes the key, as an operator
	path   string                         // where
	tenant string                         // that it is bound to; "" for all
	may    func(method, path string) bool // of what it sees
}

// Who may what is written out here, and not taken from the code that is tried.
var (
	forOperators = []string{
		"POST /tenants", "DELETE /tenants/{tenant}", "DELETE /tenants/{tenant}/connections/{connection}", "POST /rekey",
		"GET /tenants/{tenant}/invites", "POST /tenants/{tenant}/invites", "DELETE /tenants/{tenant}/invites/{id}",
		"GET /keys", "POST /keys", "DELETE /keys/{id}",
	}
	ofNoTenant = []string{"GET /rules.schema.json", "GET /functions"}
)

func readsAll(method, path string) bool {
	return method == "GET" && !slices.Contains(forOperators, method+" "+path)
}

var callers = []caller{
	{"operator", `{"name":"x","role":"operator"}`, "/keys", "", func(string, string) bool { return true }},
	{"support", `{"name":"x","role":"support"}`, "/keys", "", readsAll},
	{"operator of acme", `{"name":"x","role":"operator","tenant":"acme"}`, "/keys", "acme", func(string, string) bool { return true }},
	{"operator of globex", `{"name":"x","role":"operator","tenant":"globex"}`, "/keys", "globex", func(string, string) bool { return true }},
	{"support of globex", `{"name":"x","role":"support","tenant":"globex"}`, "/keys", "globex", readsAll},
	{"administrator", `{"name":"x","role":"administrator"}`, "/tenants/acme/keys", "acme", func(method, path string) bool {
		return !slices.Contains(forOperators, method+" "+path)
	}},
	{"acme's support", `{"name":"x","role":"support"}`, "/tenants/acme/keys", "acme", readsAll},
	{"administrator of globex", `{"name":"x","role":"administrator"}`, "/tenants/globex/keys", "globex", func(method, path string) bool {
		return !slices.Contains(forOperators, method+" "+path)
	}},
}

// wanted is the status that a caller's request is refused with; 0 for none.
func (c caller) wanted(method, path string) int {
	line := method + " " + path
	bound, ofTenant := c.tenant != "", strings.Contains(path, "{tenant}")
	switch {
	case ofTenant && bound && c.tenant != "acme":
		return http.StatusNotFound
	case bound && !ofTenant && !slices.Contains(ofNoTenant, line), !c.may(method, path):
		return http.StatusForbidden
	default:
		return 0
	}
}

// TestWhoMayWhatByKey asks for every operation with a key of every kind. A foreign
// tenant is answered as one that does not exist, to the letter.
func TestWhoMayWhatByKey(t *testing.T) {
	for _, c := range callers {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			d.acme()
			d.api(201, "POST", "/tenants", `{"id":"globex"}`)
			key := d.api(201, "POST", c.path, c.body)["key"].(string)
			asked := 0
			for _, op := range routes {
				path := strings.TrimPrefix(op.path, Prefix)
				want := c.wanted(op.method, path)
				if op.removes && want == 0 {
					continue // it would end the test
				}
				asked++
				d.asks(key, op.method, path, want)
			}
			if asked < 70 {
				t.Errorf("only %d asked", asked)
			}
		})
	}
}

// asks asks for an operation of acme with nothing that it needs, and compares how it
// is refused.
func (d *desk) asks(key, method, path string, want int) {
	d.Helper()
	filled := strings.NewReplacer("{tenant}", "acme", "{connection}", "appspace", "{rev}", "1").Replace(path)
	a := d.withKey(key, method, filled, "")
	switch {
	case want == 0 && (a.status == http.StatusForbidden || a.status == http.StatusUnauthorized || a.status >= 500):
		d.Errorf("%s %s: %d %s", method, path, a.status, a.text)
	case want != 0 && a.status != want:
		d.Errorf("%s %s: got %d, want %d: %s", method, path, a.status, want, a.text)
	case want == http.StatusNotFound:
		none := d.withKey(key, method, strings.Replace(filled, "acme", "nope", 1), "")
		if none.status != a.status || none.text != a.text || len(none.header) != len(a.header) {
			d.Errorf("%s %s: a foreign tenant is told from none:\n%s\n%s", method, path, a.text, none.text)
		}
	}
	if want != 0 && leaksOfAcme(a.text) {
		d.Errorf("%s %s tells %s", method, path, a.text)
	}
}

func leaksOfAcme(text string) bool {
	return strings.Contains(text, "Acme") || strings.Contains(text, "s3cret")
}

func TestKeysOverTheAPI(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	made := d.api(201, "POST", "/tenants/acme/keys", `{"name":"backup","role":"administrator","expiresInDays":7}`)
	secret, id := made["key"].(string), made["id"].(string)
	if a := d.withKey(secret, "GET", "/tenants/acme", ""); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	listed := d.ask("GET", Prefix+"/tenants/acme/keys", "").text
	if !strings.Contains(listed, id) || !strings.Contains(listed, "backup") || !strings.Contains(listed, "lastUsed") ||
		strings.Contains(listed, secret) || strings.Contains(listed, "hash") {
		t.Errorf("listed %s", listed)
	}
	operators := d.api(201, "POST", "/keys", `{"name":"ops","role":"operator","tenant":"acme"}`)["id"].(string)
	if text := d.ask("GET", Prefix+"/tenants/acme/keys", "").text; strings.Contains(text, operators) {
		t.Errorf("an administrator sees the operator's key: %s", text)
	}
	d.refused(404, "DELETE", "/tenants/acme/keys/"+operators, "", "no such")
	d.refused(404, "DELETE", "/tenants/globex/keys/"+id, "", "no such")
	d.refused(404, "POST", "/tenants/nope/keys", `{"name":"x","role":"support"}`, "no such")
	d.refused(404, "POST", "/keys", `{"name":"x","role":"support","tenant":"nope"}`, "no such")
	for _, body := range []string{`{"role":"support"}`, `{"name":"x"}`, `{"name":"x","role":"operator"}`, `{"name":"x","role":"support","expiresInDays":731}`, `{"name":"","role":"support"}`} {
		d.refused(422, "POST", "/tenants/acme/keys", body, "")
	}
	d.refused(422, "POST", "/keys", `{"name":"x","role":"administrator"}`, "role")
	for _, path := range []string{"/tenants/acme/keys/" + id, "/keys/" + operators} {
		d.api(204, "DELETE", path, "")
	}
	if a := d.withKey(secret, "GET", "/tenants/acme", ""); a.status != http.StatusUnauthorized {
		t.Errorf("revoked, and let in: %d", a.status)
	}
	if strings.Contains(d.log.String(), secret) {
		t.Error("the key is in the log")
	}
}

// However many keys the tenants have, an operator can make one.
func TestTenantsDoNotUseUpTheOperatorsKeys(t *testing.T) {
	d := newDesk(t)
	d.acme()
	now := time.Now()
	for i := range mostKeys {
		_, key := tenant.NewAPIKey(d.Keys, "acme", tenant.Support, fmt.Sprint("k", i), now.Add(time.Hour), now)
		d.must(d.Tenants.CreateAPIKey(t.Context(), key))
	}
	d.api(201, "POST", "/keys", `{"name":"ops","role":"operator"}`)
	d.refused(422, "POST", "/tenants/acme/keys", `{"name":"one more","role":"support"}`, "at most")
}

// A tenant's administrators make its keys, no other's, and change no limit.
func TestWhatAnAdministratorsKeyMay(t *testing.T) {
	d := newDesk(t)
	d.acme()
	key := d.api(201, "POST", "/tenants/acme/keys", `{"name":"x","role":"administrator"}`)["key"].(string)
	var made struct{ ID, Author string }
	a := d.withKey(key, "POST", "/tenants/acme/keys", `{"name":"y","role":"support"}`)
	if a.status != 201 || json.Unmarshal([]byte(a.text), &made) != nil || made.Author != "x" {
		t.Errorf("%d %s", a.status, a.text)
	}
	for _, limit := range []string{`"limit":{"rate":9999,"burst":9999}`, `"limits":{"write":{"rate":9999,"burst":9999}}`} {
		if a := d.withKey(key, "PATCH", "/tenants/acme", `{"settings":{`+limit+`}}`); a.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", limit, a.status, a.text)
		}
	}
	if a := d.withKey(key, "PATCH", "/tenants/acme", `{"settings":{"paused":true}}`); a.status != 200 || d.stored().Settings.Limit.Rate == 9999 {
		t.Errorf("paused: %d %s", a.status, a.text)
	}
}

// A store that cannot be asked lets nobody in, and refuses nobody for good.
func TestAKeyThatCannotBeLookedUp(t *testing.T) {
	d := newDesk(t)
	d.tenants.keysFault = errDisk
	a := d.withKey("sa_x", "GET", "/tenants", "")
	if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || strings.Contains(a.text, "fire") {
		t.Errorf("%d %v %s", a.status, a.header, a.text)
	}
	if a := d.ask("GET", Prefix+"/tenants", ""); a.status != 200 {
		t.Errorf("the operator's key: %d", a.status)
	}
}

// An operation that no line of the table has is nobody's.
func TestWhatIsNotInTheTableIsNobodys(t *testing.T) {
	if Nobody.Admits(tenant.Principal{Role: tenant.Operator}, oneTenant) || Audience(99).Admits(tenant.Principal{Role: tenant.Operator}, oneTenant) {
		t.Error("somebody is let in")
	}
}
