package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Two tenants, 16 writers each, 400 users: none gets into the wrong tenant, by
// id, by filter or by list. Both tenants use the same names, so that a look-up
// without its tenant would find the other's.
func TestTenantsNeverMeet(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) { neverMeet(t, store) })
	}
}

func neverMeet(t *testing.T, store directory.Store) {
	t.Helper()
	const writers, each = 16, 25 // 400 users a tenant
	a, b := newTenant(), newTenant()
	server := httptest.NewServer(newHandler(store, a, b))
	defer server.Close()
	clients := []*client{newClient(server, a), newClient(server, b)}
	var wait sync.WaitGroup
	for _, c := range clients {
		for w := range writers {
			wait.Go(func() {
				for i := range each {
					c.create(t, fmt.Sprintf("u%02d-%02d@x.example", w, i))
				}
			})
		}
	}
	wait.Wait()
	for i, c := range clients {
		c.all(t, writers*each)
		other := clients[1-i]
		for name, id := range c.ids {
			c.look(t, name, id)
			other.miss(t, id)
			if sampled(name) {
				other.spare(t, id)
			}
		}
	}
}

// client is one tenant's identity provider.
type client struct {
	http *http.Client
	base string
	id   tenant.ID

	mu  sync.Mutex
	ids map[string]string // userName → id
}

func newClient(s *httptest.Server, t *tenant.Tenant) *client {
	return &client{http: s.Client(), base: s.URL + "/t/" + string(t.ID) + "/identity/scim", id: t.ID, ids: map[string]string{}}
}

type listed struct {
	TotalResults int
	Resources    []user
}

type user struct {
	ID, UserName, DisplayName string
	Meta                      struct{ Location string }
}

// ask sends a request; an answer of another status than wanted fails the test.
func (c *client) ask(t *testing.T, status int, method, path, body string, answer any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return
	}
	r.Header.Set("Authorization", "Bearer "+string(c.id))
	r.Header.Set("Content-Type", "application/scim+json")
	got, err := c.http.Do(r)
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = got.Body.Close() }()
	if got.StatusCode != status {
		t.Errorf("%s %s: %d, not %d", method, path, got.StatusCode, status)
	}
	if err := json.NewDecoder(got.Body).Decode(answer); err != nil {
		t.Errorf("%s %s: %v", method, path, err)
	}
}

// create makes a user that carries its tenant's name.
func (c *client) create(t *testing.T, name string) {
	t.Helper()
	var made user
	c.ask(t, http.StatusCreated, "POST", "/Users", fmt.Sprintf(
		`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":%q,"externalId":%q,"displayName":%q}`, name, name, c.id), &made)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ids[name] = made.ID
}

// all reads the list page by page.
func (c *client) all(t *testing.T, want int) {
	t.Helper()
	seen := map[string]bool{}
	for start := 1; start <= want; start += 150 {
		var page listed
		c.ask(t, http.StatusOK, "GET", fmt.Sprintf("/Users?startIndex=%d&count=150", start), "", &page)
		if page.TotalResults != want {
			t.Errorf("%s has %d users, not %d", c.id, page.TotalResults, want)
		}
		for _, u := range page.Resources {
			c.mine(t, u)
			seen[u.ID] = true
		}
	}
	if len(seen) != want {
		t.Errorf("%s: %d different users are listed, not %d", c.id, len(seen), want)
	}
}

func (c *client) mine(t *testing.T, u user) {
	t.Helper()
	if u.DisplayName != string(c.id) || c.ids[u.UserName] != u.ID || !strings.Contains(u.Meta.Location, "/"+string(c.id)+"/") {
		t.Errorf("%s is shown %+v", c.id, u)
	}
}

// look finds a user by id and by filter.
func (c *client) look(t *testing.T, name, id string) {
	t.Helper()
	var u user
	c.ask(t, http.StatusOK, "GET", "/Users/"+id, "", &u)
	c.mine(t, u)
	attributes := []string{"userName"}
	if sampled(name) {
		attributes = append(attributes, "externalId")
	}
	for _, attribute := range attributes {
		var page listed
		c.ask(t, http.StatusOK, "GET", "/Users?filter="+attribute+"+eq+%22"+name+"%22", "", &page)
		if len(page.Resources) != 1 || page.TotalResults != 1 {
			t.Errorf("%s finds %d users by %s", c.id, page.TotalResults, attribute)
			continue
		}
		c.mine(t, page.Resources[0])
	}
}

// sampled picks one user of each writer for what is dear on a store without
// indexes, such as the stand-in for MongoDB.
func sampled(name string) bool { return strings.HasSuffix(name, "-00@x.example") }

// miss must not find another tenant's user by its id.
func (c *client) miss(t *testing.T, id string) {
	t.Helper()
	var answer struct{ Detail string }
	c.ask(t, http.StatusNotFound, "GET", "/Users/"+id, "", &answer)
}

// spare must not find another tenant's user by a filter nor change it.
func (c *client) spare(t *testing.T, id string) {
	t.Helper()
	var page listed
	c.ask(t, http.StatusOK, "GET", "/Users?filter=id+eq+%22"+id+"%22", "", &page)
	if page.TotalResults != 0 {
		t.Errorf("%s finds another's user by a filter on its id", c.id)
	}
	var answer struct{ Detail string }
	c.ask(t, http.StatusNotFound, "PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`, &answer)
	c.ask(t, http.StatusNotFound, "PUT", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"stolen@x.example"}`, &answer)
	c.ask(t, http.StatusNotFound, "DELETE", "/Users/"+id, "", &answer)
}
