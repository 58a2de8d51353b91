package server_test

import (
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"scimgate/ratelimit"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// Every request whose credential held is told, what was refused and what only reads
// too, without anything that the client wrote but the id of the request.
func TestLines(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			one := newTenant()
			var lines []string
			h := mounted(&server.Server{
				Store: store, Accounts: tenants{one.ID: one}, Limits: ratelimit.NewLocal(), PublicURL: publicURL,
				Tell: func(id tenant.ID, l server.Line) {
					if id != one.ID || l.At.IsZero() || l.Took <= 0 {
						t.Errorf("told of %s: %+v", id, l)
					}
					lines = append(lines, fmt.Sprint(l.Request, " ", l.Method, " ", l.Route, " ", l.Filtered, " ", l.Status, " ", l.Class))
				},
			})
			send := func(id, method, path, token, body string) {
				r := httptest.NewRequest(method, "/t/"+string(one.ID)+"/identity/scim"+path, strings.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Content-Type", "application/scim+json")
				r.Header.Set("Client-Request-Id", id)
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			ana := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ana"}`
			send("r1", "POST", "/Users", string(one.ID), ana)
			send("r2", "POST", "/Users", string(one.ID), ana)
			send("r3", "GET", "/Users?filter=userName+eq+%22ana%22", string(one.ID), "")
			send("r4", "GET", "/Users/secret-id", string(one.ID), "")
			send("r5", "GET", "/Users?filter=nonsense", string(one.ID), "")
			send("r6", "GET", "/Users", "wrong", "")
			want := []string{
				"r1 POST /Users false 201 ", "r2 POST /Users false 409 uniqueness", "r3 GET /Users true 200 ",
				"r4 GET /Users/{id} false 404 ", "r5 GET /Users true 400 invalidFilter",
			}
			if !slices.Equal(lines, want) {
				t.Errorf("told\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
