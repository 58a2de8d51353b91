package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// What is made to try the service is told by its id, owed to nobody for ever, and not
// counted; whoever does not say so is served as ever.
func TestDrillsAreOwedToNobody(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			account, seen, counted, woken := newTenant(), &owing{Store: store}, 0, 0
			account.Connections = []tenant.Connection{{ID: "appspace", Groups: true}}
			h := mounted(&server.Server{
				Store: seen, Accounts: tenants{account.ID: account}, PublicURL: publicURL,
				Answered: func(tenant.ID, int) { counted++ }, Wake: func(tenant.ID) { woken++ },
			})
			send := func(drill, method, path, body string) (id string) {
				r := httptest.NewRequest(method, "/t/"+string(account.ID)+"/identity/scim"+path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+string(account.ID))
				r.Header.Set("Content-Type", "application/scim+json")
				if drill != "" {
					r.Header.Set(scim.DrillHeader, drill)
				}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				var made struct{ ID string }
				if w.Code >= 400 || w.Code != http.StatusNoContent && json.Unmarshal(w.Body.Bytes(), &made) != nil {
					t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
				}
				return made.ID
			}
			id := send("1", "POST", "/Users", userBody)
			send("", "PUT", "/Users/"+id, strings.Replace(userBody, "wire@", "wired@", 1)) // the mark is the resource's
			send("1", "DELETE", "/Users/"+id, "")
			if !scim.IsDrill(id) || counted != 1 || woken != 0 || len(seen.slots) < 3 {
				t.Errorf("id %s, %d counted, woken %d times, %d changes", id, counted, woken, len(seen.slots))
			}
			for i, owed := range seen.slots {
				if len(owed) != 0 {
					t.Errorf("change %d is owed to %v", i, owed)
				}
			}
			if id := send("", "POST", "/Users", userBody); scim.IsDrill(id) || len(seen.slots[len(seen.slots)-1]) != 1 || woken != 1 {
				t.Errorf("a user like any other: %s, owed to %v", id, seen.slots[len(seen.slots)-1])
			}
		})
	}
}
