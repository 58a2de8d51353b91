package server

import (
	"errors"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// A cursor opens for its own tenant and query only, for ten minutes, in every
// process that has the key.
func TestCursor(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	users, groups := scim.Define(nil).Type("User"), scim.Define(nil).Type("Group")
	server := &Server{Sealer: ownKeys()}
	acme := &call{Server: server, tenant: &tenant.Tenant{ID: "acme"}, kind: users}
	asked := query{filter: "title pr", sortBy: "userName"}
	cursor, err := acme.cursorAfter(`["","x"]`, asked, now)
	if err != nil {
		t.Fatal(err)
	}
	asked.cursor, asked.count = &cursor, 7
	for _, c := range []struct {
		name  string
		call  *call
		asked query
		after time.Duration
		want  scim.ErrorType // "": it opens
	}{
		{"at once", acme, asked, 0, ""},
		{"at the last moment", acme, asked, cursorLife - time.Second, ""},
		{"too late", acme, asked, cursorLife, scim.ExpiredCursor},
		{"another tenant", &call{Server: server, tenant: &tenant.Tenant{ID: "acme2"}, kind: users}, asked, 0, scim.InvalidCursor},
		{"another type", &call{Server: server, tenant: acme.tenant, kind: groups}, asked, 0, scim.InvalidCursor},
		{"another key", &call{Server: &Server{Sealer: ownKeys()}, tenant: acme.tenant, kind: users}, asked, 0, scim.InvalidCursor},
		{"another filter", acme, query{cursor: &cursor, filter: "title  pr", sortBy: "userName"}, 0, scim.InvalidCursor},
		{"another order", acme, query{cursor: &cursor, filter: "title pr", sortBy: "userName", descending: true}, 0, scim.InvalidCursor},
	} {
		position, err := c.call.position(c.asked, now.Add(c.after))
		e := new(scim.Error)
		if errors.As(err, &e); e.Type != c.want || c.want == "" && position != `["","x"]` {
			t.Errorf("%s: %q, %v", c.name, position, err)
		}
	}
	for i := range cursor {
		changed := []byte(cursor)
		changed[i] ^= 1
		text := string(changed)
		asked.cursor = &text
		if p, err := acme.position(asked, now); err == nil && p != `["","x"]` {
			t.Errorf("changed at %d: %q", i, p)
		}
	}
}
